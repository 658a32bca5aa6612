# SPDX-License-Identifier: BSD-3-Clause
"""Choosing the panels of a plot by the names of their metrics."""

from collections.abc import Sequence

from jumper_extension.mistakes import unknown
from jumper_extension.native import JumperError, NativePlot


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
            raise _unknown(name, [key for key, _ in panels])
        chosen[by_name[name]] = None
    if not chosen:
        raise _unknown("", [key for key, _ in panels])
    return list(chosen)


def _unknown(name: str, known: Sequence[str]) -> JumperError:
    if name.startswith("gpu"):  # one that the Python JUmPER has
        return JumperError(
            f"no GPU metric is measured by this version: choose from {', '.join(known)}"
        )
    return unknown("metric", name, known)
