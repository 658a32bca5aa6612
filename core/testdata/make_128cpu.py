# SPDX-License-Identifier: BSD-3-Clause
"""Writes made-128cpu/proc/stat: a busy node with 128 CPUs, by a rule that a test can check."""

from pathlib import Path

CPUS = 128
INTERRUPTS = 1500


def ticks(cpu: int) -> list[int]:
    """Give user to guest_nice of one CPU; the node's user time comes out past 32 bits."""
    user, nice, system, idle = 40_000_000 + 1000 * cpu, cpu, 2_000_000 + 10 * cpu, 90_000_000 - cpu
    iowait, irq, softirq, steal = 500 + cpu, 0, 70 + cpu, cpu % 3
    return [user, nice, system, idle, iowait, irq, softirq, steal, 0, 0]


def main() -> None:
    """Write the file beside this script."""
    rows = [ticks(cpu) for cpu in range(CPUS)]
    total = [sum(column) for column in zip(*rows, strict=True)]
    counts = [(7 * number) % 1000 for number in range(INTERRUPTS)]
    lines = [
        "cpu  " + " ".join(map(str, total)),
        *(f"cpu{cpu} " + " ".join(map(str, row)) for cpu, row in enumerate(rows)),
        "intr " + " ".join(map(str, [sum(counts), *counts])),
        "ctxt 912345678901",
        "btime 1700000000",
        "processes 45678901",
        "procs_running 129",
        "procs_blocked 2",
        "softirq 10 1 1 1 1 1 1 1 1 1 1",
    ]
    path = Path(__file__).parent / "made-128cpu" / "proc" / "stat"
    path.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
