#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""How much of the CPU time of short-lived processes the monitor finds.

Each case makes processes of a known kind in a process of its own, with a monitor beside, and
compares what the tree's counter gained with what the processes used: what `wait4` tells of those
that are waited for, and of the others what `getrusage` told them as the last thing they did.
Prints a table; `--markdown FILE` writes it for the docs, `--out DIR` as JSON.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import mmap
import os
import platform
import resource
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
SLOT = struct.Struct("d")
COMMAND = "python bench/python/bench_completeness.py --markdown docs/completeness.md"


class Board:
    """Where processes that nobody waits for leave what they used."""

    def __init__(self, slots: int) -> None:
        self._memory = mmap.mmap(-1, slots * SLOT.size)
        self._slots = slots

    def leave(self, slot: int) -> None:
        """Note the CPU time of this process in its slot."""
        usage = resource.getrusage(resource.RUSAGE_SELF)
        SLOT.pack_into(self._memory, slot * SLOT.size, usage.ru_utime + usage.ru_stime)

    def put(self, slot: int, seconds: float) -> None:
        """Note what `wait4` told of a process: it knows of its start and end, too."""
        SLOT.pack_into(self._memory, slot * SLOT.size, seconds)

    def wait_for(self, slot: int) -> None:
        """Wait until the process of this slot is at its end."""
        while SLOT.unpack_from(self._memory, slot * SLOT.size)[0] == 0:
            time.sleep(0.0005)

    def wait(self) -> float:
        """Wait until every slot is filled; the sum."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            values = [
                SLOT.unpack_from(self._memory, slot * SLOT.size)[0] for slot in range(self._slots)
            ]
            if all(values):
                return float(sum(values))
            time.sleep(0.02)
        raise TimeoutError("a process did not end")


def burn(seconds: float) -> None:
    """Use this much CPU time."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def work(board: Board, slot: int, seconds: float) -> None:
    """Be the process that is to be found; ends it."""
    burn(seconds)
    board.leave(slot)
    os._exit(0)


def wait(child: int) -> float:
    """Wait for a child; what it used, its start and its end included."""
    usage = os.wait4(child, 0)[2]
    return usage.ru_utime + usage.ru_stime


def waited(board: Board, count: int, seconds: float) -> float:
    """Children that the parent waits for."""
    for slot in range(count):
        child = os.fork()
        if child == 0:
            work(board, slot, seconds)
        board.put(slot, wait(child))
    return 0


