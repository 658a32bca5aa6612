# SPDX-License-Identifier: BSD-3-Clause
"""What a plot draws, taken from a monitor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from jumper_extension.display import series
from jumper_extension.native import JumperError, NativeMonitor

_FEWEST_SAMPLES = 2  # a curve needs a beginning and an end


@dataclass(frozen=True, slots=True)
class CellSpan:
    """A cell as it is shaded: seconds on the axis of the plot."""

    index: int
    start: float
    end: float
    failed: bool


@dataclass(frozen=True, slots=True)
class PlotData:
    """What is drawn: samples and cells, both in seconds from the left of the axis."""

    columns: Mapping[str, series.Array]
    cells: Sequence[CellSpan]
    limits: tuple[float, float]
    title: str
    memory_limit_gb: float | None


def collect(
    native: NativeMonitor, cell_range: str | tuple[int, int] | None, level: str
) -> PlotData:
    """The samples at one level and the cells, of the whole time or of a range of cells.

    JumperError for an unknown level or a bad range, and where there are too few samples.
    """
    columns = {name: array.astype(np.float64) for name, array in native.perfdata(level).items()}
    time = columns["time"]
    if len(time) < _FEWEST_SAMPLES:
        raise JumperError("there is nothing to plot yet: it takes at least two samples")
    cells = native.cells()
    first, last = 0, len(cells["cell_index"]) - 1
    left, right = float(time[0]), float(time[-1])
    if cell_range is not None:
        text = cell_range if isinstance(cell_range, str) else f"{cell_range[0]}:{cell_range[1]}"
        first, last = native.resolve_cells(text)
        left, right = cells["start_time"][first], cells["end_time"][last]
    part = series.around(time, left, right)
    if part.stop - part.start < _FEWEST_SAMPLES or right < time[0] or left > time[-1]:
        raise JumperError("there is nothing to plot: these cells were not monitored")
    origin = native.info()["start_time"] or float(time[0])
    limits = native.info()["memory_limits"]
    return PlotData(
        {name: array[part] for name, array in columns.items()} | {"time": time[part] - origin},
        [
            CellSpan(
                cells["cell_index"][i],
                cells["start_time"][i] - origin,
                cells["end_time"][i] - origin,
                cells["status"][i] != "ok",
            )
            for i in range(first, last + 1)
        ],
        (left - origin, right - origin),
        f"Level {level}, cells {first} to {last}" if last >= first else f"Level {level}",
        limits.get(level),
    )
