# SPDX-License-Identifier: BSD-3-Clause
"""What stands in for the native core on a platform that it does not support.

Cells come and go without a trace; whatever asks for a measurement is told why there is none.
"""

import sys
from importlib.metadata import PackageNotFoundError, version
from typing import NoReturn

try:
    __version__ = version("jumper-extension")
except PackageNotFoundError:
    __version__ = "unknown"


_UNSUPPORTED = f"this platform ({sys.platform}) is not supported: JUmPER measures on Linux only"


class JumperError(Exception):
    """A user's mistake or a failure outside us, as one clear line."""


class NativeComparison:
    """Never made here: there is nothing to compare."""


class NativeReport:
    """Never made here: there is nothing to report."""


class NativeSession:
    """Never made here: only the core reads sessions."""

    @staticmethod
    def open(*_: object) -> NoReturn:
        """Say that it cannot be read here."""
        raise JumperError(_UNSUPPORTED)


class SampleTable:
    """Never made here: there are no samples."""


class NativePlot:
    """Never made here: there is nothing to plot, and only the core can read a plot."""

    @staticmethod
    def panels() -> list[tuple[str, list[str]]]:
        """No panel can be drawn here."""
        return []

    @staticmethod
    def load(*_: object) -> NoReturn:
        """Say that it cannot be read here."""
        raise JumperError(_UNSUPPORTED)


class NativeMonitor:
    """Accepts cells, measures nothing, and raises JumperError for everything else."""

    running = started = inherited = cell_open = False
    interval_seconds = 1.0
    cell_count = 0
    journal_path = ""
    journal_problem = None
    memory_warning = None

    def take_guard_reason(self) -> None:
        """No cell is interrupted here."""

    def levels(self) -> list[str]:
        """No level can be measured here."""
        return []

    def nodes(self) -> list[str]:
        """No node can be measured here."""
        return []

    def begin_cell(self, source: str, magics: list[str] | None = None) -> int:
        """Forget the cell at once."""
        return 0

    def end_cell(self, status: str = "ok") -> None:
        """Nothing was begun."""

    def discard_cell(self) -> None:
        """Nothing was begun."""

    def __getattr__(self, name: str) -> NoReturn:
        """Every other operation of the native monitor."""
        if name.startswith("_"):
            raise AttributeError(name)
        raise JumperError(_UNSUPPORTED)


def last_death() -> None:
    """No session is written down here."""


def stored_sessions() -> list[dict[str, object]]:
    """No session is written down here."""
    return []


def post_mortem(*_: object) -> list[str]:
    """No session is written down here."""
    return []


def read_csv(*_: object) -> NoReturn:
    """Only the core reads tables."""
    raise JumperError(_UNSUPPORTED)


io_kind = python_strings = read_csv


def compare_native(*_: object, **__: object) -> NoReturn:
    """Nothing is compared here."""
    raise JumperError(_UNSUPPORTED)


def write_file(*_: object) -> NoReturn:
    """Nothing is written here."""
    raise JumperError(_UNSUPPORTED)
