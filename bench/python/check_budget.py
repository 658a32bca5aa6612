#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Fails when a tick has become dearer: instructions and system calls against bench/budget.json.

Counted, not timed, so that it says the same on a busy machine: valgrind runs `tick_cost` for K and
for 2 K ticks, and the difference is K steady ticks. That needs no privileges and no ptrace. Exit
status: 0 within the budget, 1 dearer, 2 nothing could be counted.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
BUDGET = HERE.parent / "budget.json"
SLACK = 1.10
# A multiple of twenty: what is done every two seconds at 10 Hz is in both halves.
TICKS = 100
# Processes of the tree, and others of the same user.
SIZES = [(1, 0), (10, 0), (10, 200), (100, 0)]
CASES = [(tree, others, kind) for tree, others in SIZES for kind in ("light", "full")]
CASES.append((10, 0, "cell"))
NAMES = {"light": "light tick", "full": "full tick", "cell": "both ends of a cell"}
UPDATE = "make bench-budget BENCH_ARGS=--update"

INSTRUCTIONS = re.compile(r"Collected : (\d+)")
# Of the first thread, without futexes: how often the sampling thread is woken for nothing is a
# matter of luck. A call that may block leaves its line open for the next call, of any thread, and
# is told about again at its end, without its name.
SYSTEM_CALL = re.compile(r"SYSCALL\[\d+,1\]\(\s*\d+\)\s+(?:\w+:)?sys_(?!futex)(\w+)")


class CountError(Exception):
    """Nothing could be counted; the message says why."""


@dataclass(frozen=True)
class Count:
    """What a program did from its start to its end."""

    instructions: int
    system_calls: Counter[str]


def count(program: Path, tree: int, others: int, kind: str, ticks: int) -> Count:
    """Run it under valgrind."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    command += ["--trace-syscalls=yes", str(program), str(tree), str(others), kind, str(ticks)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, errors="replace")
    collected = INSTRUCTIONS.search(done.stderr)
    if done.returncode != 0 or collected is None:
        lines = [line for line in done.stderr.splitlines() if not line.startswith("SYSCALL")]
        raise CountError("\n".join(lines[-5:]) or f"valgrind ended with {done.returncode}")
    return Count(int(collected.group(1)), Counter(SYSTEM_CALL.findall(done.stderr)))


def count_ticks(program: Path, tree: int, others: int, kind: str) -> dict[str, Any]:
    """Instructions and system calls of one steady tick."""
    once = count(program, tree, others, kind, TICKS)
    twice = count(program, tree, others, kind, 2 * TICKS)
    calls = {
        name: round((calls - once.system_calls[name]) / TICKS, 1)
        for name, calls in sorted(twice.system_calls.items())
        if calls != once.system_calls[name]
    }
    return {
        "instructions": round((twice.instructions - once.instructions) / TICKS),
        "system_calls": round(sum(calls.values()), 1),
        "by_name": calls,
    }


def compiler_of(program: Path) -> str:
    """Which compiler made it: the number of instructions is of its making, too."""
    done = subprocess.run([program, "--compiler"], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def measure(program: Path, jobs: int) -> dict[str, Any]:
    """All cases."""
    if shutil.which("valgrind") is None:
        raise CountError("there is no valgrind: apt-get install valgrind")
    if not program.exists():
        raise CountError(f"{program.name} is not built: tools/build_cpp.sh bench")
    with ThreadPoolExecutor(jobs) as pool:
        counted = pool.map(lambda case: count_ticks(program, *case), CASES)
        ticks = {
            f"{NAMES[kind]}, tree of {tree}, {others} others": result
            for (tree, others, kind), result in zip(CASES, counted, strict=True)
        }
    return {"made_by": UPDATE, "compiler": compiler_of(program), "ticks": ticks}


def compare(budget: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Prints a line for each number; gives what is dearer than it may be."""
    same_compiler = budget["compiler"] == now["compiler"]
    if not same_compiler:
        print(
            f"The budget was made with {budget['compiler']}, this build with {now['compiler']}: "
            "instructions are shown, and not compared."
        )
    dearer = []
    cheaper = 0
    print(f"{'':40}{'instructions':>14}{'budget':>10}{'':8}{'system calls':>14}{'budget':>10}")
    for name, tick in now["ticks"].items():
        old = budget["ticks"].get(name)
        if old is None:
            dearer.append(f"{name} is not in the budget")
            continue
        line = f"{name:40}"
        for kind, is_compared in (("instructions", same_compiler), ("system_calls", True)):
            change = tick[kind] / old[kind] - 1
            line += f"{tick[kind]:14g}{old[kind]:10g}{change:+8.1%}"
            cheaper += is_compared and tick[kind] * SLACK < old[kind]
            if is_compared and tick[kind] > old[kind] * SLACK:
                what = kind.replace("_", " ")
                dearer.append(f"{name}: {tick[kind]:g} {what}, {change:+.0%}{new_calls(old, tick)}")
        print(line)
    if cheaper:
        print(
            f"{cheaper} of these are cheaper than the budget by more than {SLACK - 1:.0%}: {UPDATE}"
        )
    return dearer


def new_calls(old: dict[str, Any], new: dict[str, Any]) -> str:
    """Which system calls there are more of."""
    more = [
        f"{name} {old['by_name'].get(name, 0):g} -> {calls:g}"
        for name, calls in new["by_name"].items()
        if calls > old["by_name"].get(name, 0)
    ]
    return f" ({', '.join(more)})" if more else ""


def main(arguments: list[str]) -> int:
    """Count and compare, or count and write the budget."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--program",
        type=Path,
        default=Path("build/bench/bench/tick_cost"),
        help="the built program",
    )
    parser.add_argument("--update", action="store_true", help="make what is measured the budget")
    parser.add_argument("--jobs", type=int, default=2, help="how many to run at a time")
    options = parser.parse_args(arguments)
    try:
        now = measure(options.program.absolute(), options.jobs)
    except CountError as error:
        print(f"check_budget: {error}", file=sys.stderr)
        return 2
    if options.update or not BUDGET.exists():
        BUDGET.write_text(json.dumps(now, indent=2) + "\n", encoding="utf-8")
        print(f"wrote {BUDGET.relative_to(HERE.parent.parent)}")
        return 0
    dearer = compare(json.loads(BUDGET.read_text(encoding="utf-8")), now)
    if not dearer:
        return 0
    print(f"\nA tick became dearer by more than {SLACK - 1:.0%}:", *dearer, sep="\n  ")
    print(f"If it has to be: {UPDATE}")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
