#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A machine with GPUs that has none: a shared library that answers like NVIDIA's.

It is built with the C++ tests (``make test-cpp``), and does what a text file says, whose language
is told at the top of ``core/testing/fake_nvml/fake_nvml.cpp``. To try it::

    tools/fake_gpus.py -- jupyter lab
    tools/fake_gpus.py --scenario cards.txt -- ipython
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "build" / "dev" / "core" / "fake_nvml" / "libnvidia-ml.so.1"
EIGHT_CARDS = ROOT / "core" / "testing" / "fake_nvml" / "eight_cards.txt"


def variables(scenario: Path) -> dict[str, str]:
    """What a process needs in its environment to find the cards of a scenario."""
    if not LIBRARY.exists():
        message = f"the fake driver's library is not built: no {LIBRARY}; run make test-cpp"
        raise FileNotFoundError(message)
    before = os.environ.get("LD_LIBRARY_PATH", "")
    return {
        "LD_LIBRARY_PATH": f"{LIBRARY.parent}:{before}".rstrip(":"),
        "FAKE_NVML": str(scenario.resolve()),
    }


def main() -> int:
    """Run a command on a machine with such cards; its exit status is ours."""
    parser = argparse.ArgumentParser(description="run a command on a machine with fake GPUs")
    parser.add_argument("--scenario", type=Path, default=EIGHT_CARDS, help="a text file")
    parser.add_argument("command", nargs="+", metavar="COMMAND", help="after --")
    arguments = parser.parse_args()
    try:
        environment = os.environ | variables(arguments.scenario)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    return subprocess.run(arguments.command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
