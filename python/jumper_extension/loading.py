# SPDX-License-Identifier: BSD-3-Clause
"""File names, and reading exported files back: ours and those of the Python JUmPER."""

import ast
import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from jumper_extension.mistakes import quoted
from jumper_extension.native import JumperError

if TYPE_CHECKING:
    from pandas import DataFrame

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

    The Python JUmPER's io columns are kept as they are: a total divided by the time since
    the sample before, hence neither totals nor rates.
    """
    import pandas as pd

    frame = _read_table(plain_path(file), _PERFDATA_COLUMNS)
    if "cell_index" in frame:
        frame["cell_index"] = pd.to_numeric(frame["cell_index"]).astype("Int64")
    if _OUR_COLUMN in frame:
        return frame, ""
    return frame, " The Python JUmPER wrote it: its io columns are neither totals nor rates."


def read_cell_history(file: str | os.PathLike[str]) -> "DataFrame":
    """A cell history; `cell_magics` holds lists again. JumperError if it is none."""
    frame = _read_table(plain_path(file), _HISTORY_COLUMNS)
    if "cell_magics" in frame:
        frame["cell_magics"] = [_as_list(value) for value in frame["cell_magics"]]
    return frame


def _read_table(path: str, required: Sequence[str]) -> "DataFrame":
    import pandas as pd

    suffix = os.path.splitext(path)[1].lower()
    if suffix not in SUFFIXES:
        raise JumperError(f"cannot read {quoted(path)}: its name must end in .csv or .json")
    try:
        if suffix == ".csv":
            frame = _read_csv(path)
        else:
            with open(path, encoding="utf-8") as records:
                frame = pd.DataFrame(_records(json.load(records)))
    except OSError as error:
        raise JumperError(f"cannot read {quoted(path)}: {error.strerror or error}") from error
    except ValueError as error:  # not a table, not JSON, not UTF-8
        raise JumperError(f"{quoted(path)} is not a {suffix[1:].upper()} table") from error
    frame = frame.rename(columns={"index": "cell_index"} if "cell_index" not in frame else {})
    missing = [column for column in required if column not in frame]
    if missing:
        raise JumperError(f"{quoted(path)} lacks the columns {', '.join(missing)}")
    return frame


def _read_csv(path: str) -> "DataFrame":
    """A CSV table; a cell whose source is "1" or "NA" stays text."""
    import pandas as pd

    frame = pd.read_csv(path)
    texts = [column for column in frame.columns if column in _TEXT_COLUMNS]
    if texts:
        frame[texts] = pd.read_csv(path, usecols=texts, dtype=str, keep_default_na=False)
    return frame


def _records(document: object) -> list[dict[str, object]]:
    if not isinstance(document, list) or not all(isinstance(row, dict) for row in document):
        raise ValueError("not an array of objects")
    return document


def _as_list(value: object) -> list[str]:
    """A list as CSV spells it, or as JSON gave it; what is neither becomes empty."""
    if isinstance(value, str):
        try:
            value = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            return []
    return [str(item) for item in value] if isinstance(value, list) else []
