# SPDX-License-Identifier: BSD-3-Clause
"""A plot as a matplotlib figure, for those who want to go on from there. Never pyplot's state."""

from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure

_WIDTH_INCHES = 9.0
_PANEL_INCHES = 1.6
_CELL_COLOURS = ("#eef2f8", "#dfe7f1")
_FAILED_COLOUR = "#f6d9d5"
_LIMIT_COLOUR = "#d0453c"
_INK = "#44505c"
_MOST_LABELS = 40
_GB = 1024.0**3
_UNITS = {"percent": "%", "1/s": "1/s", "count": ""}


def draw(chart: dict[str, Any]) -> Figure:
    """A chart as `jumper_extension._core.Plot.chart` describes it: one panel below the other."""
    panels = chart["panels"]
    size = (_WIDTH_INCHES, 0.9 + _PANEL_INCHES * len(panels))
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axis, panel in zip(axes, panels, strict=True):
        _shade_cells(axis, chart["cells"])
        _draw_panel(axis, panel)
    left, right = chart["range"]["from"], chart["range"]["to"]
    _label_cells(axes[0], chart["cells"], left, right)
    # The title may hold no markup: '$' would begin a formula.
    axes[0].set_title(chart["title"], fontsize=11, loc="left", pad=18, parse_math=False)
    axes[-1].set_xlabel("seconds since monitoring started", color=_INK)
    axes[-1].set_xlim(left, max(right, left + 1e-3))
    return figure


def _draw_panel(axis: Axes, panel: dict[str, Any]) -> None:
    top = max((_top(series) for series in panel["series"]), default=0.0)
    scale, unit = _scale(panel["unit"], top)
    has_unit = unit and panel["series"]
    axis.set_ylabel(f"{panel['title']} ({unit})" if has_unit else panel["title"], color=_INK)
    axis.tick_params(colors=_INK, labelsize=8)
    axis.grid(axis="y", color="#d5dbe1", linewidth=0.6)
    axis.set_axisbelow(True)
    axis.spines[["top", "right"]].set_visible(False)
    for series in panel["series"]:
        colour = series["colour"]
        # A rate holds since the point before.
        step: Literal["pre"] | None = "pre" if series["rate"] else None
        if "low" in series:
            low, high = series["low"] / scale, series["high"] / scale
            axis.fill_between(
                series["x"], low, high, step=step, color=colour, alpha=0.22, linewidth=0
            )
        [line] = axis.plot(series["x"], series["mean"] / scale, color=colour, linewidth=1.3)
        line.set_label(series["label"])
        line.set_drawstyle("steps-pre" if step else "default")
    if not panel["series"]:
        axis.text(0.5, 0.5, "no data", transform=axis.transAxes, ha="center", color=_INK)
    limit = panel.get("limit")
    if limit is not None and 0 < limit["value"] < 2 * top:
        value = limit["value"] / scale
        axis.axhline(value, color=_LIMIT_COLOUR, linewidth=1, linestyle="--", label=limit["label"])
        top = max(top, limit["value"])
    axis.set_ylim(0, top / scale * 1.08 if top > 0 else 1)
    if any(series["label"] for series in panel["series"]):
        axis.legend(loc="upper right", fontsize=8, frameon=False, ncols=4)


def _top(series: dict[str, Any]) -> float:
    values = series.get("high", series["mean"])
    finite = values[values == values]  # noqa: PLR0124 - NaN is not
    return float(finite.max()) if finite.size else 0.0


def _scale(unit: str, top: float) -> tuple[float, str]:
    if not unit.startswith("bytes"):
        return 1.0, _UNITS[unit]
    divisor, name = (_GB, "GB") if top >= _GB else (1024.0**2, "MB")
    return divisor, name + unit.removeprefix("bytes")


def _shade_cells(axis: Axes, cells: list[dict[str, Any]]) -> None:
    spans = [(cell["from"], cell["to"] - cell["from"]) for cell in cells]
    colours = [_FAILED_COLOUR if c["failed"] else _CELL_COLOURS[c["index"] % 2] for c in cells]
    across = axis.get_xaxis_transform()
    axis.broken_barh(spans, (0, 1), facecolors=colours, transform=across, zorder=0)


def _label_cells(axis: Axes, cells: list[dict[str, Any]], left: float, right: float) -> None:
    """Indices over the cells, as far as there is room for them."""
    room = (right - left) / _MOST_LABELS
    free_from = left
    for cell in cells:
        middle = (max(cell["from"], left) + min(cell["to"], right)) / 2
        if not free_from <= middle <= right:
            continue
        free_from = middle + room
        axis.text(
            middle,
            1.02,
            f"#{cell['index']}",
            transform=axis.get_xaxis_transform(),
            ha="center",
            va="bottom",
            fontsize=8,
            color=_INK,
        )
