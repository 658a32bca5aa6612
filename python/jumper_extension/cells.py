# SPDX-License-Identifier: BSD-3-Clause
"""One cell at a time on a monitor's timeline, whoever marks it."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jumper_extension.cell_source import is_blank
from jumper_extension.native import JumperError, NativeMonitor

OK, ERROR, INTERRUPTED = "ok", "error", "interrupted"
# An interrupted coroutine ends with CancelledError.
_INTERRUPTIONS = frozenset({"KeyboardInterrupt", "CancelledError"})


@dataclass(frozen=True, slots=True)
class OpenCell:
    """A cell that runs. Whoever opened it holds this, and only this closes it."""

    index: int
    wants_report: bool


_OPENING = OpenCell(-1, wants_report=False)


class CellTracker:
    """Opens and closes cells. What begins while a cell is open belongs to that cell."""

    def __init__(self, native: NativeMonitor) -> None:
        """Mark cells on the timeline of `native`."""
        self._native = native
        self._lock = threading.Lock()  # guards _open; kernels run subshells in threads
        self._open: OpenCell | None = None

    @property
    def is_open(self) -> bool:
        """Whether a cell was begun and not ended yet."""
        return self._open is not None

    def begin(self, source: str, magics: Sequence[str], wants_report: bool) -> OpenCell | None:
        """Open a cell, or give None: the source is blank, a cell is open, or we were forked."""
        if is_blank(source) or self._native.inherited:
            return None
        with self._lock:
            if self._open is not None:
                return None
            self._open = _OPENING
            try:
                index = self._native.begin_cell(source, list(magics))
            except JumperError:  # a cell was opened past us, through the Python API
                self._open = None
                return None
            self._open = OpenCell(index, wants_report)
            return self._open

    def end(self, cell: OpenCell, status: str) -> bool:
        """Close the cell; False if it is not the open one, or belongs to our parent process."""
        if self._native.inherited:
            return False
        with self._lock:
            if self._open is not cell:
                return False
            self._close(status)
            return True

    def end_stale(self) -> None:
        """Close a cell whose end was lost. To be called only when nothing is being executed.

        An interrupt can hit between any two of our own steps.
        """
        if self._open is None or self._native.inherited:
            return
        with self._lock:
            if self._open is not None:
                self._close(INTERRUPTED)

    def _close(self, status: str) -> None:
        if self._native.cell_open:
            self._native.end_cell(status)
        self._open = None


def status_of_error(error: BaseException | None) -> str:
    """The status of a cell that ended with this exception, or with none."""
    if error is None:
        return OK
    return INTERRUPTED if type(error).__name__ in _INTERRUPTIONS else ERROR


def status_of_reply(reply: object) -> str:
    """The status of a cell from a kernel's `execute_reply` content."""
    if not isinstance(reply, Mapping) or reply.get("status") == "ok":
        return OK
    return INTERRUPTED if reply.get("ename") in _INTERRUPTIONS else ERROR


def status_of_result(result: object) -> str:
    """The status of a cell from IPython's `ExecutionResult`."""
    before = getattr(result, "error_before_exec", None)
    return status_of_error(before if before is not None else getattr(result, "error_in_exec", None))
