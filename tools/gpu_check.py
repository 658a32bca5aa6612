#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Loads the first GPU with what is known, and compares that with what JUmPER measures of it.

    tools/gpu_check.py                  # half a minute; the JUmPER that is installed is checked
    tools/gpu_check.py --seconds 20     # longer loads, steadier means

The loads come from PyTorch, else CuPy, else the driver's own library (tools/gpu_loads.py): a matrix
product, a copy within the card's memory, memory taken and given back, and nothing. A second
process, idle, has the card open beside this one and monitors itself: what it is told to use of the
card has to be nothing.

Prints one line per check. Status 0: all that could be judged passed. 1: something did not. 2: there
is nothing to check here, no GPU or no monitor.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

from gpu_loads import Loads, NoGpuError, find_loads
from gpu_verdicts import (
    Samples,
    Span,
    Verdict,
    at_least,
    at_most,
    close_to,
    exit_status,
    growth,
    integral,
    line_of,
    mean,
    samples_of,
    value_at,
)

PASSED, NOTHING_TO_CHECK = 0, 2
RAMP_S = 2.0  # a driver's utilization is an average over up to this long
PAUSE_S = 4.0
ALLOCATED = 512 * 2**20
COPIED = 256 * 2**20
EDGE_S = 0.05  # so near to a cell's edge its reading has to be
MIB = 2**20

UTILIZATION = "gpu_utilization_ratio"
BANDWIDTH = "gpu_memory_bandwidth_utilization_ratio"
MEMORY = "gpu_memory_used_bytes"
ENERGY = "gpu_energy_joules_total"
POWER = "gpu_power_watts"
ACTIVE = "gpu_sm_active_ratio"
DRAM = "gpu_dram_active_ratio"
METRICS = (UTILIZATION, BANDWIDTH, MEMORY, ENERGY, POWER, ACTIVE, DRAM)
IN_PERCENT = frozenset({UTILIZATION, BANDWIDTH, ACTIVE, DRAM})
LEVELS = ("process", "system")

Series = Mapping[tuple[str, str], Samples]


@dataclass(frozen=True)
class Course:
    """When what was done, on the samples' clock."""

    idle: Span
    compute: Span
    copy: Span
    allocate: Span  # the cell that takes the memory; it is kept for longer
    kept: Span
    given_back: Span


def same_place(left: str, right: str) -> bool:
    """Whether two addresses on the bus are one: some write the domain with four more digits."""
    domains = [address.lower().partition(":") for address in (left, right)]
    return bool(left and right) and all(
        a.lstrip("0") == b.lstrip("0") for a, b in zip(domains[0], domains[1], strict=True)
    )


def card_number(cards: Sequence[Mapping[str, Any]], bus_id: str) -> int | None:
    """The number of the card at that address; that of the only card, where there is one."""
    for number, card in enumerate(cards):
        if same_place(str(card.get("bus_id", "")), bus_id):
            return number
    return 0 if len(cards) == 1 else None


def series_of(table: Any, card: int) -> dict[tuple[str, str], Samples]:
    """All series of one card: (level, metric) to samples; shares in percent."""
    times = [ns / 1e9 for ns in table.column("time_ns")]
    found: dict[tuple[str, str], Samples] = {}
    names = set(table.names)
    for level in LEVELS:
        for metric in METRICS:
            name = f"{level}/{metric}/{card}"
            if name not in names:
                continue
            factor = 100.0 if metric in IN_PERCENT else 1.0
            values = [float(value) * factor for value in table.column(name)]
            found[level, metric] = samples_of(times, values)
    return found


def judge_busy(own: Series, course: Course) -> list[Verdict]:
    """The whole card, loaded and idle."""
    card = {metric: own.get(("system", metric), []) for metric in METRICS}
    loaded = course.compute.without_ramps(RAMP_S)
    copying = course.copy.without_ramps(RAMP_S)
    idle = course.idle.without_ramps(RAMP_S)
    return [
        at_least("utilization of the card, computing", mean(card[UTILIZATION], loaded), 90),
        at_most("utilization of the card, idle", mean(card[UTILIZATION], idle), 10),
        at_least("memory bandwidth of the card, copying", mean(card[BANDWIDTH], copying), 30),
        at_most("memory bandwidth of the card, idle", mean(card[BANDWIDTH], idle), 10),
        at_least("multiprocessors active, computing", mean(card[ACTIVE], loaded), 80),
        at_least("memory bandwidth used (GPM), copying", mean(card[DRAM], copying), 30),
    ]


