# SPDX-License-Identifier: BSD-3-Clause
import asyncio

import pytest
from jumper_extension.cells import (
    CellTracker,
    status_of_error,
    status_of_reply,
    status_of_result,
)
from jumper_extension.native import JumperError


class Timeline:
    """The part of the native monitor that knows about cells."""

    def __init__(self) -> None:
        self.inherited = False
        self.cell_open = False
        self.finished: list[tuple[str, list[str], str]] = []
        self._begun: tuple[str, list[str]] = ("", [])

    def begin_cell(self, source: str, magics: list[str]) -> int:
        if self.cell_open:
            raise JumperError("a cell is open")
        self.cell_open = True
        self._begun = (source, magics)
        return len(self.finished)

    def end_cell(self, status: str) -> None:
        if not self.cell_open:
            raise JumperError("no cell is open")
        self.cell_open = False
        self.finished.append((*self._begun, status))


@pytest.fixture
def timeline() -> Timeline:
    return Timeline()


@pytest.fixture
def tracker(timeline: Timeline) -> CellTracker:
    return CellTracker(timeline)


def test_a_cell_is_opened_and_closed_once(tracker: CellTracker, timeline: Timeline) -> None:
    cell = tracker.begin("x = 1", ["time x"], wants_report=True)
    assert cell is not None
    assert cell.index == 0
    assert tracker.end(cell, "ok") is True
    assert tracker.end(cell, "ok") is False
    assert timeline.finished == [("x = 1", ["time x"], "ok")]


def test_what_begins_inside_a_cell_belongs_to_it(tracker: CellTracker, timeline: Timeline) -> None:
    outer = tracker.begin("outer", [], wants_report=True)
    assert outer is not None
    assert tracker.begin("inner", [], wants_report=True) is None
    assert tracker.end(outer, "error") is True
    assert [source for source, _, _ in timeline.finished] == ["outer"]


def test_a_cell_opened_through_the_python_api_is_left_alone(
    tracker: CellTracker, timeline: Timeline
) -> None:
    timeline.begin_cell("by hand", [])
    assert tracker.begin("x", [], wants_report=True) is None
    tracker.end_stale()
    assert timeline.cell_open
    timeline.end_cell("ok")
    assert tracker.begin("y", [], wants_report=True) is not None


def test_blank_source_opens_nothing(tracker: CellTracker, timeline: Timeline) -> None:
    assert tracker.begin(" \n", [], wants_report=True) is None
    assert not timeline.cell_open


def test_a_forked_child_marks_nothing(tracker: CellTracker, timeline: Timeline) -> None:
    cell = tracker.begin("os.fork()", [], wants_report=True)
    assert cell is not None
    timeline.inherited = True
    assert tracker.end(cell, "ok") is False
    assert tracker.begin("x", [], wants_report=True) is None
    assert timeline.finished == []


def test_a_lost_end_is_made_up_for(tracker: CellTracker, timeline: Timeline) -> None:
    tracker.begin("lost", [], wants_report=True)
    tracker.end_stale()
    assert timeline.finished == [("lost", [], "interrupted")]
    assert tracker.begin("next", [], wants_report=True) is not None


def test_a_cell_closed_through_the_python_api_does_not_hurt(
    tracker: CellTracker, timeline: Timeline
) -> None:
    cell = tracker.begin("x", [], wants_report=True)
    assert cell is not None
    timeline.end_cell("ok")
    tracker.end(cell, "ok")
    assert len(timeline.finished) == 1


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (None, "ok"),
        (ValueError(), "error"),
        (SystemExit(), "error"),
        (KeyboardInterrupt(), "interrupted"),
        (asyncio.CancelledError(), "interrupted"),
    ],
)
def test_status_of_error(error: BaseException | None, status: str) -> None:
    assert status_of_error(error) == status


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        ({"status": "ok"}, "ok"),
        ({"status": "error", "ename": "ValueError"}, "error"),
        ({"status": "error", "ename": "KeyboardInterrupt"}, "interrupted"),
        ({"status": "error", "ename": "CancelledError"}, "interrupted"),
        ({"status": "aborted"}, "error"),
        (None, "ok"),
    ],
)
def test_status_of_reply(reply: object, status: str) -> None:
    assert status_of_reply(reply) == status


def test_status_of_result() -> None:
    class Result:
        error_before_exec: BaseException | None = None
        error_in_exec: BaseException | None = None

    result = Result()
    assert status_of_result(result) == "ok"
    result.error_in_exec = KeyboardInterrupt()
    assert status_of_result(result) == "interrupted"
    result.error_before_exec = SyntaxError()
    assert status_of_result(result) == "error"
    assert status_of_result(None) == "ok"
    assert status_of_result("") == "ok"
