# SPDX-License-Identifier: BSD-3-Clause
"""File names, and reading exported files back: ours and those of the Python JUmPER."""

import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from jumper_extension.mistakes import quoted
from jumper_extension.native import JumperError, io_kind, python_strings, read_csv

if TYPE_CHECKING:
    from pandas import DataFrame, Series

SUFFIXES = (".csv", ".json")
_PERFDATA_COLUMNS = (
    "time",
    "memory",
    "io_read_count",
    "io_write_count",
    "io_read",
    "io_write",
    "cpu_util_avg",
    "cpu_util_min",
    "cpu_util_max",
)
_HISTORY_COLUMNS = ("cell_index", "raw_cell", "start_time", "end_time", "duration")
_TEXT_COLUMNS = ("raw_cell", "cell_magics", "status")
_IO_COLUMNS = ("io_read_count", "io_write_count", "io_read", "io_write")
_MOST_JSON_BYTES = 512 << 20
_LARGEST_WHOLE = 2**53
# A column that our files always have, and those of the Python JUmPER never.
_OUR_COLUMN = "cpu_seconds"


def plain_path(file: str | os.PathLike[str]) -> str:
    """The path with `~` resolved; JumperError if no file can be called so."""
    path = os.path.expanduser(os.fspath(file))
    if not path or "\0" in path:
        raise JumperError(f"{quoted(path)} is not a file name")
    return path


def file_name(file: str | os.PathLike[str], suffix: str = ".csv") -> str:
    """The path to write to: without a suffix of its own it gets `suffix`."""
    path = plain_path(file)
    if os.path.splitext(path)[1] or os.path.isdir(path) or path.endswith(os.sep):
        return path
    return path + suffix


def read_perfdata(file: str | os.PathLike[str]) -> "tuple[DataFrame, str]":
    """Performance data, and a remark on it where one is due. JumperError if it is none.

    The Python JUmPER's io columns are kept as they are: up to 0.3 a total divided by the time
    since the sample before, hence neither totals nor rates; from 0.4 on rates.
    """
    path = plain_path(file)
    frame = _read_table(path, _PERFDATA_COLUMNS, texts=())
    if "cell_index" in frame:
        frame["cell_index"] = _whole_numbers(frame["cell_index"], path)
    if _OUR_COLUMN in frame:
        return frame, ""
    io = [frame[column].tolist() for column in _IO_COLUMNS]
    kind = io_kind(frame["time"].tolist(), io)
    what = "rates, not totals" if kind == "rates" else "neither totals nor rates"
    return frame, f" The Python JUmPER wrote it: its io columns are {what}."


def read_cell_history(file: str | os.PathLike[str]) -> "DataFrame":
    """A cell history; `cell_magics` holds lists again. JumperError if it is none."""
    path = plain_path(file)
    frame = _read_table(path, _HISTORY_COLUMNS, texts=("raw_cell",))
    index = _whole_numbers(frame["cell_index"], path)
    if index.isna().any():
        raise JumperError(f"{quoted(path)}: 'cell_index' lacks a number")
    frame["cell_index"] = index.astype("int64")
    if "cell_magics" in frame:
        frame["cell_magics"] = [_as_list(value) for value in frame["cell_magics"]]
    return frame


def _whole_numbers(column: "Series[Any]", path: str) -> "Series[Any]":
    """The column as nullable integers; JumperError where it has other numbers."""
    whole = column.isna() | ((column % 1 == 0) & (column.abs() < _LARGEST_WHOLE))
    if not whole.all():
        raise JumperError(f"{quoted(path)}: 'cell_index' has a number that is not whole")
    return column.astype("Int64")


def _read_table(path: str, required: Sequence[str], texts: Sequence[str]) -> "DataFrame":
    """A table with those columns, numbers but for `texts`. JumperError if it is none."""
    import pandas as pd

    suffix = os.path.splitext(path)[1].lower()
    if suffix not in SUFFIXES:
        raise JumperError(f"cannot read {quoted(path)}: its name must end in .csv or .json")
    numbers = [name for name in (*required, "index") if name not in texts]
    if suffix == ".csv":
        frame = pd.DataFrame(read_csv(path, list(_TEXT_COLUMNS), numbers))
    else:
        frame = pd.DataFrame(_read_json(path))
    frame = frame.rename(columns={"index": "cell_index"} if "cell_index" not in frame else {})
    missing = [column for column in required if column not in frame]
    if missing:
        raise JumperError(f"{quoted(path)} lacks the columns {', '.join(missing)}")
    for column in (*required, "cell_index"):
        if column in frame and column not in texts:
            frame[column] = _numbers(frame[column], path)
    return frame


def _numbers(column: "Series[Any]", path: str) -> "Series[Any]":
    """The column as numbers, NaN where there is none; JumperError where it has anything else."""
    for value in column:
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise JumperError(f"{quoted(path)}: {column.name!r} should be numbers")
    try:
        return column.astype("float64")
    except OverflowError:
        raise JumperError(
            f"{quoted(path)}: {column.name!r} has a number that is too large"
        ) from None


def _read_json(path: str) -> list[dict[str, object]]:
    try:
        with open(path, encoding="utf-8") as records:
            text = records.read(_MOST_JSON_BYTES + 1)
    except OSError as error:
        raise JumperError(f"cannot read {quoted(path)}: {error.strerror or error}") from error
    except ValueError as error:
        raise JumperError(f"{quoted(path)} is not a JSON table: it is not UTF-8") from error
    if len(text) > _MOST_JSON_BYTES:
        raise JumperError(f"{quoted(path)} is larger than what is read (512 MiB)")
    try:
        return _records(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise JumperError(f"{quoted(path)} is not a JSON table") from error


def _records(document: object) -> list[dict[str, object]]:
    if not isinstance(document, list) or not all(isinstance(row, dict) for row in document):
        raise ValueError("not an array of objects")
    return document


def _as_list(value: object) -> list[str]:
    """A list as CSV spells it, or as JSON gave it; what is neither becomes empty."""
    if isinstance(value, str):
        return python_strings(value)
    return [str(item) for item in value] if isinstance(value, list) else []