def judge_processes(own: Series, other: Series, course: Course) -> list[Verdict]:
    """The work is this process's, and not that of an idle one beside it."""
    loaded = course.compute.without_ramps(RAMP_S)

    def of(series: Series, level: str) -> float | None:
        return mean(series.get((level, UTILIZATION), []), loaded)

    return [
        at_least("utilization by this process, computing", of(own, "process"), 80),
        at_least("the idle process sees the card busy", of(other, "system"), 90),
        at_most("utilization by the idle process", of(other, "process"), 5),
    ]


def judge_memory(own: Series, course: Course) -> list[Verdict]:
    """What was taken is seen, at the edges of a cell of a tenth of a second, and given back."""
    wanted = ALLOCATED / MIB
    verdicts = []
    for level, whose in (("process", "this process"), ("system", "the card")):
        memory = own.get((level, MEMORY), [])

        def change(begin: float | None, end: float | None) -> float | None:
            return None if begin is None or end is None else (end - begin) / MIB

        edges = [
            value_at(memory, at, EDGE_S) for at in (course.allocate.begin, course.allocate.end)
        ]
        kept = mean(memory, course.kept)
        left = mean(memory, course.given_back.without_ramps(RAMP_S))
        room = 64.0  # contexts and stores of the runtime come and go
        verdicts += [
            close_to(
                f"memory of {whose} over the cell",
                change(*edges),
                wanted,
                share=0.05,
                unit="MiB",
                room=room,
            ),
            close_to(
                f"memory of {whose} given back",
                change(left, kept),
                wanted,
                share=0.05,
                unit="MiB",
                room=room,
            ),
        ]
    return verdicts


def judge_energy(own: Series, course: Course) -> list[Verdict]:
    """The counter of energy against the power, and both readings at the edges of the cell."""
    energy = own.get(("system", ENERGY), [])
    power = own.get(("system", POWER), [])
    loaded = course.compute.without_ramps(RAMP_S)
    verdicts = [
        close_to(
            "energy, against power times time",
            growth(energy, loaded),
            integral(power, loaded),
            share=0.15,
            unit="J",
            room=5,
        )
    ]
    for name, at in (("begin", course.compute.begin), ("end", course.compute.end)):
        distances = [abs(sample[0] - at) for sample in energy]
        nearest = min(distances) * 1e3 if distances else None
        what = f"energy was read at the cell's {name}, off by"
        verdicts.append(at_most(what, nearest, EDGE_S * 1e3, "ms"))
    return verdicts


def judge(own: Series, other: Series, course: Course) -> list[Verdict]:
    """Every check."""
    return [
        *judge_busy(own, course),
        *judge_processes(own, other, course),
        *judge_memory(own, course),
        *judge_energy(own, course),
    ]


def timed(action: Any, *arguments: Any) -> tuple[Span, Any]:
    """When it was done, and what it gave."""
    begin = time.perf_counter()
    result = action(*arguments)
    return Span(begin, time.perf_counter()), result


def take_memory(loads: Loads) -> Any:
    """Take it, and a moment more: edges that follow each other at once share a reading."""
    give_back = loads.allocate(ALLOCATED)
    time.sleep(2 * EDGE_S)
    return give_back


def run_course(monitor: Any, loads: Loads, seconds: float) -> Course:
    """All loads, each in a cell of its own."""
    loads.compute(0.5)  # compiles, and fills the runtime's stores
    loads.copy(0.1, COPIED)
    idle, _ = timed(time.sleep, PAUSE_S + RAMP_S)
    with monitor.cell("compute"):
        compute, operations = timed(loads.compute, seconds)
    time.sleep(RAMP_S)
    with monitor.cell("copy"):
        copy, copied = timed(loads.copy, seconds, COPIED)
    time.sleep(RAMP_S)
    with monitor.cell("allocate"):
        allocate, give_back = timed(take_memory, loads)
    kept, _ = timed(time.sleep, PAUSE_S)
    give_back()
    given_back, _ = timed(time.sleep, PAUSE_S + RAMP_S)
    if operations is not None:
        rate = operations / (compute.end - compute.begin) / 1e12
        print(f"     computed {rate:.2f} Tflop/s")
    print(f"     copied {copied / (copy.end - copy.begin) / 1e9:.1f} GB/s within the card's memory")
    return Course(idle, compute, copy, allocate, kept, given_back)


