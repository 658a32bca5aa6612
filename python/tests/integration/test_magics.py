# SPDX-License-Identifier: BSD-3-Clause
"""The magics, typed into a real IPython shell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from jumper_extension.magics.commands import BY_NAME

if TYPE_CHECKING:
    from conftest import Session
    from IPython.core.interactiveshell import InteractiveShell


def test_loading_prints_one_line_and_starts_nothing(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    before = sorted(tmp_path.rglob("*"))
    shell.run_line_magic("load_ext", "jumper_extension")
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith("[JUmPER]: ")
    assert not shell._jumper_extension.service.monitor.running
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_every_magic_returns_none(measured: Session, name: str) -> None:
    argument = "missing.csv" if "load" in name else ""
    assert measured.shell.run_line_magic(name, argument) is None
    assert measured.shell.run_line_magic(name, "--no-such-option") is None


def test_seven_steps_of_a_new_user(session: Session, tmp_path: Path) -> None:
    assert "every 0.1 s" in session("%perfmonitor_start 0.1")
    session("total = sum(range(300_000))")
    report = session("%perfmonitor_perfreport").splitlines()
    assert report[0] == "-" * 40
    assert report[1] == "Performance Report"
    assert report[2] == "-" * 40
    assert report[3].startswith("Duration: ")
    assert report[4].split() == ["Metric", "AVG", "MIN", "MAX", "TOTAL"]
    assert report[5] == "-" * 65
    assert report[6].startswith("CPU Util (Across CPUs)")
    assert report[7].startswith("Memory (GB)")
    assert "total = sum(range(300_000))" in session("%cell_history")
    assert "keep working" in session("%perfmonitor_stop")
    session("%perfmonitor_export_perfdata my_performance.csv --level system")
    session("%perfmonitor_export_cell_history my_cells.json")
    assert len(pd.read_csv(tmp_path / "my_performance.csv")) > 0
    cells = json.loads((tmp_path / "my_cells.json").read_text())
    assert [cell["cell_index"] for cell in cells] == list(range(len(cells)))
    assert cells[1]["raw_cell"] == "total = sum(range(300_000))"


def test_reports_on_ranges(measured: Session) -> None:
    def reported(options: str) -> list[int]:
        report = json.loads(measured(f"%perfmonitor_perfreport --json {options}"))
        return [report["first_cell"], report["last_cell"]]

    assert reported("") == [0, 2]
    assert reported("--cell 1") == [1, 1]
    assert reported("--cell 1:3") == [1, 3]
    assert reported("--cell :1") == [0, 1]
    # Each of these commands is a cell itself, which the next one sees.
    assert reported("--cell 4:") == [4, 6]
    assert reported("--cell -3:-1") == [5, 7]
    assert reported("--cell=-3:-1") == [6, 8]
    assert reported("--cell -1") == [9, 9]
    assert reported("--cell :") == [0, 10]


def test_report_at_each_level(measured: Session) -> None:
    for level in ("process", "user", "system"):
        report = json.loads(measured(f"%perfmonitor_perfreport --json --level {level}"))
        assert report["level"] == level


def test_everything_works_after_stop(measured: Session, tmp_path: Path) -> None:
    measured("%perfmonitor_stop")
    assert "Performance Report" in measured("%perfmonitor_perfreport --cell 1")
    assert "perf.csv" in measured("%perfmonitor_export_perfdata perf.csv")
    assert (tmp_path / "perf.csv").stat().st_size > 0
    assert "p.jpg" in measured("%perfmonitor_plot --save-jpeg p.jpg")
    assert (tmp_path / "p.jpg").read_bytes()[:3] == b"\xff\xd8\xff"


def test_history_under_both_names(measured: Session) -> None:
    first = measured("%cell_history")
    assert "1/0" in first
    assert "%cell_history" in measured("%show_cell_history")


def test_resources_and_help(session: Session) -> None:
    assert "CPU" in session("%perfmonitor_resources")
    assert "%perfmonitor_start [SECONDS | --interval SECONDS]" in session("%perfmonitor_help")


def test_reports_after_cells_name_the_cell(session: Session) -> None:
    session("%perfmonitor_enable_perfreports --interval 0.05")
    assert session.service.monitor.running
    assert session.service.monitor.interval == 0.05
    assert "Performance Report" in session("x = 1")
    assert "Performance Report" in session("1/0")
    assert "Performance Report" in session("%time sum(range(10))")
    assert "Performance Report" in session("%%time\nx = 2")
    for own in ("%cell_history", "# a remark\n%perfmonitor_resources\n", "%perfmonitor_help"):
        assert "Performance Report" not in session(own)
    assert "Performance Report" not in session("")
    session("%perfmonitor_disable_perfreports")
    assert "Performance Report" not in session("x = 3")
    assert session.service.monitor.running


def test_a_report_after_a_cell_is_about_that_cell(session: Session) -> None:
    session("%perfmonitor_fast_setup")
    session("import time; end = time.perf_counter() + 0.3")
    session("while time.perf_counter() < end: pass")
    shown: list[str] = []
    session.service.monitor.native.report((2, 2), "process")
    session.service.output.document = lambda _html, text: shown.append(text)
    session("short = 1")
    again = session.service.monitor.report((3, 3)).text()
    # The last line has what the monitor cost, which goes on.
    assert [text.splitlines()[:-1] for text in shown] == [again.splitlines()[:-1]]


def test_reports_end_with_the_monitor(session: Session) -> None:
    session("%perfmonitor_fast_setup")
    session("%perfmonitor_stop")
    assert "Performance Report" not in session("x = 1")


def test_enabling_while_running_keeps_the_interval(measured: Session) -> None:
    printed = measured("%perfmonitor_enable_perfreports --interval 2")
    assert "already runs every 0.05 s" in printed
    assert measured.service.monitor.interval == 0.05


def test_enabling_takes_the_range_of_old_notebooks(session: Session) -> None:
    assert "no effect" in session("%perfmonitor_enable_perfreports --cell 3")
    assert session.service.monitor.running


def test_data_frames_for_the_user(measured: Session) -> None:
    printed = measured("%perfmonitor_export_perfdata")
    assert "perfdata_df" in printed
    assert "%perfmonitor_export_perfdata perf.csv" in printed
    frame = measured.shell.user_ns["perfdata_df"]
    assert frame["cell_index"].dtype == pd.Int64Dtype()
    assert {"time", "timestamp", "cpu_util_avg", "memory", "io_write_mb"} <= set(frame.columns)
    measured("%perfmonitor_export_perfdata --name mine --level system")
    assert len(measured.shell.user_ns["mine"]) > 0
    measured("%perfmonitor_export_cell_history")
    cells = measured.shell.user_ns["cell_history_df"]
    assert cells["status"].tolist()[:3] == ["ok", "ok", "error"]
    assert cells["cell_magics"].tolist()[0] == ["perfmonitor_start 0.05"]
    measured("%perfmonitor_export_cell_history --name h")
    assert len(measured.shell.user_ns["h"]) == len(cells) + 1


@pytest.mark.parametrize("suffix", ["csv", "json"])
def test_exported_files_load_again(measured: Session, suffix: str) -> None:
    measured("%perfmonitor_stop")
    measured(f"%perfmonitor_export_perfdata --file p.{suffix}")
    measured("%perfmonitor_export_perfdata")
    measured(f"%perfmonitor_load_perfdata p.{suffix}")
    loaded, live = (measured.shell.user_ns[n] for n in ("loaded_perfdata_df", "perfdata_df"))
    assert list(loaded.columns) == list(live.columns)
    assert loaded["cpu_seconds"].tolist() == pytest.approx(live["cpu_seconds"].tolist())
    measured(f"%perfmonitor_export_cell_history --file h.{suffix}")
    measured(f"%perfmonitor_load_cell_history --file h.{suffix}")
    cells = measured.shell.user_ns["loaded_cell_history_df"]
    assert cells["raw_cell"].tolist()[2] == "1/0"
    assert cells["cell_magics"].tolist()[0] == ["perfmonitor_start 0.05"]


def test_question_mark_shows_the_usage(session: Session) -> None:
    inspected = session.shell.object_inspect_text("%perfmonitor_perfreport")
    assert "--level LEVEL" in inspected


def test_variables_in_the_line_are_expanded(measured: Session) -> None:
    measured("cell = 1")
    report = json.loads(measured("%perfmonitor_perfreport --json --cell {cell}"))
    assert report["first_cell"] == 1


@pytest.mark.parametrize("level", ["process", "user", "system"])
def test_a_cell_has_numbers_at_every_level_from_the_start_on(session: Session, level: str) -> None:
    session("%perfmonitor_start")
    session("import time; begin = time.time()\nwhile time.time() < begin + 0.3: pass")
    report = json.loads(session(f"%perfmonitor_perfreport --json --cell 1 --level {level}"))
    assert report["cpu_seconds"] > 0.1
    assert report["memory_bytes"]["average"] > 0
