# SPDX-License-Identifier: BSD-3-Clause
"""Writes made-128cpu/proc/stat: what a busy node with 128 CPUs shows, by a rule a test can check."""

from pathlib import Path

CPUS = 128
INTERRUPTS = 1500
NAMES = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest", "guest_nice")


def ticks(cpu: int) -> list[int]:
    # Large enough that the whole node's user time is past 32 bits.
    return [40_000_000 + 1000 * cpu, cpu, 2_000_000 + 10 * cpu, 90_000_000 - cpu, 500 + cpu, 0, 70 + cpu, cpu % 3, 0, 0]


def main() -> None:
    rows = [ticks(cpu) for cpu in range(CPUS)]
    total = [sum(column) for column in zip(*rows, strict=True)]
    assert len(total) == len(NAMES)
    lines = ["cpu  " + " ".join(map(str, total))]
    lines += [f"cpu{cpu} " + " ".join(map(str, row)) for cpu, row in enumerate(rows)]
    counts = [(7 * number) % 1000 for number in range(INTERRUPTS)]
    lines += ["intr " + " ".join(map(str, [sum(counts), *counts]))]
    lines += ["ctxt 912345678901", "btime 1700000000", "processes 45678901"]
    lines += ["procs_running 129", "procs_blocked 2", "softirq 10 1 1 1 1 1 1 1 1 1 1"]
    path = Path(__file__).parent / "made-128cpu" / "proc" / "stat"
    path.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
