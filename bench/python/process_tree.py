# SPDX-License-Identifier: BSD-3-Clause
"""CPU time of a process and all below it, from the clocks that the kernel keeps.

Imports nothing but the standard library: it runs in every measured environment.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def process_cpu_seconds(pid: int) -> float:
    """CPU time of all threads of a process, to the nanosecond; 0 when there is none (any more)."""
    try:
        # What clock_getcpuclockid(3) makes of a pid.
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0


def stat_fields(pid: int) -> list[str]:
    """The fields of ``/proc/PID/stat`` from the state on; empty when there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []


def reaped_cpu_seconds(pid: int) -> float:
    """CPU time of the children that a process has waited for, in ticks of 10 ms."""
    fields = stat_fields(pid)
    return (int(fields[13]) + int(fields[14])) / TICKS_PER_SECOND if fields else 0.0


def cpu_seconds_of(pids: Iterable[int]) -> float:
    """CPU time so far of these processes, and of those they have waited for."""
    return sum(process_cpu_seconds(pid) + reaped_cpu_seconds(pid) for pid in pids)


def all_pids() -> list[int]:
    """Every process that /proc shows."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def with_descendants(root: int) -> list[int]:
    """A process and all below it."""
    children: dict[int, list[int]] = {}
    for pid in all_pids():
        fields = stat_fields(pid)
        if fields:
            children.setdefault(int(fields[1]), []).append(pid)
    found = [root]
    for pid in found:
        found.extend(children.get(pid, []))
    return found
