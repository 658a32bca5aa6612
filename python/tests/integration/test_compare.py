# SPDX-License-Identifier: BSD-3-Clause
"""Comparing cells and sessions, as somebody at a notebook does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Kernel, Session

SLEEP = "import time; time.sleep({})"
GROW = "import time; block = bytearray(120_000_000); time.sleep(0.1); del block"


def compared(session: Session, names: str) -> dict[str, Any]:
    """What the comparison of two names says."""
    printed = session(f"%perfmonitor_compare {names} --json")
    document = json.loads(printed)
    assert isinstance(document, dict), printed
    return document


def record(session: Session, folder: Path, cells: list[str]) -> Path:
    """Run cells with a journal in `folder`; its path."""
    native = session.service.monitor.native
    native.start(0.05, journal=True, journal_folder=str(folder))
    for cell in cells:
        session(cell)
    native.stop()
    return Path(native.journal_path)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A session of another process: three cells, one of them three times."""
    folder = tmp_path_factory.mktemp("before")
    script = f"""
import sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "jumper_extension")
native = shell._jumper_extension.service.monitor.native
native.start(0.05, journal=True, journal_folder={str(folder)!r})
for cell in {[SLEEP.format(0.05), *[SLEEP.format(0.3)] * 3, GROW, "old = 1"]!r}:
    shell.run_cell(cell, store_history=True)
native.stop()
print(native.journal_path)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env={"IPYTHONDIR": str(folder / "ipython"), "PATH": ""},
    )
    return Path(done.stdout.splitlines()[-1])


def test_two_cells(measured: Session) -> None:
    measured(SLEEP.format(0.01))
    measured(SLEEP.format(0.3))
    document = compared(measured, "3 4")
    (cell,) = document["cells"]
    assert document["kind"] == "cells"
    assert (cell["source"], cell["b_source"]) == (SLEEP.format(0.01), SLEEP.format(0.3))
    assert cell["metrics"]["duration"]["change"] > 0.2
    assert cell["metrics"]["duration"]["verdict"] == "noise_unknown"
    assert cell["metrics"]["peak_memory"]["a"] > 1e6


def test_cells_may_be_counted_from_the_end(measured: Session) -> None:
    measured("first = 1")
    measured("second = 2")
    document = compared(measured, "-2 -1")
    assert document["cells"][0]["source"] == "first = 1"
    assert document["cells"][0]["b_source"] == "second = 2"
    assert document["a"] == "cell 3 of this session"


def test_repeats_tell_of_the_noise(measured: Session) -> None:
    for seconds in (0.05, 0.05, 0.05, 0.05, 2):
        measured(SLEEP.format(seconds))
    (cell,) = compared(measured, "3 7")["cells"]
    duration = cell["metrics"]["duration"]
    assert duration["noise"] > 0
    assert duration["verdict"] in ("beyond_noise", "within_noise")
    printed = measured("%perfmonitor_compare 3 7")
    assert f"{duration['verdict'].split('_')[0]} the noise of" in printed


def test_ranges_of_cells_are_matched_by_their_source(measured: Session) -> None:
    for cell in ("x = 1", "y = 2", "y = 2", "x = 1"):
        measured(cell)
    document = compared(measured, "3:4 5:")
    assert document["kind"] == "sessions"
    assert [c["a"]["cells"] + c["b"]["cells"] for c in document["cells"]] == [[3, 6], [4, 5]]


def test_a_recorded_session_and_this_one(session: Session, tmp_path: Path, before: Path) -> None:
    record(session, tmp_path, [SLEEP.format(0.3), GROW, "new = 1", "%cell_history"])
    for names in (f"'{before}' .", f". '{before}'"):
        document = compared(session, names)
        assert {c["source"] for c in document["cells"]} == {SLEEP.format(0.3), GROW}
        lone = [c["source"] for c in document["only_a"] + document["only_b"]]
        assert sorted(lone) == [SLEEP.format(0.05), "new = 1", "old = 1"]
        for cell in document["cells"]:
            duration = cell["metrics"]["duration"]
            known = cell["source"] == SLEEP.format(0.3)
            assert (duration["verdict"] == "noise_unknown") != known
            assert cell["metrics"]["peak_memory"]["a"] > 1e6
            assert cell["metrics"]["cpu_seconds"]["b"] >= 0


def test_two_recorded_sessions_by_path_and_by_id(
    session: Session, tmp_path: Path, before: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = record(session, tmp_path / "home" / "sessions", [SLEEP.format(0.3)])
    by_path = compared(session, f"'{before}' '{now}'")
    assert [c["source"] for c in by_path["cells"]] == [SLEEP.format(0.3)]
    assert str(before) in by_path["a"]

    monkeypatch.setenv("JUMPER_DIR", str(tmp_path / "home"))
    by_id = compared(session, f"'{before}' {now.stem}")
    assert by_id["cells"] == by_path["cells"]


def test_text_fits_a_terminal(session: Session, tmp_path: Path, before: Path) -> None:
    record(session, tmp_path, [SLEEP.format(0.3), GROW])
    lines = session(f"%perfmonitor_compare '{before}' .").splitlines()
    assert lines[1] == "B  this session, 2 cells"
    assert " of 2 cells " in lines[2]
    assert ": total " in lines[2]
    assert max(map(len, lines)) <= 100 or len(str(before)) > 80


@pytest.mark.parametrize(
    ("names", "right"),
    [
        ("", "needs a A"),
        ("1", "needs a B"),
        ("1 2 0", "one argument too many"),
        ("1 1", "both '1'"),
        (". .", "both '.'"),
        ("1 99", "valid cells are 0 to"),
        ("1 -99", "begins before the first cell"),
        ("1 .", "'1' is a cell and '.' is none"),
        ("missing.zip 2", "'2' is a cell"),
        ("missing.zip .", "there is no session 'missing.zip'"),
        (". one.csv", "one.csv"),
        (". .. --text", ".."),
        ("1 2 --cell 3", "has no option '--cell'"),
        ("20260101-120000-1-abcd .", "20260101-120000-1-abcd"),
    ],
)
def test_mistakes(measured: Session, tmp_path: Path, names: str, right: str) -> None:
    (tmp_path / "one.csv").write_text("no session")
    assert right in measured.mistake(f"%perfmonitor_compare {names}")


def test_before_the_first_cell(session: Session, before: Path) -> None:
    native = session.service.monitor.native
    assert "no cell has finished yet" in session.mistake("%perfmonitor_compare 0 1")
    assert native.cell_count == 1, "which was a cell itself"


def test_a_session_without_cells(session: Session, before: Path) -> None:
    assert "this session has no finished cell" in session.mistake(
        f"%perfmonitor_compare . '{before}'"
    )


def test_a_notebook_shows_it_as_a_table(kernel: Kernel) -> None:
    for cell in ("%perfmonitor_start 0.05", "x = '<script>'", "y = 2"):
        kernel(cell)
    (shown,) = kernel("%perfmonitor_compare 1 2").displays
    assert "<table" in shown["text/html"]
    assert "<script" not in shown["text/html"]
    assert "B against A: duration" in shown["text/plain"]
    as_text = kernel("%perfmonitor_compare 1 2 --text")
    assert not as_text.displays
    assert as_text.text.startswith("A  cell 1 of this session: x = '<script>'\n")
