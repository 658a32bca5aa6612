#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""How much of the CPU time of short-lived processes the monitor finds.

Each case makes processes of a known kind in a process of its own, with a monitor beside, and
compares what the tree's counter gained with what the processes used: what `wait4` tells of those
that are waited for; of the others what `getrusage` told them as the last thing they did, and what
it costs to end one, which is measured on some that are waited for. Then
the same in a control group that is made for each, where this machine and our rights allow that.
Prints tables; `--markdown FILE` writes them for the docs, `--out DIR` as JSON.
"""

from __future__ import annotations

import argparse
import contextlib
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
from collections.abc import Callable, Iterator
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

    def told(self, slot: int) -> float:
        """Say what stands in a slot."""
        return float(SLOT.unpack_from(self._memory, slot * SLOT.size)[0])

    def wait_for(self, slot: int) -> None:
        """Wait until the process of this slot is at its end."""
        while self.told(slot) == 0:
            time.sleep(0.0005)

    def wait(self) -> float:
        """Wait until every slot is filled; the sum."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            values = [self.told(slot) for slot in range(self._slots)]
            if all(values):
                return sum(values)
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


def ending_cost(count: int = 30) -> float:
    """What the kernel needs to end a process of ours, in seconds: the process cannot see that."""
    board = Board(count)
    costs = []
    for slot in range(count):
        child = os.fork()
        if child == 0:
            work(board, slot, 0.005)
        costs.append(wait(child) - board.told(slot))
    return sum(costs) / count


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
    used = 0.0 if kind == "waited for" else count * ending_cost()
    monitor = Monitor(interval, budget=0)
    # What the parent itself uses is in both ends' difference, too.
    with monitor, monitor.cell(kind):
        before = resource.getrusage(resource.RUSAGE_SELF)
        used += KINDS[kind](board, count, seconds)
        used += board.wait()
        time.sleep(0.05)  # until the last of them is really gone
        after = resource.getrusage(resource.RUSAGE_SELF)
    own = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    own -= monitor.native.stats()["cpu_seconds"]
    found = float(monitor.report().summary()["cpu_seconds"]) - max(own, 0)
    return {"kind": kind, "count": count, "each": seconds, "interval": interval,
            "used": used, "found": found}  # fmt: skip


def group_folder() -> Path | None:
    """The folder of this process's own control group of version 2; None where there is none."""
    lines = Path("/proc/self/cgroup").read_text().splitlines()
    paths = [line.removeprefix("0::") for line in lines if line.startswith("0::")]
    for mount in ("/sys/fs/cgroup", "/sys/fs/cgroup/unified"):
        folder = Path(mount + paths[0]) if paths else Path("/nowhere")
        if (folder / "cgroup.controllers").exists():
            return folder
    return None


@contextlib.contextmanager
def own_group() -> Iterator[Path]:
    """A control group for one case; OSError where we may not make one."""
    folder = group_folder()
    if folder is None:
        message = "no control groups of version 2"
        raise OSError(message)
    group = folder / f"jumper-completeness-{os.getpid()}"
    group.mkdir()
    try:
        yield group
    finally:
        remove(group)


def remove(group: Path) -> None:
    """Remove a control group, when its last process has gone."""
    for _ in range(500):
        with contextlib.suppress(OSError):
            group.rmdir()
            return
        time.sleep(0.01)
    group.rmdir()


def measure_apart(
    case: tuple[str, int, float], interval: float, group: Path | None = None
) -> dict[str, Any]:
    """Run one case in a fresh process."""
    # Orphans are ours, and are gone as soon as they end: an init that waits for them late leaves
    # their clocks to be read until then.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    command = [sys.executable, __file__, "--case", json.dumps([*case, interval])]
    if group is not None:
        command += ["--group", str(group)]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=300, start_new_session=True
    )  # as Jupyter starts its kernels
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def measure_all(grouped: bool) -> list[dict[str, Any]]:
    """Run all cases at all intervals."""
    results = []
    for case in CASES:
        for interval in INTERVALS:
            with own_group() if grouped else contextlib.nullcontext() as group:
                results.append(measure_apart(case, interval, group))
    return results


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
`getrusage` told them as their last act, and what it costs the kernel to end one: that was measured
on children that were waited for (the one millisecond that it is here varies by some percent).

## Anywhere

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

## In a control group of its own

{group_table}

The group's counter has all that was used in it, whatever became of the processes. So where the
tree has a group (version 2, or `cpuacct` of version 1) in which nobody else is, nothing is missing:
a task of a Slurm step that is the notebook or `jumper run`, a container whose command it is, a
service or `systemd-run --user --scope`. There is nothing to be set up or to be turned on for that.

* A group that holds others as well is of no use, for what they use cannot be told from what was
  lost: that of a container in which the notebook's server runs too, or of a terminal with its
  shell. Then the first table holds.
* Who is in the group is looked at whenever its counter is read: with the samples, at most every
  10 ms, and more rarely where that would take more than a thousandth of one core. While somebody
  from outside is in it (`docker exec`), the tree's processes are counted as in the first table;
  what was found before stays. One who comes and goes between two looks is not seen, and what that
  one used is counted.
* Orphans that live are members of the tree, known by their group, with memory and I/O. Not one
  that leads a session of its own and whose parent ended before a sample saw it: that is taken for
  somebody from outside, as long as it lives.
* The group tells CPU time only: of what nobody saw and nobody inherited, the I/O is not found.
  Nor is anything found at the level `user`.
* In a container with control groups of version 1 the group is not used: who is in it from outside
  of the container cannot be seen there.

Without a group the kernel has no total that holds everything without privileges: `perf_event`
counters that children inherit lost 2 to 6 % of the CPU time of waited-for children in our trials,
and slow down every task switch of the user's work.

Made by `{command}` on Linux {kernel}, {cpus} CPUs.
"""


def main() -> int:
    """Measure all cases, or the one asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", help=argparse.SUPPRESS)
    parser.add_argument("--group", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if options.case:
        kind, count, each, interval = json.loads(options.case)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if options.group:
            (options.group / "cgroup.procs").write_text(str(os.getpid()))
        print(json.dumps(measure(kind, count, each, interval)))
        return 0
    results = measure_all(grouped=False)
    lines = table(results)
    print("\n".join(lines))
    try:
        grouped = measure_all(grouped=True)
        group_lines = table(grouped)
    except OSError as error:
        grouped = []
        group_lines = [f"Not measured: {error}."]
    print("\n".join(group_lines))
    if options.markdown:
        text = TEXT.format(table="\n".join(lines), group_table="\n".join(group_lines),
                           command=COMMAND, kernel=platform.release(),
                           cpus=os.cpu_count())  # fmt: skip
        options.markdown.write_text(text)
    if options.out:
        both = {"anywhere": results, "own_group": grouped}
        (options.out / "completeness.json").write_text(json.dumps(both, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
