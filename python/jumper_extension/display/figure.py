# SPDX-License-Identifier: BSD-3-Clause
"""Draws panels over time with the cells shaded. matplotlib's Figure, never pyplot's state."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from jumper_extension.display import series
from jumper_extension.display.panels import Panel, Shape
from jumper_extension.display.plot_data import PlotData

_WIDTH_INCHES = 9.0
_PANEL_INCHES = 1.5
_LINES = ("#0072b2", "#d55e00")
_CELL_COLOURS = ("#dfe7f1", "#eef2f8")
_FAILED_COLOUR = "#f6d9d5"
_INK = "#44505c"
_MAX_LABELS = 40


def draw(panels: Sequence[Panel], data: PlotData) -> Figure:
    """A figure with one panel below the other, on one time axis."""
    height = 0.9 + _PANEL_INCHES * len(panels)
    figure = Figure(figsize=(_WIDTH_INCHES, height), layout="constrained", facecolor="white")
    axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axis, panel in zip(axes, panels, strict=True):
        _dress(axis, panel)
        _shade_cells(axis, data)
        _draw_curves(axis, panel, data)
    _label_cells(axes[0], data)
    axes[0].set_title(data.title, fontsize=11, loc="left", pad=18, color=_INK)
    axes[-1].set_xlabel("seconds since monitoring started", color=_INK)
    axes[-1].set_xlim(*data.limits)
    return figure


def _dress(axis: Axes, panel: Panel) -> None:
    axis.set_ylabel(panel.title, color=_INK)
    axis.tick_params(colors=_INK, labelsize=8)
    axis.grid(axis="y", color="#d5dbe1", linewidth=0.6)
    axis.set_axisbelow(True)
    axis.spines[["top", "right"]].set_visible(False)


def _shade_cells(axis: Axes, data: PlotData) -> None:
    spans = [(cell.start, cell.end - cell.start) for cell in data.cells]
    colours = [_FAILED_COLOUR if c.failed else _CELL_COLOURS[c.index % 2] for c in data.cells]
    across = axis.get_xaxis_transform()
    axis.broken_barh(spans, (0, 1), facecolors=colours, transform=across, zorder=0)


def _draw_curves(axis: Axes, panel: Panel, data: PlotData) -> None:
    time = data.columns["time"]
    measured = False
    top = 0.0
    for curve, colour in zip(panel.curves, _LINES, strict=False):
        values = data.columns.get(curve.column)
        if values is None or np.isnan(values).all():
            continue
        measured = True
        if curve.shape is Shape.GAUGE:
            x, y = series.thinned(time, values)
            axis.plot(x, y, color=colour, linewidth=1.3, label=curve.label)
        else:
            total = values if curve.shape is Shape.TOTAL else series.accumulated(time, values)
            edges, y = series.mean_rates(time, total)
            axis.stairs(y, edges, color=colour, linewidth=1.3, label=curve.label)
            if len(panel.curves) == 1:
                axis.stairs(np.nan_to_num(y), edges, fill=True, color=colour, alpha=0.25)
        top = max(top, float(np.nanmax(y)) if np.isfinite(y).any() else 0.0)
    if not measured:
        axis.text(0.5, 0.5, "not measured", transform=axis.transAxes, ha="center", color=_INK)
    if panel.key == "memory" and data.memory_limit_gb is not None and top > 0:
        top = _draw_limit(axis, data.memory_limit_gb, top)
    axis.set_ylim(0, top * 1.08 if top > 0 else 1)
    if len(panel.curves) > 1 and measured:
        axis.legend(loc="upper right", fontsize=8, frameon=False, ncols=2)


def _draw_limit(axis: Axes, limit: float, top: float) -> float:
    """Draw the limit if the curve comes near it; the new top of the axis."""
    if top < limit / 2:
        return top
    axis.axhline(limit, color=_LINES[1], linewidth=1, linestyle="--")
    axis.annotate(
        f"limit {limit:.1f} GB",
        (1, limit),
        xycoords=axis.get_yaxis_transform(),
        ha="right",
        va="top",
        fontsize=8,
        color=_LINES[1],
    )
    return max(top, limit)


def _label_cells(axis: Axes, data: PlotData) -> None:
    """Indices over the cells, as far as there is room for them."""
    left, right = data.limits
    room = (right - left) / _MAX_LABELS
    free_from = -np.inf
    for cell in data.cells:
        middle = (max(cell.start, left) + min(cell.end, right)) / 2
        if middle < free_from or not left <= middle <= right:
            continue
        free_from = middle + room
        axis.text(
            middle,
            1.02,
            f"#{cell.index}",
            transform=axis.get_xaxis_transform(),
            ha="center",
            va="bottom",
            fontsize=8,
            color=_INK,
        )
