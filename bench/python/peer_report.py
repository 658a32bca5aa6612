# SPDX-License-Identifier: BSD-3-Clause
"""The results of bench_peers.py as text and as the page of the documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from peer_goals import Line, duration, percent, sizes
from peer_plan import Cast, Results
from windows import Window

Table = list[list[str]]
FACTS = ["cpus", "processor", "kernel", "python", "date", "where", "load_before", "strangers"]
HEAD = ["what", "ours", "peer", "ratio", "goal", "holds"]


def goal_table(lines: Sequence[Line]) -> Table:
    """The lines in columns."""
    rows = [
        [line.what, line.ours, line.peer, line.ratio, line.goal, line.verdict] for line in lines
    ]
    return [HEAD, *rows]


def cost_cell(window: Window | None) -> str:
    """CPU per sample, share of a core, and the rate where it is not the one asked for."""
    if window is None:
        return ""
    if not window.samples:
        return "no sample"
    told = f"{duration(window.per_sample_us)}, {percent(window.core_percent)}"
    if window.light:
        told += f", {window.light / window.samples:.0%} light"
    # The ends of a window lie between samples, more or less.
    if window.samples < 0.95 * window.rate_hz * window.seconds - 0.5:
        told += f", at {window.samples / window.seconds:.3g} Hz"
    return told


def cost_table(cast: Cast, results: Results) -> Table:
    """Everyone at every rate and number of processes."""
    cases = sorted(
        {(window.rate_hz, window.others) for window in results.windows if window.tree == 1}
    )
    table = [["", *[f"{rate:g} Hz, {others} processes" for rate, others in cases]]]
    for subject in cast.all():
        row = [cost_cell(results.window(subject, rate, others)) for rate, others in cases]
        table.append([subject.name, *row])
    return table


def plain(table: Table) -> str:
    """Columns side by side."""
    widths = [max(len(row[at]) for row in table) for at in range(len(table[0]))]
    return "\n".join(
        "  "
        + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    )


def piped(table: Table) -> str:
    """As Markdown has tables."""
    head, *rows = [
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in table
    ]
    return "\n".join([head, "|" + "---|" * len(table[0]), *rows])


def turned(table: Table) -> Table:
    """Columns as rows: there are more cases than a line has room for."""
    return [list(column) for column in zip(*table, strict=True)]


def text(lines: Sequence[Line], cast: Cast, results: Results, facts: Mapping[str, object]) -> str:
    """For a terminal."""
    parts = [
        f"\nCPU per sample and share of a core, {facts['where']}",
        plain(turned(cost_table(cast, results))) if sizes(results) else "  nothing",
        "\nWhat was promised",
        plain(goal_table(lines)),
    ]
    parts += [f"\n  not measured: {failure}" for failure in results.failures]
    broken = sum(line.holds is False for line in lines)
    promised = sum(line.holds is not None for line in lines)
    parts.append(f"\n{promised - broken} of {promised} hold; it took {facts['took_seconds']} s")
    return "\n".join(parts)


PAGE = """\
# What monitoring costs

Measured by `make bench`, written by `bench/python/overhead.py --markdown docs/overhead.md`; do not
edit it. {cpus} CPUs ({processor}), Linux {kernel}, Python {python}; {date}; {where}.

The load of the machine was {load_before} before. It is a virtual one whose speed drifts:
compare the numbers of a line, which were taken in turns, rather than those of two runs.

## What was promised

{goals}

*Ratio* is the peer's number divided by ours. The time of a cell's end is wall time of the thread
that runs the cell, with caches as a cell leaves them, `begin_cell` and `end_cell` of the Python
package included. Samples missed are those due, by the time that passed, less those that there are.
CPU time found counts the children only; that of their monitor is taken off.

## CPU per sample, and share of a core

{costs}

CPU time is that of all processes of a contestant (a collector, its reader and waking up included),
from the kernel's clocks, between two moments of steady state, divided by the samples that were
delivered; where there were rounds, in turns, the middle one. Without a monitor the same programs
used {without_monitor} of a core. *N processes* are idle ones of the same user beside the
contestant's own; {strangers} more are another user's, as every machine has some. A share at another
rate than the one asked for says which. With a budget, samples of what it cannot afford are light
(the process tree only) or left out.

The contestants: this package without a limit and with its default budget; `jumper-extension` 0.4.1
with the C collector that it takes by default and with `--monitor thread`; release 0.3.6; a loop
over psutil that reads each process once; and a thread that wakes up and does nothing.

## The core in a tight loop

`build/bench/bench/jumper_bench`; `full_tick/N` has N children and all processes of its user.
Caches are warm here: a sample that was waited for costs up to three times this.

{hot}
"""


def page(peers: Mapping[str, Any], lines: Sequence[Line], hot: str) -> str:
    """The page of the documentation, of what bench_peers.py left and all lines."""
    used = max((case["core_percent"] for case in peers["without_monitor"]), default=0.0)
    text = PAGE.format(
        **{name: peers[name] for name in FACTS},
        without_monitor=f"{used:.2g} %",
        goals=piped(goal_table(lines)),
        costs=piped(peers["costs"]),
        hot=hot,
    )
    if peers["failures"]:
        text += "\n## Not measured\n\n" + "".join(f"- {why}\n" for why in peers["failures"])
    return text
