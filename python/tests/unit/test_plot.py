# SPDX-License-Identifier: BSD-3-Clause
from typing import Any

import numpy as np
import pytest
from jumper_extension.display import plot_data
from jumper_extension.display.figure import draw
from jumper_extension.display.panels import PANELS, choose
from jumper_extension.display.plot_data import CellSpan
from jumper_extension.native import JumperError


class Native:
    """A monitor that saw four samples and two cells, the second one failing."""

    def __init__(self, samples: int = 4) -> None:
        self.samples = samples

    def perfdata(self, level: str) -> dict[str, Any]:
        assert level == "process"
        time = 100.0 + np.arange(self.samples)
        return {
            "time": time,
            "cell_index": np.zeros(self.samples, dtype=np.int64),
            "cpu_util_avg": np.full(self.samples, 50.0),
            "memory": np.full(self.samples, 6.0),
            "io_read_mb": np.full(self.samples, np.nan),
            "io_write_mb": np.arange(self.samples) * 8.0,
            "processes": np.ones(self.samples),
        }

    def cells(self) -> dict[str, list[Any]]:
        return {
            "cell_index": [0, 1],
            "start_time": [100.5, 102.0],
            "end_time": [101.5, 102.5],
            "status": ["ok", "error"],
        }

    def info(self) -> dict[str, Any]:
        return {"start_time": 100.0, "memory_limits": {"process": 8.0}}

    def resolve_cells(self, text: str) -> tuple[int, int]:
        first, last = text.split(":")
        return int(first), int(last)


def test_whole_time_with_its_cells() -> None:
    data = plot_data.collect(Native(), None, "process")
    assert data.limits == (0.0, 3.0)
    assert data.columns["time"].tolist() == [0.0, 1.0, 2.0, 3.0]
    assert data.cells == [CellSpan(0, 0.5, 1.5, failed=False), CellSpan(1, 2.0, 2.5, failed=True)]
    assert data.memory_limit_gb == 8.0


def test_range_of_cells_with_the_samples_around_it() -> None:
    data = plot_data.collect(Native(), (1, 1), "process")
    assert data.limits == (2.0, 2.5)
    assert data.columns["time"].tolist() == [2.0, 3.0]
    assert [cell.index for cell in data.cells] == [1]


@pytest.mark.parametrize("samples", [0, 1])
def test_too_few_samples(samples: int) -> None:
    with pytest.raises(JumperError, match="nothing to plot yet"):
        plot_data.collect(Native(samples), None, "process")


def test_figure_has_a_panel_each_and_real_rates() -> None:
    data = plot_data.collect(Native(), None, "process")
    figure = draw(choose(None), data)
    labels = [axis.get_ylabel() for axis in figure.axes]
    assert labels == ["CPU (%)", "Memory (GB)", "I/O (MB/s)", "Processes"]
    memory, io = figure.axes[1], figure.axes[2]
    assert any(line.get_linestyle() == "--" for line in memory.lines)  # the limit is in view
    [written] = [patch for patch in io.patches if patch.get_label() == "written"]
    assert written.get_data().values.tolist() == [8.0, 8.0, 8.0]
    titles = [text.get_text() for text in figure.axes[0].texts]
    assert titles == ["#0", "#1"]


def test_absent_values_are_called_so() -> None:
    native = Native()
    data = plot_data.collect(native, None, "process")
    figure = draw(choose("io_count"), data)
    assert figure.axes[0].texts[0].get_text() == "not measured"


@pytest.mark.parametrize(
    ("metrics", "keys"),
    [
        ("cpu", ["cpu"]),
        ("mem, io_write", ["memory", "io"]),
        ("io_read,io_write", ["io"]),
        (["processes", "cpu_summary"], ["processes", "cpu"]),
        (None, ["cpu", "memory", "io", "processes"]),
    ],
)
def test_choosing_panels(metrics: str | list[str] | None, keys: list[str]) -> None:
    assert [panel.key for panel in choose(metrics)] == keys


def test_unknown_metric_names_the_known_ones() -> None:
    with pytest.raises(JumperError) as mistake:
        choose("cpu,memmory")
    message = str(mistake.value)
    assert "'memmory' (did you mean memory?)" in message
    assert all(panel.key in message for panel in PANELS)


@pytest.mark.parametrize("metrics", ["", "cpu,", ","])
def test_empty_metric_is_unknown(metrics: str) -> None:
    with pytest.raises(JumperError, match="unknown metric ''"):
        choose(metrics)
