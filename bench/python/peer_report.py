# SPDX-License-Identifier: BSD-3-Clause
"""The results of bench_peers.py as text and as the page of the documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from peer_goals import Line, duration, percent, sizes
from peer_plan import Cast, Results
from windows import Window

Table = list[list[str]]
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

Written by `{command}`.
Run that to have it of your machine; do not edit this.

{cpus} CPUs ({processor}), Linux {kernel}, Python {python}; {date}; {where}; load before:
{load_before}.

Everything here was measured in one run, contestant after contestant in rounds: this package without
a limit and with its default budget; `jumper-extension` 0.4.1 with the C collector that it takes by
default and with `--monitor thread`; release 0.3.6 where it was there; a loop over psutil that reads
each process once; and a thread that wakes up and does nothing. CPU time is that of all processes of
a contestant, from the kernel's clocks, between two moments of steady state, divided by the samples
that were delivered; of two rounds the cheaper one counts. *N processes* are idle ones of the same
user beside the contestant's own; {strangers} more are another user's, as every machine has some.

## CPU per sample, and share of a core

{costs}

A share at another rate than the one asked for says which. With a budget, samples of what it cannot
afford are light (the process tree only) or left out.

## What was promised

{goals}
"""

READING = """
*Ratio* is the peer's cost divided by ours. The time of a cell's edge is wall time of the thread
that runs the cell, with caches as a cell leaves them, `begin_cell` and `end_cell` of the Python
package included. CPU time found counts the children only. A sample counts as missed when two
neighbours are further apart than one and a half intervals.
"""


def markdown(
    lines: Sequence[Line], cast: Cast, results: Results, facts: Mapping[str, object]
) -> str:
    """The page of the documentation."""
    page = PAGE.format(
        **facts, costs=piped(turned(cost_table(cast, results))), goals=piped(goal_table(lines))
    )
    page += READING
    if results.failures:
        page += "\n## Not measured\n\n" + "".join(f"- {why}\n" for why in results.failures)
    return page
