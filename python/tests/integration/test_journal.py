# SPDX-License-Identifier: BSD-3-Clause
"""The journal of a real session: what is in it, and what it must not change."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from jumper_extension import Monitor
from jumper_extension.journal import JournalSettings
from jumper_extension.native import NativeSession

CELLS = 20


def monitored(journal: JournalSettings | None) -> Monitor:
    monitor = Monitor(0.02, budget=0, journal=journal)
    monitor.start()
    for number in range(CELLS):
        with monitor.cell(f"x = {number}"):
            time.sleep(0.03)
    monitor.stop()
    return monitor


def test_a_session_is_read_back_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUMPER_DIR", str(tmp_path / "jumper"))
    monitor = monitored(JournalSettings())
    path = monitor.native.journal_path
    session = NativeSession.open(path)
    assert session.cell_count == CELLS
    for level in ("process", "user", "system"):
        measured, read = monitor.native.perfdata(level), session.perfdata(level)
        assert list(measured) == list(read)
        for name, values in measured.items():
            assert np.array_equal(values, read[name], equal_nan=True), (level, name)
    assert session.cells() == monitor.native.cells()
    *lines, note, end = session.report().text().split("\n")
    assert [*lines, end] == monitor.native.report().text().split("\n")
    assert note.split(maxsplit=1) == ["Note", f"read from the journal {path}"]
    # Also by its id.
    assert NativeSession.open(Path(path).stem).cell_count == CELLS


def test_what_it_writes_is_no_work_of_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN the same session with a journal and without
    monkeypatch.setenv("JUMPER_DIR", str(tmp_path / "jumper"))
    monitor = monitored(JournalSettings())
    journal_bytes = Path(monitor.native.journal_path).stat().st_size
    with_journal = monitor.perfdata().iloc[-1]
    without = monitored(None).perfdata().iloc[-1]
    # THEN what was written is no more than without (pytest's own threads may write a little)
    assert journal_bytes > 2000
    assert with_journal["io_write_chars_total"] <= without["io_write_chars_total"] + 500
    assert with_journal["io_write_count"] <= without["io_write_count"] + 10


def test_without_sources_no_code_is_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUMPER_DIR", str(tmp_path / "jumper"))
    monitor = Monitor(0.05, journal=JournalSettings(keeps_source=False))
    monitor.start()
    with monitor.cell("password = 'geheim'"):
        pass
    monitor.stop()
    assert b"geheim" not in Path(monitor.native.journal_path).read_bytes()
    assert NativeSession.open(monitor.native.journal_path).cell_count == 1


@pytest.mark.parametrize("value", ["maybe", "2 "])
def test_a_setting_that_is_neither_yes_nor_no_is_told(value: str) -> None:
    from jumper_extension.journal import from_environment
    from jumper_extension.native import JumperError

    with pytest.raises(JumperError, match=r"JUMPER_JOURNAL is .*: set it to 0"):
        from_environment({"JUMPER_JOURNAL": value})
    with pytest.raises(JumperError, match=r"JUMPER_JOURNAL_MAX_MB is .*: set it to a number"):
        from_environment({"JUMPER_JOURNAL_MAX_MB": value + "x"})
    assert not from_environment({"JUMPER_JOURNAL": "off"}).enabled
    assert from_environment({"JUMPER_JOURNAL_MAX_MB": "64"}).max_mb == 64
