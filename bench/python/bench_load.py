#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What ``%load_ext`` costs in a fresh IPython, beside an extension that does nothing.

Each round starts one process for each subject, so that all see the same state of the machine.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

from subjects import Subject, clean_environment, report, subjects

CODE = """
import time
start = time.perf_counter()
get_ipython().run_line_magic("load_ext", "{extension}")
print("\\nmilliseconds", (time.perf_counter() - start) * 1000)
"""


def load_once(subject: Subject, environment: dict[str, str]) -> tuple[float, float]:
    """The time of ``%load_ext`` itself and of the whole process, in milliseconds."""
    code = CODE.format(extension=subject.extension)
    command = [subject.python, "-m", "IPython", "--no-banner", "--colors=NoColor", "-c", code]
    start = time.perf_counter()
    done = subprocess.run(
        command,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    whole = (time.perf_counter() - start) * 1000
    lines = [line for line in done.stdout.splitlines() if line.startswith("milliseconds ")]
    if len(lines) != 1:
        message = f"{subject.name}: loading failed:\n{done.stdout}{done.stderr}"
        raise RuntimeError(message)
    return float(lines[0].split()[1]), whole


def main(arguments: list[str]) -> int:
    """Measure, print the tables, keep them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--peer-python", help="the interpreter of the peer's environment")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--out", type=Path, default=Path("out/bench"))
    options = parser.parse_args(arguments)
    measured = subjects(options.peer_python)
    loads: dict[str, list[float]] = {subject.name: [] for subject in measured}
    wholes: dict[str, list[float]] = {subject.name: [] for subject in measured}
    with clean_environment() as environment:
        for number in range(options.runs + 1):
            for subject in measured:
                load, whole = load_once(subject, environment)
                # The first round fills caches and makes byte code.
                if number > 0:
                    loads[subject.name].append(load)
                    wholes[subject.name].append(whole)
            print(f"\r  round {number} of {options.runs}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    report("%load_ext in a fresh IPython", "ms", loads, measured, options.out / "load.json")
    report(
        "the whole process: start, load, end", "ms", wholes, measured, options.out / "process.json"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