def ignored(board: Board, count: int, seconds: float) -> float:
    """Children of a parent that ignores their end: the kernel drops what they used."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for slot in range(count):
        child = os.fork()
        if child == 0:
            work(board, slot, seconds)
        try:
            os.waitpid(child, 0)
        except ChildProcessError:
            continue
    return 0


def orphaned(board: Board, count: int, seconds: float) -> float:
    """Grandchildren whose parent ends at once (a daemon's double fork)."""
    used = 0.0
    for slot in range(count):
        child = os.fork()
        if child == 0:
            if os.fork() == 0:
                work(board, slot, seconds)
            os._exit(0)
        used += wait(child)
        board.wait_for(slot)  # one after the other, or each would live as long as all of them
    return used


def lingering(board: Board, count: int, seconds: float) -> float:
    """Grandchildren whose parent lives a while, and then ends."""
    used = 0.0
    for slot in range(count):
        child = os.fork()
        if child == 0:
            if os.fork() == 0:
                work(board, slot, seconds)
            time.sleep(0.3)
            os._exit(0)
        used += wait(child)
    return used


KINDS: dict[str, Callable[[Board, int, float], float]] = {
    "waited for": waited,
    "ended while SIGCHLD was ignored": ignored,
    "orphaned at once (double fork)": orphaned,
    "orphaned after 0.3 s": lingering,
}
# Kind, number of processes, CPU seconds of each.
CASES = [
    ("waited for", 500, 0.005),
    ("waited for", 20, 0.1),
    ("ended while SIGCHLD was ignored", 200, 0.005),
    ("ended while SIGCHLD was ignored", 10, 0.5),
    ("orphaned at once (double fork)", 200, 0.005),
    ("orphaned at once (double fork)", 10, 0.5),
    ("orphaned after 0.3 s", 10, 0.5),
]
INTERVALS = [1.0, 0.1, 0.01]


def measure(kind: str, count: int, seconds: float, interval: float) -> dict[str, Any]:
    """Run one case in this process."""
    from jumper_extension import Monitor

    board = Board(count)
    monitor = Monitor(interval, budget=0)
    # What the parent itself uses is in both ends' difference, too.
    with monitor, monitor.cell(kind):
        before = resource.getrusage(resource.RUSAGE_SELF)
        used = KINDS[kind](board, count, seconds)
        used += board.wait()
        time.sleep(0.05)  # until the last of them is really gone
        after = resource.getrusage(resource.RUSAGE_SELF)
    own = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    own -= monitor.native.stats()["cpu_seconds"]
    found = float(monitor.report().summary()["cpu_seconds"]) - max(own, 0)
    return {"kind": kind, "count": count, "each": seconds, "interval": interval,
            "used": used, "found": found}  # fmt: skip


def measure_apart(case: tuple[str, int, float], interval: float) -> dict[str, Any]:
    """Run one case in a fresh process."""
    # Orphans are ours, and are gone as soon as they end: an init that waits for them late leaves
    # their clocks to be read until then.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    command = [sys.executable, __file__, "--case", json.dumps([*case, interval])]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=300, start_new_session=True
    )  # as Jupyter starts its kernels
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def table(results: list[dict[str, Any]]) -> list[str]:
    """Markdown: a row per case, a column per interval."""
    lines = [
        "| processes | CPU time of each | "
        + " | ".join(f"every {i:g} s" for i in INTERVALS)
        + " |",
        "|---|---|" + "---|" * len(INTERVALS),
    ]
    for kind, count, each in CASES:
        shares = {
            result["interval"]: f"{result['found'] / result['used']:.1%}"
            for result in results
            if (result["kind"], result["count"], result["each"]) == (kind, count, each)
        }
        cells = [shares[interval] for interval in INTERVALS]
        lines.append(f"| {count} {kind} | {each * 1000:g} ms | " + " | ".join(cells) + " |")
    return lines


TEXT = """# What is found of short-lived processes

Share of the CPU time of the processes which the monitor has at the level `process`, by the interval
it samples at. The truth is what `wait4` tells of children that are waited for; of the others, what
`getrusage` told them as their last act. More than 100 % is the kernel's own work to end a process,
which the process itself cannot see.

{table}

* Waited for: the parent inherits what the child used, to the nanosecond, and the monitor reads it
  there. The interval does not matter.
* Where the parent ignores SIGCHLD the kernel drops what the child used when it ends: found is what
  it had used at the last sample it lived to see.
* An orphan is known by its session where a process of the tree founded that, as a Jupyter kernel
  does its own: then it counts from its start up to the last sample it lived to see. What a shell
  started belongs to the shell's session, and so does IPython in a terminal: there an orphan is
  found only where a sample saw it before its parent ended. One that was seen once stays in the
  tree, whoever adopts it.
* Not found, therefore: orphans and children of parents that ignore SIGCHLD which begin and end
  between two samples, the rest of those that end, and orphans that found a session of their own
  between two samples.

The kernel has no total that holds those, too, without privileges. A cgroup's counters do, where
the notebook has a cgroup to itself, which it rarely has; and `perf_event` counters that children
inherit lost 2 to 6 % of the CPU time of waited-for children in our trials, and slow down every
task switch of the user's work.

Made by `{command}` on Linux {kernel}, {cpus} CPUs.
"""


def main() -> int:
    """Measure all cases, or the one asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", help=argparse.SUPPRESS)
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if options.case:
        kind, count, each, interval = json.loads(options.case)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        print(json.dumps(measure(kind, count, each, interval)))
        return 0
    results = [measure_apart(case, interval) for case in CASES for interval in INTERVALS]
    lines = table(results)
    print("\n".join(lines))
    if options.markdown:
        text = TEXT.format(table="\n".join(lines), command=COMMAND,
                           kernel=platform.release(), cpus=os.cpu_count())  # fmt: skip
        options.markdown.write_text(text)
    if options.out:
        (options.out / "completeness.json").write_text(json.dumps(results, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
