# SPDX-License-Identifier: BSD-3-Clause
"""Sessions that travel: exported here and read back, and those of the Python JUmPER."""

from __future__ import annotations

import json
import shutil
import stat
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import jumper_extension
import pandas as pd
import pytest
from jumper_extension import JumperError, load_session

if TYPE_CHECKING:
    from conftest import Session

TESTDATA = Path(__file__).parents[3] / "core" / "testdata" / "python_jumper"


@pytest.fixture(params=["session", "session.zip"])
def upstream(request: pytest.FixtureRequest) -> Path:
    """A session of the Python JUmPER 0.3.6, as a folder and as a zip archive."""
    return TESTDATA / request.param


def test_everything_works_on_a_session_of_the_python_jumper(
    session: Session, upstream: Path, tmp_path: Path
) -> None:
    said = session(f"%import_session {upstream}")
    assert "a session of the Python JUmPER (JUmPER 0.3.6)" in said
    assert "each total divided by the time since the sample before" in said
    assert "private pages (USS)" in said
    report = session("%perfmonitor_perfreport --cell 5 --text")
    assert "Duration: 1.86s" in report
    assert "imported from" in report
    assert "Monitor     n/a" in report
    # The cell writes 150 MiB, of which the samples within it saw most.
    written = json.loads(session.service.monitor.report("5").json())["io_write_bytes"]
    assert written == 118_489_088
    assert "raise ValueError" in session("%cell_history")
    assert "Of the session imported from" in session("%perfmonitor_resources")
    session("%perfmonitor_plot --metrics cpu,memory --save plot.svg")
    assert (tmp_path / "plot.svg").read_text().startswith("<svg")
    session("%perfmonitor_export_perfdata perf.csv --level system")
    assert len(pd.read_csv(tmp_path / "perf.csv")) > 30
    session("%perfmonitor_export_cell_history cells.json")
    assert len(json.loads((tmp_path / "cells.json").read_text())) >= 36
    session("%export_session again.zip")
    again = load_session(tmp_path / "again.zip")
    assert (
        again.report(level="user").text().splitlines()[:7]
        == (load_session(upstream).report(level="user").text().splitlines()[:7])
    )


def test_rates_of_the_newest_python_jumper_are_added_up(session: Session) -> None:
    said = session(f"%import_session {TESTDATA / 'session_0_4.zip'}")
    assert "its I/O columns were rates" in said
    # It wrote 40 MiB; its own rates and times are rounded.
    written = session.service.monitor.perfdata()["io_write_mb"].iloc[-1]
    assert written == pytest.approx(40, rel=0.02)


def test_totals_of_the_python_jumper_are_found_again() -> None:
    frame = load_session(TESTDATA / "session").perfdata("process")
    # The columns here are since the first sample; the file's own are quotients.
    assert frame["io_read_count"].iloc[:3].tolist() == [0, 8634 - 5885, 11383 - 5885]
    raw = pd.read_csv(TESTDATA / "session" / "perf_process.csv")
    assert frame["cpu_util_avg"].iloc[1:].tolist() == pytest.approx(
        raw["cpu_util_avg"].iloc[1:].tolist(), abs=1e-4
    )
    assert frame["memory"].tolist() == pytest.approx(raw["memory"].tolist(), abs=1e-12)


@pytest.mark.parametrize("name", ["mine", "mine.zip"])
def test_a_session_comes_back_as_it_was(measured: Session, tmp_path: Path, name: str) -> None:
    measured("%perfmonitor_stop")
    before = measured.service.monitor
    frame, cells = before.perfdata(), before.cells()
    assert f"Session exported to {name}" in measured(f"%export_session {name}")
    back = load_session(tmp_path / name)
    assert back.is_imported
    assert "imported from" in back.session_source
    assert not back.notes
    pd.testing.assert_frame_equal(back.perfdata(), frame)
    # The cell that exports is not in it.
    pd.testing.assert_frame_equal(back.cells(), cells)
    assert back.cells()["status"].tolist()[2] == "error"


def test_importing_loses_nothing_of_the_running_session(measured: Session) -> None:
    said = measured(f"%import_session {TESTDATA / 'session'}")
    assert "Measuring goes on here" in said
    assert measured.service.monitor.is_imported
    assert measured.service.measured.running
    measured("x = 1")
    assert "Back to what is measured here" in measured("%perfmonitor_start")
    history = measured("%cell_history")
    assert "total = sum(range(200_000))" in history
    assert "x = 1" in history


def test_start_after_an_import_measures_here(session: Session) -> None:
    session(f"%import_session {TESTDATA / 'session'}")
    assert "Monitoring started" in session("%perfmonitor_start 0.05")
    assert not session.service.monitor.is_imported
    session("sum(range(100_000))")
    assert "sum(range(100_000))" in session("%cell_history")
    assert "raise ValueError" not in session("%cell_history")


def test_reports_after_cells_are_about_those_cells(session: Session) -> None:
    session("%perfmonitor_enable_perfreports --text --interval 0.05")
    session(f"%import_session {TESTDATA / 'session'}")
    assert "imported from" not in session("sum(range(300_000))")


def test_an_export_is_for_its_owner_alone(measured: Session, tmp_path: Path) -> None:
    measured("%export_session")
    [folder] = tmp_path.glob("jumper-session-*")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    measured("%export_session a.zip")
    assert stat.S_IMODE((tmp_path / "a.zip").stat().st_mode) == 0o600


