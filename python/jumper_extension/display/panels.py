# SPDX-License-Identifier: BSD-3-Clause
"""Choosing the panels of a plot by the names of their metrics."""

from collections.abc import Sequence

from jumper_extension.mistakes import unknown
from jumper_extension.native import NativePlot


def choose(metrics: str | Sequence[str]) -> list[str]:
    """The panels for metrics in a list or in a comma-separated text, each once, in that order.

    JumperError for a name that is not known.
    """
    names = metrics.split(",") if isinstance(metrics, str) else metrics
    panels = NativePlot.panels()
    by_name = {name: key for key, aliases in panels for name in (key, *aliases)}
    chosen: dict[str, None] = {}
    for name in (str(name).strip() for name in names):
        if name not in by_name:
            raise unknown("metric", name, [key for key, _ in panels])
        chosen[by_name[name]] = None
    if not chosen:
        raise unknown("metric", "", [key for key, _ in panels])
    return list(chosen)
