#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""How often the memory forecast and --oom-guard are wrong on notebooks that fit their memory.

Every notebook is run with --oom-guard: without a limit, and within control groups whose limits are
a little above what it needs. So whatever is said or interrupted is a false alarm. Prints a table.
Needs to be allowed to make control groups.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import KernelManager

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from memory_group import MemoryGroup, memory_group

MB = 2**20
NO_LIMIT = 2**50
# Of what the notebook uses at most.
LIMITS = (None, 4.0, 2.0, 1.5, 1.25, 1.1)
# Looks at the forecast twenty times a second, and remembers the cells in which there was one.
WATCH = """
import threading as _threading, time as _time
_warned = {}
def _watch():
    native = get_ipython()._jumper_extension.service.monitor.native
    while True:
        if native.cell_open and native.memory_warning:
            _warned.setdefault(native.cell_count, native.memory_warning)
        _time.sleep(0.05)
_threading.Thread(target=_watch, daemon=True).start()
"""


@dataclass
class Outcome:
    """What happened to a notebook."""

    cells: int = 0
    warned: int = 0
    interrupted: int = 0
    failed: int = 0
    killed: bool = False
    peak_bytes: int = 0


class Run:
    """A kernel within a control group."""

    def __init__(self, group: MemoryGroup, folder: str) -> None:
        """Start it."""
        self.manager = KernelManager(kernel_name="python3")
        python = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec = self.manager.kernel_spec
        if spec is None:
            raise RuntimeError("there is no python3 kernel")
        spec.argv = group.command(*python)
        self.manager.start_kernel(cwd=folder, env=os.environ | {"IPYTHONDIR": folder})
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def __call__(self, source: str, stored: bool = True) -> tuple[dict[str, Any], str]:
        """Execute; the reply and what was printed."""
        printed: list[str] = []

        def keep(message: dict[str, Any]) -> None:
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        reply = self.client.execute_interactive(
            source, store_history=stored, timeout=300, output_hook=keep, allow_stdin=False
        )
        return reply["content"], "".join(printed)

    def end(self) -> None:
        """End it."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def run(notebook: Path, group: MemoryGroup) -> Outcome:
    """Run a notebook in the group, with the guard."""
    outcome = Outcome()
    cells = [c.source for c in nbformat.read(notebook, as_version=4).cells if c.cell_type == "code"]
    with tempfile.TemporaryDirectory() as folder:
        kernel = Run(group, folder)
        try:
            for source in cells:
                lines = [
                    f"{line} --oom-guard" if line.startswith("%perfmonitor_start") else line
                    for line in source.splitlines()
                ]
                reply, printed = kernel("\n".join(lines))
                outcome.cells += 1
                outcome.interrupted += printed.count("interrupted by --oom-guard")
                outcome.failed += reply["status"] != "ok"
                if "%load_ext jumper_extension" in source:
                    kernel(WATCH, stored=False)
            _, warned = kernel("print(len(_warned))", stored=False)
            outcome.warned = int(warned)
        except (RuntimeError, TimeoutError):
            outcome.killed = True
        finally:
            kernel.end()
    return outcome


def measure(notebook: Path, share: float | None, peak_bytes: int) -> Outcome:
    """Run it with a limit of so much of its peak."""
    limit = NO_LIMIT if share is None else int(share * peak_bytes)
    with memory_group(NO_LIMIT) as group:
        if share is not None:
            group.limit(limit)
        outcome = run(notebook, group)
        outcome.peak_bytes = group.peak_bytes()
        outcome.killed = outcome.killed or group.oom_kills() > 0
    return outcome


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "notebooks", nargs="*", type=Path, default=sorted(Path("examples").glob("*.ipynb"))
    )
    parser.add_argument("--repeats", type=int, default=1)
    arguments = parser.parse_args()
    print("| limit | cells | with a forecast | interrupted | failed | killed |")
    print("|---|---|---|---|---|---|")
    peaks: dict[Path, int] = {}
    for share in LIMITS:
        total = Outcome()
        killed = 0
        for notebook in arguments.notebooks * arguments.repeats:
            begin = time.monotonic()
            outcome = measure(notebook, share, peaks.get(notebook, 0))
            if share is None:
                peaks[notebook] = max(peaks.get(notebook, 0), outcome.peak_bytes)
            print(
                share, notebook.name, outcome, f"{time.monotonic() - begin:.0f} s", file=sys.stderr
            )
            total.cells += outcome.cells
            total.warned += outcome.warned
            total.interrupted += outcome.interrupted
            total.failed += outcome.failed
            killed += outcome.killed
        name = "none" if share is None else f"{share:g} times the peak"
        counts = (total.cells, total.warned, total.interrupted, total.failed, killed)
        print("|", name, "|", " | ".join(map(str, counts)), "|", flush=True)


if __name__ == "__main__":
    main()