def test_zipfile_and_pandas_read_our_export(measured: Session, tmp_path: Path) -> None:
    measured('formula = "=1+1, \\"x\\""\n-1')
    measured("%export_session mine.zip")
    with zipfile.ZipFile(tmp_path / "mine.zip") as archive:
        assert archive.testzip() is None
        manifest = json.loads(archive.read("manifest.json"))
        history = pd.read_csv(archive.open("cell_history.csv"))
        process = pd.read_csv(archive.open("perf_process.csv"))
    assert manifest["version"] == "1.0"
    assert manifest["schemas"]["perf"]["process"] == process.columns.tolist()
    assert history["raw_cell"].tolist()[-1] == 'formula = "=1+1, \\"x\\""\n-1'
    assert process["io_read"].dropna().is_monotonic_increasing


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("%import_session", "needs a PATH"),
        ("%import_session nowhere", "there is no session 'nowhere'"),
        ("%import_session .", "there is no manifest.json in it"),
        ("%import_session a.zip b.zip", "one argument too many"),
        ("%export_session taken", "is not empty"),
        ("%export_session /proc/x", "cannot"),
    ],
)
def test_mistakes_are_one_line(
    measured: Session, tmp_path: Path, command: str, answer: str
) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine.txt").write_text("mine")
    assert answer in measured.mistake(command)
    assert not measured.service.monitor.is_imported
    assert (tmp_path / "taken" / "mine.txt").read_text() == "mine"


def test_nothing_to_export(session: Session, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    assert "nothing was measured yet" in session.mistake("%export_session")
    assert sorted(tmp_path.rglob("*")) == before


def _zip(path: Path, entries: dict[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def test_hostile_archives_do_nothing(session: Session, tmp_path: Path) -> None:
    manifest = (TESTDATA / "session" / "manifest.json").read_text()
    inside = tmp_path / "inside"
    inside.mkdir()
    # Names that lead elsewhere are never looked at.
    path = _zip(inside / "a.zip", {"manifest.json": manifest, "../evil": "x", "/evil": "x"})
    assert "imported from" in session(f"%import_session {path}")
    # A link is an entry like any other.
    link = zipfile.ZipInfo("perf_process.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(inside / "b.zip", "w") as archive:
        archive.writestr("manifest.json", manifest)
        archive.writestr(link, "/etc/passwd")
    assert "it lacks the columns" in session.mistake(f"%import_session {inside / 'b.zip'}")
    # Two gigabytes of zeros in two megabytes.
    with zipfile.ZipFile(inside / "c.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", manifest)
        with archive.open("perf_process.csv", "w", force_zip64=False) as bomb:
            for _ in range(600):
                bomb.write(b"0" * (1 << 20))
    assert "would expand to more" in session.mistake(f"%import_session {inside / 'c.zip'}")
    assert sorted(file.name for file in tmp_path.rglob("*") if file.is_file()) == [
        "a.zip",
        "b.zip",
        "c.zip",
    ]


def test_damaged_sessions_leave_the_shown_one(session: Session, tmp_path: Path) -> None:
    session(f"%import_session {TESTDATA / 'session'}")
    shown = session.service.monitor
    broken = tmp_path / "broken"
    shutil.copytree(TESTDATA / "session", broken)
    table = broken / "perf_process.csv"
    lines = table.read_text().splitlines()
    for content, complaint in [
        ("\n".join([*lines[:3], lines[1]]), "the time goes backwards"),
        ("\n".join([lines[0], "x" * 40_000_000]), "line 2: a field is too long"),
        ("time,memory\n1,2\n", "it lacks the columns"),
    ]:
        table.write_text(content)
        assert complaint in session.mistake(f"%import_session {broken}")
        assert session.service.monitor is shown


def test_from_python(tmp_path: Path) -> None:
    imported = jumper_extension.load_session(TESTDATA / "gpu_session")
    assert imported.interval == 0.25
    assert "GPU Util (Across GPUs)" in str(imported.report())
    assert len(imported.cells()) == 3
    imported.plot(metrics="cpu").save(tmp_path / "p.png")
    with pytest.raises(JumperError, match="this is no exported session"):
        load_session(tmp_path)


def test_a_trace_follows_the_format(measured: Session, tmp_path: Path) -> None:
    measured("%perfmonitor_export_perfdata it.trace.json")
    trace = json.loads((tmp_path / "it.trace.json").read_text())
    events = trace["traceEvents"]
    for event in events:
        assert {"name", "ph", "pid", "tid", "args"} <= event.keys()
        assert event["ph"] == "M" or event["ts"] >= 0
    slices = [event for event in events if event["ph"] == "X"]
    assert slices[1]["args"]["source"] == "total = sum(range(200_000))"
    assert slices[2]["args"]["status"] == "error"
    assert slices[1]["dur"] > 0
    counters = {event["name"] for event in events if event["ph"] == "C"}
    assert {"memory (GB)", "cpu_util_avg (%)", "io_write_mb/s"} <= counters


def test_parquet_needs_pyarrow(measured: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert "Parquet needs pyarrow" in measured.mistake("%perfmonitor_export_perfdata a.parquet")
    assert "pip install pyarrow" in measured.mistake("%perfmonitor_export_cell_history a.parquet")


def test_parquet_has_the_same_columns(measured: Session, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    measured("%perfmonitor_stop")
    measured("%perfmonitor_export_perfdata a.parquet")
    measured("%perfmonitor_export_cell_history h.parquet")
    frame = measured.service.monitor.perfdata()
    table = parquet.read_table(tmp_path / "a.parquet")
    assert table.column_names == frame.columns.tolist()
    assert table["cell_index"].null_count == frame["cell_index"].isna().sum()
    assert table["cpu_util_avg"].null_count == frame["cpu_util_avg"].isna().sum()
    history = parquet.read_table(tmp_path / "h.parquet").to_pylist()
    assert history[1]["raw_cell"] == "total = sum(range(200_000))"
    assert history[0]["cell_magics"] == ["perfmonitor_start 0.05"]
