# SPDX-License-Identifier: BSD-3-Clause
"""Sessions that travel: what the commands that export and import them do and say."""

import importlib
import io
import os
import time
from collections.abc import Iterator, Mapping
from typing import Any

from jumper_extension.answers import Answers, ImportedSession
from jumper_extension.native import JumperError, write_file
from jumper_extension.nodes import ALL_NODES, asked, level_of

PARQUET = ".parquet"


def export(session: Answers, path: str | os.PathLike[str] | None) -> str:
    """Write the session, by default to a folder named by the time; gives its name."""
    target = os.fspath(path) if path is not None else time.strftime("jumper-session-%Y%m%d-%H%M%S")
    session.export_session(target)
    return target


def told(session: ImportedSession, *, is_measuring: bool) -> Iterator[str]:
    """What to say of an imported session, line by line."""
    count = session.native.cell_count
    levels = ", ".join(session.native.levels()) or "none"
    yield (
        f"Session {session.session_source}: {count} cell{'' if count == 1 else 's'}, "
        f"levels {levels}. Reports, plots, history and exports are about it now."
    )
    yield from session.notes
    if is_measuring:
        yield "Measuring goes on here; %perfmonitor_start shows that again."
    else:
        yield "It does not change; %perfmonitor_start measures here again."


def write_perfdata(session: Answers, path: str, level: str | None, node: str | None) -> None:
    """Write the samples of a level, in the format that the file's name ends in."""
    is_parquet = path.lower().endswith(PARQUET)
    if node == ALL_NODES:
        if is_parquet:
            _write_parquet(path, session.native.nodes_perfdata(level))
        else:
            session.native.export_nodes_perfdata(path, level)
        return
    native = asked(session.native, node)
    if is_parquet:
        _write_parquet(path, native.perfdata(level_of(native, level)))
    else:
        native.export_perfdata(path, level_of(native, level))


def write_cell_history(session: Answers, path: str) -> None:
    """Write the cells, in the format that the file's name ends in."""
    if path.lower().endswith(PARQUET):
        _write_parquet(path, session.native.cells())
    else:
        session.native.export_cell_history(path)


def _write_parquet(path: str, columns: Mapping[str, Any]) -> None:
    """Columns as Parquet; what is absent is null. JumperError where pyarrow is not installed."""
    try:
        pa = importlib.import_module("pyarrow")
        parquet = importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise JumperError(
            "Parquet needs pyarrow, which is not installed: pip install pyarrow, or write .csv"
        ) from error
    kinds = {
        "node": pa.string(),
        "cell_index": pa.int64(),
        "raw_cell": pa.string(),
        "status": pa.string(),
        "cell_magics": pa.list_(pa.string()),
    }
    arrays = {}
    for name, values in columns.items():
        given = values
        if name == "cell_index":  # -1 is outside all cells
            given = [None if value < 0 else int(value) for value in values]
        arrays[name] = pa.array(given, kinds.get(name, pa.float64()), from_pandas=True)
    buffer = io.BytesIO()
    parquet.write_table(pa.table(arrays), buffer)
    write_file(path, buffer.getvalue())
