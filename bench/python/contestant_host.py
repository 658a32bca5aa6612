# SPDX-License-Identifier: BSD-3-Clause
"""Runs in a measured environment: a process with a monitor in it that is told what to do.

    contestant_host.py ours|default|thread|release03|psutil

Commands are lines of words on standard input, each answered with one line of JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise

import workloads
from monitors import Monitor, make_monitor
from process_tree import process_cpu_seconds, with_descendants

Answer = dict[str, object]


def scheduling() -> Answer:
    """The nice value and the scheduling policy of this process."""
    names = {os.SCHED_OTHER: "OTHER", os.SCHED_BATCH: "BATCH", os.SCHED_IDLE: "IDLE"}
    policy = os.sched_getscheduler(0)
    return {"nice": os.getpriority(os.PRIO_PROCESS, 0), "policy": names.get(policy, str(policy))}


class Host:
    """One contestant's process."""

    def __init__(self, kind: str) -> None:
        self._monitor: Monitor = make_monitor(kind)
        self._interval = 1.0
        self._idle: subprocess.Popen[str] | None = None

    def start(self, interval: str, budget_percent: str = "0") -> Answer:
        """Start the monitor; the CPU time it may use counts for ours only, 0 is no limit."""
        self._interval = float(interval)
        self._monitor.start(self._interval, float(budget_percent))
        return {}

    def count(self) -> Answer:
        """The samples so far, and what the monitor itself says of them."""
        return dict(self._monitor.counts())

    def stop(self) -> Answer:
        """Stop the monitor."""
        self._monitor.stop()
        return {}

    def scheduling(self) -> Answer:
        """The nice value and the scheduling policy now."""
        return scheduling()

    def tree(self, idle_processes: str, processes: str) -> Answer:
        """Make this process the root of a tree of that many, itself and the helper included."""
        if self._idle is not None:
            self._idle.communicate()
            self._idle = None
        if int(processes) > 1:
            self._idle = subprocess.Popen(
                [idle_processes], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            if self._idle.stdin is None or self._idle.stdout is None:
                raise RuntimeError("no pipes")
            self._idle.stdin.write(f"{int(processes) - 2}\n")
            self._idle.stdin.flush()
            self._idle.stdout.readline()
        return {"processes": len(with_descendants(os.getpid()))}

    def hold(self, how: str, seconds: str) -> Answer:
        """Hold the interpreter's lock; how many samples are missing then."""
        block = workloads.prepare_hold(how, float(seconds))
        time.sleep(max(0.3, 2 * self._interval))
        start = time.perf_counter()
        block()
        end = time.perf_counter()
        # What was taken but not handed over yet gets its time.
        time.sleep(max(1.0, 2 * self._interval))
        times = [at for at in self._monitor.samples().times if start - 10 <= at]
        gaps = [
            after - before for before, after in pairwise(times) if after >= start and before <= end
        ]
        # A late sample leaves a long gap and a short one, so that only all of them together tell.
        due = round(sum(gaps) / self._interval)
        return {
            "asked_seconds": float(seconds),
            "held_seconds": end - start,
            "expected": round((end - start) / self._interval),
            "missed": max(0, due - len(gaps)) if gaps else round((end - start) / self._interval),
            "longest_gap_seconds": max(gaps, default=end - start),
        }

    def storm(self, children: str, cpu_milliseconds: str) -> Answer:
        """Start short children one after the other; how much of their CPU time was found."""
        seconds = float(cpu_milliseconds) / 1000
        return self._found(lambda: workloads.short_children(int(children), seconds))

    def thread_child(self, cpu_seconds: str) -> Answer:
        """Start a child in another thread than the first; how much of its CPU time was found."""
        return self._found(lambda: workloads.child_of_a_thread(float(cpu_seconds)))

    def _found(self, run_children: Callable[[], float]) -> Answer:
        """How much is found of the CPU time that children have used."""
        time.sleep(max(0.3, 1.2 * self._interval))
        own_cpu_seconds = self._own_clock()
        own_before = own_cpu_seconds()
        start = time.perf_counter()
        truth = run_children()
        end = time.perf_counter()
        time.sleep(max(0.3, 1.2 * self._interval))
        own = own_cpu_seconds() - own_before
        samples = self._monitor.samples()
        at_start = max(i for i, at in enumerate(samples.times) if at <= start)
        seen = samples.cpu_seconds[-1] - samples.cpu_seconds[at_start]
        return {
            "truth_seconds": truth,
            "found_seconds": max(0.0, seen - own),
            "own_seconds": own,
            "took_seconds": end - start,
        }

    def _own_clock(self) -> Callable[[], float]:
        """What a monitor finds when there are no children: with its own work, if it counts that."""
        if self._monitor.leaves_itself_out:
            return time.thread_time  # all that runs here but the monitor
        pids = with_descendants(os.getpid())
        return lambda: sum(map(process_cpu_seconds, pids))

    def spike(self, mebibytes: str, milliseconds: str) -> Answer:
        """Fill memory for a moment in the middle of a cell; what the largest is said to be."""
        self._monitor.begin_cell()
        time.sleep(0.35)
        start = time.perf_counter()
        truth = workloads.memory_spike(int(mebibytes) << 20, float(milliseconds) / 1000)
        took = time.perf_counter() - start
        time.sleep(0.35)
        self._monitor.end_cell()
        return {
            "truth_bytes": truth,
            "found_bytes": self._monitor.cell_peak_bytes(),
            "took_seconds": took,
        }

    def edges(self, cells: str) -> Answer:
        """How long beginning and ending a cell takes on this thread, in microseconds each."""
        begins, ends = [], []
        for _ in range(int(cells)):
            time.sleep(0.05)
            before = time.perf_counter_ns()
            self._monitor.begin_cell()
            begins.append((time.perf_counter_ns() - before) / 1000)
            time.sleep(0.01)
            before = time.perf_counter_ns()
            self._monitor.end_cell()
            ends.append((time.perf_counter_ns() - before) / 1000)
        return {"begin_us": begins, "end_us": ends}


def main(kind: str) -> None:
    """Answer commands until standard input ends."""
    # What a monitor prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    host = Host(kind)
    commands: dict[str, Callable[..., Answer]] = {
        "start": host.start,
        "count": host.count,
        "stop": host.stop,
        "scheduling": host.scheduling,
        "tree": host.tree,
        "hold": host.hold,
        "storm": host.storm,
        "thread_child": host.thread_child,
        "spike": host.spike,
        "edges": host.edges,
    }

    def answer(content: Answer) -> None:
        answers.write(json.dumps(content) + "\n")
        answers.flush()

    answer({"ready": True})
    for line in sys.stdin:
        name, *words = line.split()
        answer(commands[name](*words))


if __name__ == "__main__":
    main(sys.argv[1])
