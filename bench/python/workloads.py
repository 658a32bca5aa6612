# SPDX-License-Identifier: BSD-3-Clause
"""What a cell may do that is hard on a monitor, each with its truth. Standard library only."""

from __future__ import annotations

import ctypes
import math
import mmap
import os
import random
import re
import resource
import threading
import time
from collections.abc import Callable

SPIN_SECONDS = 0.5


def prepare_hold(how: str, seconds: float) -> Callable[[], object]:
    """A call that keeps the interpreter's lock for about that long, without a break."""
    if how == "ctypes":
        return hold_by_ctypes(seconds)
    cpu_seconds = seconds * share_of_a_core()
    return {"regex": hold_by_regex, "sort": hold_by_sort}[how](cpu_seconds)


def share_of_a_core() -> float:
    """How much of one a thread gets now, beside all that runs on this machine."""
    start, cpu_start = time.perf_counter(), time.thread_time()
    while time.perf_counter() < start + SPIN_SECONDS:
        pass
    return (time.thread_time() - cpu_start) / (time.perf_counter() - start)


def hold_by_regex(seconds: float) -> Callable[[], object]:
    """A pattern that goes through all ways to split a row of letters; one call for many rows."""
    pattern = re.compile(r"(?:a+)+b")
    row = "a" * 16 + "c"
    start = time.thread_time()
    pattern.findall(row * 4)
    rows = max(1, round(4 * seconds / (time.thread_time() - start)))
    text = row * rows
    return lambda: pattern.findall(text)


def nested(depth: int) -> object:
    """Equal to every other one of its depth, and as slow to compare as 2 to the depth numbers."""
    value: object = (1.5,)
    for _ in range(depth):
        value = (value, value)
    return value


def hold_by_sort(seconds: float) -> Callable[[], object]:
    """Sorts a list whose items differ in their last part only."""

    def items(count: int) -> list[tuple[object, float]]:
        return [(nested(10), random.random()) for _ in range(count)]  # noqa: S311 - no secret

    trial = items(128)
    start = time.thread_time()
    trial.sort()
    trials = seconds / (time.thread_time() - start)
    # The time grows as n log n does.
    count = 128
    while count * math.log2(count) < trials * 128 * 7:
        count += count // 16
    return items(count).sort


def hold_by_ctypes(seconds: float) -> Callable[[], object]:
    """A C function that was called without releasing the lock, and waits."""
    sleep = ctypes.PyDLL(None).sleep
    return lambda: sleep(max(1, round(seconds)))


def children_cpu_seconds() -> float:
    """CPU time of all children that were waited for so far."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run_child(cpu_seconds: float) -> None:
    """Start a child that computes for that long, and wait for it."""
    pid = os.fork()
    if pid == 0:
        until = time.process_time() + cpu_seconds
        while time.process_time() < until:
            pass
        os._exit(0)
    os.waitpid(pid, 0)


def short_children(count: int, cpu_seconds: float) -> float:
    """Children one after the other that compute for that long; the CPU time all of them used."""
    before = children_cpu_seconds()
    for _ in range(count):
        run_child(cpu_seconds)
    return children_cpu_seconds() - before


def child_of_a_thread(cpu_seconds: float) -> float:
    """A child of a thread that is not the first, as thread pools have; the CPU time it used."""
    before = children_cpu_seconds()
    thread = threading.Thread(target=run_child, args=(cpu_seconds,))
    thread.start()
    thread.join()
    return children_cpu_seconds() - before


def resident_bytes() -> int:
    """Resident memory of this process."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def memory_spike(size: int, seconds: float) -> int:
    """Have that much more memory for a moment; the resident memory there was then."""
    before = resident_bytes()
    populate = getattr(mmap, "MAP_POPULATE", 0x8000)
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | populate)
    time.sleep(seconds)
    memory.close()
    return before + size
