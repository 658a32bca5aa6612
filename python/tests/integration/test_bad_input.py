# SPDX-License-Identifier: BSD-3-Clause
"""Mistakes: one line that says what is wrong and what would be right; nothing is lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Session


@pytest.mark.parametrize(
    "command",
    [
        "%perfmonitor_stop",
        "%perfmonitor_perfreport",
        "%perfmonitor_plot --save-jpeg p.jpg",
        "%perfmonitor_export_perfdata",
        "%perfmonitor_export_perfdata p.csv",
    ],
)
def test_before_start(session: Session, tmp_path: Path, command: str) -> None:
    assert "start" in session.mistake(command)
    assert not (tmp_path / "p.csv").exists()
    assert not (tmp_path / "p.jpg").exists()


@pytest.mark.parametrize("command", ["%cell_history", "%perfmonitor_export_cell_history h.csv"])
def test_before_the_first_cell(session: Session, command: str) -> None:
    assert "no cell has finished yet" in session.mistake(command)


@pytest.mark.parametrize(
    "interval", ["0", "-1", "nan", "inf", "-inf", "1e-9", "0.0009", "86401", "1e400", "abc", "1,5"]
)
def test_intervals(session: Session, interval: str) -> None:
    assert "second" in session.mistake(f"%perfmonitor_start {interval}")
    assert "second" in session.mistake(f"%perfmonitor_enable_perfreports --interval {interval}")
    assert not session.service.monitor.running
    assert "every 0.05 s" in session("%perfmonitor_start 0.05")


def test_start_and_stop_twice(session: Session) -> None:
    session("%perfmonitor_start 0.05")
    assert "%perfmonitor_stop" in session.mistake("%perfmonitor_start 5")
    assert session.service.monitor.interval == 0.05
    session("%perfmonitor_stop")
    assert "%perfmonitor_start" in session.mistake("%perfmonitor_stop")


@pytest.mark.parametrize(
    "cells",
    ['""', "99", "1:99", "2:1", "-99", "-1:-2", "1:2:3", "1.5", "abc", "a:b", "0x1", "9" * 40],
)
@pytest.mark.parametrize("command", ["perfreport", "plot --save-jpeg p.jpg"])
def test_ranges(measured: Session, command: str, cells: str) -> None:
    before = measured.service.monitor.native.cell_count
    line = measured.mistake(f"%perfmonitor_{command} --cell {cells}")
    assert str(before - 1) in line
    assert measured.service.monitor.running


@pytest.mark.parametrize(
    "command",
    [
        "%perfmonitor_perfreport --level proces",
        "%perfmonitor_export_perfdata --level proces",
        "%perfmonitor_export_perfdata p.csv --level proces",
        "%perfmonitor_enable_perfreports --level proces",
        "%perfmonitor_plot --save-jpeg p.jpg --level proces",
        "%perfmonitor_perfreport --level slurm",
    ],
)
def test_levels(measured: Session, tmp_path: Path, command: str) -> None:
    line = measured.mistake(command)
    assert all(level in line for level in ("process", "user", "system"))
    assert not (tmp_path / "p.csv").exists()
    assert not measured.service.settings.perfreports.enabled


@pytest.mark.parametrize(
    ("command", "right"),
    [
        ("%perfmonitor_plot --metrics cpu,memmory", "did you mean memory?"),
        ("%perfmonitor_plot --save-jpg p.jpg", "did you mean --save-jpeg?"),
        ("%perfmonitor_perfreport --cells 1", "did you mean --cell?"),
        ("%perfmonitor_perfreport --cell", "--cell RANGE"),
        ("%perfmonitor_perfreport 'x", "quotes"),
        ("%perfmonitor_perfreport 3", "--cell RANGE"),
        ("%perfmonitor_export_perfdata a.csv b.csv", "FILE"),
        ("%perfmonitor_export_perfdata --name 1x", "perfdata_df"),
        ("%perfmonitor_plot --metrics cpu,", "unknown metric ''"),
        ("%perfmonitor_plot --metrics gpu_fans", "unknown metric"),
        ("%perfmonitor_plot --save p.gif", ".svg, .png, .jpg, .pdf, .html, .csv or .json"),
        ("%perfmonitor_plot --save p", "should end in .svg"),
        ("%perfmonitor_plot --save", "--save FILE"),
        ("%perfmonitor_load_perfdata", "FILE"),
        ("%perfmonitor_load_perfdata missing.csv", "No such file"),
        ("%perfmonitor_load_cell_history missing.txt", ".csv or .json"),
    ],
)
def test_options_and_names(measured: Session, command: str, right: str) -> None:
    assert right in measured.mistake(command)


@pytest.mark.parametrize("what", ["perfdata", "cell_history"])
@pytest.mark.parametrize("name", ["folder", "folder/", "no/such/a.csv", "a.txt", "a.csv/b.csv"])
def test_file_names(measured: Session, tmp_path: Path, what: str, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "a.csv").write_text("precious")
    line = measured.mistake(f"%perfmonitor_export_{what} {name}")
    assert name.rstrip("/") in line
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "folder"]
    assert (tmp_path / "a.csv").read_text() == "precious"


def test_file_name_with_nul(measured: Session, tmp_path: Path) -> None:
    assert "not a file name" in measured.mistake("%perfmonitor_export_perfdata a\0b.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", ["--save", "--save-jpeg", "--pickle"])
@pytest.mark.parametrize("name", ["no/such/p.jpg", "folder/", "old.jpg/p.jpg"])
def test_plots_that_cannot_be_written(
    measured: Session, tmp_path: Path, option: str, name: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "old.jpg").write_text("precious")
    assert name.rstrip("/") in measured.mistake(f"%perfmonitor_plot {option} {name}")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "old.jpg"]
    assert (tmp_path / "old.jpg").read_text() == "precious"


def test_hostile_plot_files(session: Session, tmp_path: Path) -> None:
    session("from jumper_extension import load_plot, Monitor")
    (tmp_path / "old.pkl").write_bytes(b"cos\nsystem\n(S'touch hacked'\ntR.")
    (tmp_path / "new.pkl").write_bytes(b"\x80\x04K\x07.")
    (tmp_path / "deep.json").write_text("[" * 10**6)
    (tmp_path / "evil.json").write_text('{"format": "<script>\\u202e"}')
    for name in ("old.pkl", "new.pkl", "deep.json", "evil.json", "missing.json", "."):
        assert name in session.mistake(f"load_plot('{name}')")
    assert not (tmp_path / "hacked").exists()
    assert "start" in session.mistake("Monitor().plot('cpu')")


def test_a_range_that_was_not_monitored(measured: Session, tmp_path: Path) -> None:
    measured("%perfmonitor_stop")
    measured("x = 1")
    measured("%perfmonitor_start 0.05")
    measured("%perfmonitor_plot --cell 4 --save p.svg --pickle p.json")
    assert (tmp_path / "p.svg").read_text().count("no data") == 3
    assert "no data" in measured("%perfmonitor_plot --cell 4 --metrics cpu,memory")


def test_a_failed_load_leaves_variables_alone(measured: Session) -> None:
    measured("loaded_perfdata_df = 'mine'")
    measured.mistake("%perfmonitor_load_perfdata missing.csv")
    assert measured.shell.user_ns["loaded_perfdata_df"] == "mine"


def test_a_mistake_is_a_cell_that_ended_well(measured: Session) -> None:
    measured.mistake("%perfmonitor_perfreport --cell 99")
    measured("x = 1")
    history = measured.service.monitor.cells()
    assert history["raw_cell"].tolist()[-2:] == ["%perfmonitor_perfreport --cell 99", "x = 1"]
    assert history["status"].tolist()[-2:] == ["ok", "ok"]
