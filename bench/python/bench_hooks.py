#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What a running monitor adds to an empty cell, in an IPython shell and in a kernel.

A process for each subject in each round; a round's value is the median of its cells. In a kernel
the time is the kernel's own, from taking up a request to its reply, without the way there and back.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
from subjects import EMPTY, HERE, Subject, clean_environment, report, subjects

WARM_UP = 30
TIMEOUT_SECONDS = 60


def in_shell(subject: Subject, environment: dict[str, str], cells: int) -> float:
    """The median time of a cell in an IPython shell, in microseconds."""
    command = [subject.python, str(HERE / "measure_cells.py"), subject.extension, str(cells)]
    done = subprocess.run(
        command,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    elapsed: list[float] = json.loads(done.stdout.splitlines()[-1])
    return statistics.median(elapsed)


class Kernel:
    """An IPython kernel of an environment, and a client of it."""

    def __init__(self, python: str, environment: dict[str, str]) -> None:
        self._manager = KernelManager()
        self._manager._kernel_spec = KernelSpec(  # noqa: SLF001 - a spec of no installed kernel
            argv=[python, "-m", "ipykernel_launcher", "-f", "{connection_file}"], language="python"
        )
        self._manager.start_kernel(
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=TIMEOUT_SECONDS)

    def execute(self, code: str) -> float:
        """Run a cell to its end; gives the kernel's own time for it in microseconds."""
        request = self._client.execute(code)
        while True:
            reply: dict[str, Any] = self._client.get_shell_msg(timeout=TIMEOUT_SECONDS)
            if reply["parent_header"].get("msg_id") == request:
                break
        if reply["content"]["status"] != "ok":
            message = f"{code}: {reply['content']}"
            raise RuntimeError(message)
        self._drain(request)
        started = reply["metadata"]["started"]
        if isinstance(started, str):
            started = datetime.fromisoformat(started)
        return float((reply["header"]["date"] - started).total_seconds() * 1e6)

    def _drain(self, request: str) -> None:
        """Read what the cell sent, up to its end: the kernel is idle when the next one comes."""
        while True:
            message = self._client.get_iopub_msg(timeout=TIMEOUT_SECONDS)
            if (
                message["parent_header"].get("msg_id") == request
                and message["msg_type"] == "status"
                and message["content"]["execution_state"] == "idle"
            ):
                return

    def close(self) -> None:
        """End the kernel."""
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


def in_kernel(subject: Subject, environment: dict[str, str], cells: int) -> float:
    """The median time of a cell in an IPython kernel, in microseconds."""
    kernel = Kernel(subject.python, environment)
    try:
        kernel.execute(f"%load_ext {subject.extension}")
        if subject.extension != EMPTY:
            kernel.execute("%perfmonitor_start 1.0")
        elapsed = [kernel.execute("pass") for _ in range(WARM_UP + cells)]
        if subject.extension != EMPTY:
            # The peer's collector, a process of its own, would outlive a kernel that is killed.
            kernel.execute("%perfmonitor_stop")
        return statistics.median(elapsed[WARM_UP:])
    finally:
        kernel.close()


def main(arguments: list[str]) -> int:
    """Measure, print the tables, keep them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--peer-python", help="the interpreter of the peer's environment")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--cells", type=int, default=300)
    parser.add_argument("--out", type=Path, default=Path("out/bench"))
    options = parser.parse_args(arguments)
    measured = subjects(options.peer_python)
    places: list[tuple[str, str, Callable[[Subject, dict[str, str], int], float]]] = [
        ("shell", "an empty cell in an IPython shell, monitor running", in_shell),
        ("kernel", "an empty cell in an IPython kernel, monitor running", in_kernel),
    ]
    for place, title, measure in places:
        times: dict[str, list[float]] = {subject.name: [] for subject in measured}
        with clean_environment() as environment:
            for number in range(options.rounds):
                for subject in measured:
                    times[subject.name].append(measure(subject, environment, options.cells))
                print(
                    f"\r  {place}: round {number + 1} of {options.rounds}",
                    end="",
                    file=sys.stderr,
                    flush=True,
                )
        print(file=sys.stderr)
        report(title, "us", times, measured, options.out / f"hooks_{place}.json")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