def cards_of(monitor: Any) -> list[Mapping[str, Any]]:
    """What the monitor says of the cards, in the order of their numbers."""
    cards = monitor.native.resources().get("gpus")
    return list(cards) if isinstance(cards, list) else []


def find_card(monitor: Any, table: Any, bus_id: str) -> int | None:
    """The loaded card's number in the columns; None where there is no such card.

    Where the place of the card is not known, to the load or to the monitor, it is the first.
    """
    cards = cards_of(monitor)
    if cards and bus_id:
        return card_number(cards, bus_id)
    prefix = f"system/{MEMORY}/"
    numbers = [int(name.removeprefix(prefix)) for name in table.names if name.startswith(prefix)]
    return min(numbers, default=None)


def watch(loads: Loads, orders: IO[str], answers: IO[str]) -> int:
    """The idle process: has the card open, monitors itself, and tells what it was told."""
    from jumper_extension.monitor import Monitor

    give_back = loads.allocate(16 * MIB)
    monitor = Monitor(interval=0.5)
    monitor.start()
    print("ready", file=answers, flush=True)
    orders.readline()
    monitor.stop()
    table = monitor.samples()
    card = find_card(monitor, table, loads.bus_id)
    series = {} if card is None else series_of(table, card)
    told = [[level, metric, list(samples)] for (level, metric), samples in series.items()]
    print(json.dumps(told), file=answers, flush=True)
    give_back()
    return PASSED


class Watcher:
    """The other process, as a context."""

    def __init__(self, program: Path) -> None:
        self._program = program

    def __enter__(self) -> Self:
        """Start it, and wait until it monitors."""
        self._process = subprocess.Popen(
            [sys.executable, str(self._program), "--watch"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._output().readline()
        return self

    def _output(self) -> IO[str]:
        if self._process.stdout is None:
            raise AssertionError
        return self._process.stdout

    def tell(self) -> Series:
        """What it measured; nothing where it failed."""
        if self._process.poll() is None and self._process.stdin is not None:
            self._process.stdin.write("tell\n")
            self._process.stdin.flush()
        line = self._output().readline()
        told = json.loads(line) if line else []
        return {(level, metric): [(t, v) for t, v in samples] for level, metric, samples in told}

    def __exit__(self, *_: object) -> None:
        """End it."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def nothing(why: str) -> int:
    """One line, and the status that says so."""
    print(f"[JUmPER]: nothing to check: {why}")
    return NOTHING_TO_CHECK


def check(loads: Loads, seconds: float, card: int | None, program: Path) -> int:
    """Run it all, and print what came out. `program --watch` is the idle process."""
    from jumper_extension.monitor import Monitor

    print(f"     {loads.name}, {loads.bus_id or 'place on the bus not known'}")
    with Watcher(program) as watcher:
        monitor = Monitor(interval=0.5)
        monitor.start()
        time.sleep(1)  # the cards are known by then, where the driver is loaded
        course = run_course(monitor, loads, seconds)
        monitor.stop()
        other = watcher.tell()
    table = monitor.samples()
    if card is None:
        card = find_card(monitor, table, loads.bus_id)
    if card is None:
        print("FAIL the monitor measures no such card")
        return 1
    verdicts = judge(series_of(table, card), other, course)
    for verdict in verdicts:
        print(line_of(verdict))
    return exit_status(verdicts)


def main(arguments: list[str]) -> int:
    """Check, and return the status."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n\n")[0],
    )
    parser.add_argument("--seconds", type=float, default=8.0, help="how long each load lasts")
    parser.add_argument("--card", type=int, help="the card's number in JUmPER's columns")
    parser.add_argument("--watch", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    try:
        loads = find_loads()
    except NoGpuError as error:
        return nothing(f"no GPU ({error})")
    if importlib.util.find_spec("jumper_extension") is None:
        return nothing("jumper_extension is not installed for this Python")
    if options.watch:
        return watch(loads, sys.stdin, sys.stdout)
    return check(loads, options.seconds, options.card, Path(__file__).resolve())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
