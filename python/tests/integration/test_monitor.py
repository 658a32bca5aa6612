# SPDX-License-Identifier: BSD-3-Clause
"""The Python interface without a shell."""

from __future__ import annotations

import json
import os
import pickle

import numpy as np
import pandas as pd
import pytest
from jumper_extension import Monitor
from jumper_extension.native import JumperError


@pytest.fixture
def monitor() -> Monitor:
    """A stopped monitor with two cells, the second of which failed."""
    monitor = Monitor(interval=0.02)
    with monitor:
        with monitor.cell("a = 1") as index:
            assert index == 0
            sum(range(200_000))
        with pytest.raises(ZeroDivisionError), monitor.cell("1/0"):
            _ = 1 / 0
    return monitor


def test_context_manager_starts_and_stops() -> None:
    monitor = Monitor()
    assert not monitor.running
    with monitor as same:
        assert same is monitor
        assert monitor.running
    assert not monitor.running


def test_an_exception_passes_and_the_monitor_stops() -> None:
    monitor = Monitor(0.05)
    with pytest.raises(ValueError, match="mine"), monitor:
        raise ValueError("mine")
    assert not monitor.running


def test_stopping_inside_the_block_is_fine() -> None:
    with Monitor(0.05) as monitor:
        monitor.stop()
    assert not monitor.running


def test_a_monitor_that_is_dropped_stops_its_thread() -> None:
    threads = len(os.listdir("/proc/self/task"))
    monitor = Monitor(0.05)
    monitor.start()
    assert len(os.listdir("/proc/self/task")) == threads + 1
    del monitor
    assert len(os.listdir("/proc/self/task")) == threads


def test_perfdata(monitor: Monitor) -> None:
    for level in ("process", "user", "system"):
        frame = monitor.perfdata(level)
        assert len(frame) >= 2
        assert list(frame.columns)[:3] == ["time", "timestamp", "cell_index"]
        assert frame["cell_index"].dtype == pd.Int64Dtype()
        assert (frame["time"].diff().dropna() > 0).all()
        assert (frame["timestamp"] - frame["time"]).diff().abs().max() < 1
    assert {0, 1} <= set(monitor.perfdata("process")["cell_index"].dropna())


def test_perfdata_is_a_copy(monitor: Monitor) -> None:
    frame = monitor.perfdata()
    frame["memory"] = -1.0
    assert (monitor.perfdata()["memory"] > 0).all()


def test_cells(monitor: Monitor) -> None:
    cells = monitor.cells()
    assert cells["raw_cell"].tolist() == ["a = 1", "1/0"]
    assert cells["status"].tolist() == ["ok", "error"]
    assert cells["cell_magics"].tolist() == [[], []]
    spans = cells["end_time"] - cells["start_time"]
    assert np.allclose(spans, cells["duration"])
    assert (cells["cpu_seconds"] >= 0).all()


def test_report(monitor: Monitor) -> None:
    report = monitor.report()
    assert report.text().splitlines()[1] == "Performance Report"
    assert repr(report) == str(report) == report.text()
    assert report._repr_html_() == report.html()
    numbers = json.loads(report.json())
    assert (numbers["first_cell"], numbers["last_cell"]) == (0, 1)
    assert report.summary()["cells"] == 2
    assert json.loads(monitor.report("1").json())["first_cell"] == 1
    assert json.loads(monitor.report((1, 1)).json())["first_cell"] == 1
    assert json.loads(monitor.report(level="system").json())["level"] == "system"


def test_report_without_cells_covers_the_whole_time() -> None:
    with Monitor(0.02) as monitor:
        sum(range(100_000))
    assert "Duration: " in monitor.report().text()


def test_a_report_can_be_pickled(monitor: Monitor) -> None:
    report = monitor.report()
    copy = pickle.loads(pickle.dumps(report))  # noqa: S301 - made one line above
    assert copy.text() == report.text()
    assert copy.json() == report.json()
    assert copy.html() == report.html()
    assert copy.summary() == report.summary()


def test_a_pickled_monitor_is_one_that_was_never_started() -> None:
    with Monitor(0.25, budget=2, exact_peak=False) as running:
        copy = pickle.loads(pickle.dumps(running))  # noqa: S301 - made on this line
    assert not copy.running
    assert not copy.native.started
    assert (copy.interval, copy.budget, copy.exact_peak) == (0.25, 2, False)


def test_samples_are_all_levels_and_do_not_change(monitor: Monitor) -> None:
    samples = monitor.samples()
    rows = len(samples)
    assert samples.names[0] == "time_ns"
    assert {name.split("/")[0] for name in samples.names[1:]} >= {"process", "user", "system"}
    times = samples.column("time_ns")
    assert len(times) == rows
    assert (times[1:] > times[:-1]).all()
    assert not times.flags.writeable
    with monitor, monitor.cell("more"):
        pass
    assert len(samples) == rows
    assert len(monitor.samples()) > rows


def test_repr_tells_the_state(monitor: Monitor) -> None:
    assert repr(monitor) == "<jumper_extension.Monitor: stopped, interval 0.02 s, 2 cells>"
    assert "not started" in repr(Monitor())


def test_starting_again_goes_on(monitor: Monitor) -> None:
    monitor.start(0.5)
    assert monitor.interval == 0.5
    with monitor.cell("again") as index:
        assert index == 2
    monitor.stop()
    assert monitor.cells()["raw_cell"].tolist() == ["a = 1", "1/0", "again"]


def test_mistakes_raise_one_line(monitor: Monitor) -> None:
    for mistake in (
        lambda: Monitor(0).start(),
        lambda: Monitor(float("nan")).start(),
        lambda: Monitor().stop(),
        lambda: Monitor().report(),
        lambda: Monitor().perfdata(),
        lambda: monitor.report("7"),
        lambda: monitor.report((1, 0)),
        lambda: monitor.report(level="galaxy"),
        lambda: monitor.perfdata("galaxy"),
    ):
        with pytest.raises(JumperError) as error:
            mistake()
        assert str(error.value)
        assert "\n" not in str(error.value)


def test_starting_twice_keeps_the_interval() -> None:
    with Monitor(0.25) as monitor:
        with pytest.raises(JumperError):
            monitor.start(5.0)
        assert monitor.interval == 0.25


def test_two_monitors_side_by_side() -> None:
    with Monitor(0.02) as one, Monitor(0.02) as two, one.cell("outer"), two.cell("inner"):
        sum(range(100_000))
    assert one.cells()["raw_cell"].tolist() == ["outer"]
    assert two.cells()["raw_cell"].tolist() == ["inner"]


def test_a_forked_child_has_no_sampler() -> None:
    with Monitor(0.02) as monitor, monitor.cell("fork"):
        child = os.fork()
        if child == 0:
            inert = monitor.native.inherited and len(os.listdir("/proc/self/task")) == 1
            os._exit(7 if inert else 8)
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 7
    assert monitor.cells()["status"].tolist() == ["ok"]
