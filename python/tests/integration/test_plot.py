# SPDX-License-Identifier: BSD-3-Clause
"""%perfmonitor_plot in a terminal, and the document it gives a browser."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from jumper_extension import Monitor, load_plot
from jumper_extension.native import JumperError, NativeMonitor

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Session


def test_a_terminal_shows_curves(measured: Session) -> None:
    measured("sum(range(10**6))")
    printed = measured("%perfmonitor_plot")
    assert printed.startswith("Level process, cells 0 to ")
    for name in ("CPU", "Memory", "I/O read", "Cells"):
        assert f"\n{name}" in printed
    assert "\u2581" in printed
    assert measured("%perfmonitor_plot --level system --cell 0").startswith(
        "Level system, cell 0, "
    )


@pytest.mark.parametrize(
    ("options", "right"),
    [("--level proces", "choose process"), ("--cell 99", "99"), ("--cell x", "x")],
)
def test_mistakes_are_one_line(measured: Session, options: str, right: str) -> None:
    assert right in measured.mistake(f"%perfmonitor_plot {options}")


def test_never_started_is_a_mistake(session: Session) -> None:
    assert "%perfmonitor_start" in session.mistake("%perfmonitor_plot")


def test_right_after_the_start_there_is_a_plot() -> None:
    # GIVEN a monitor with hardly any sample
    monitor = NativeMonitor()
    monitor.start(60)
    monitor.stop()
    plot = monitor.plot()
    assert json.loads(plot.json())["version"] == 1
    assert plot.text().startswith("Level process")
    monitor_never = NativeMonitor()
    with pytest.raises(JumperError, match="nothing was measured"):
        monitor_never.plot()


def test_document_has_every_level_and_cell(measured: Session) -> None:
    measured("x = '</script><img src=x onerror=alert(1)>'  # \u202e")
    document = measured.service.monitor.native.plot((0, 1), "user").json()
    assert "<" not in document
    assert "\u202e" not in document
    header = json.loads(document)
    assert header["level"] == "user"
    assert header["range"] == [0, 1]
    assert {level["name"] for level in header["levels"]} == {"process", "user", "system"}
    assert len(header["cells"]["labels"]) == len(header["cells"]["status"])
    assert header["cells"]["labels"][-1].startswith("x = '</script><img src=x")
    keys = [panel["key"] for panel in header["panels"]]
    for level in header["levels"]:
        measured_panels = {keys[curve["panel"]] for curve in level["curves"]}
        assert {"cpu", "memory"} <= measured_panels, level["name"]


def test_direct_mode_shows_what_was_asked_for(measured: Session) -> None:
    printed = measured("%perfmonitor_plot --metrics memory,processes --level user --cell 1")
    assert printed.startswith("Level user, cell 1, ")
    rows = [line.split(" ")[0] for line in printed.splitlines()]
    assert rows[2:4] == ["Memory", "Processes"]
    assert "CPU" not in rows


def test_the_backend_of_old_notebooks(measured: Session) -> None:
    printed = measured("%perfmonitor_plot --metrics cpu,mem --backend matplotlib")
    assert printed.splitlines()[0].endswith("--backend has no effect.")
    assert "Memory" in printed


def test_files_of_every_kind(measured: Session, tmp_path: Path) -> None:
    measured("s = '<img src=x onerror=alert(1)></script>'  # \u202e")
    for suffix in ("svg", "png", "jpg", "pdf", "html", "csv", "json"):
        printed = measured(f"%perfmonitor_plot --metrics cpu,io --cell 1:3 --save p.{suffix}")
        assert printed == f"[JUmPER]: Plot written to p.{suffix}\n"
        assert (tmp_path / f"p.{suffix}").stat().st_size > 100
    table = (tmp_path / "p.csv").read_text().splitlines()
    assert table[0] == (
        "seconds,timestamp,cell_index,cpu_percent,io_read_bytes_per_s,io_written_bytes_per_s"
    )
    assert {line.split(",")[2] for line in table[1:]} >= {"1", "2", "3"}
    page = (tmp_path / "p.html").read_text("utf-8")
    assert page.count("<script") == 2
    assert "<img src=x" not in page


def test_a_plot_file_comes_back(measured: Session, tmp_path: Path) -> None:
    printed = measured("%perfmonitor_plot --metrics cpu,mem --cell 1:2 --pickle p.pkl")
    assert "jumper_extension.load_plot('p.pkl')" in printed
    plot = load_plot(tmp_path / "p.pkl")
    assert plot.title.startswith("Level process, cells 1 to 2, ")
    assert [panel["title"] for panel in plot.native.chart()["panels"]] == ["CPU", "Memory"]
    measured("from jumper_extension import load_plot; p = load_plot('p.pkl')")
    assert "Memory" in measured("print(p)")


def test_plot_of_a_monitor() -> None:
    with Monitor(0.01) as monitor:
        for i in range(3):
            with monitor.cell(f"x = {i}"):
                sum(range(100_000))
    everything = monitor.plot()
    assert everything.title.startswith("Level process, cells 0 to 2, ")
    header = json.loads(everything.native.json())
    assert len(header["levels"]) == 3
    assert len(header["panels"]) > 3
    some = monitor.plot(["mem"], cells=(1, 2), level="system")
    assert some.title.startswith("Level system, cells 1 to 2, ")
    header = json.loads(some.native.json())
    assert [level["name"] for level in header["levels"]] == ["system"]
    assert [panel["key"] for panel in header["panels"]] == ["memory"]
    assert header["cells"]["first"] == 1
    for wrong in ({"metrics": "x"}, {"cells": "9"}, {"level": "x"}):
        with pytest.raises(JumperError):
            monitor.plot(**wrong)
    with pytest.raises(JumperError, match="nothing was measured"):
        Monitor().plot()
