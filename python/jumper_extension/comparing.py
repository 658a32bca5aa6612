# SPDX-License-Identifier: BSD-3-Clause
"""Two cells or two sessions beside each other, named as users name them."""

import os
import re
from pathlib import Path

from jumper_extension.mistakes import quoted
from jumper_extension.native import (
    JumperError,
    NativeComparison,
    NativeMonitor,
    NativeSession,
    compare_native,
)

THIS = "."
_HERE = "this session"
_CELLS = re.compile(r"[+-]?\d+|([+-]?\d+)?:([+-]?\d+)?")
_RIGHT = "compare two cells (3 7) or two sessions (before.zip after.zip; . is this one)"

Questioned = NativeMonitor | NativeSession


def compare(native: Questioned, a: str, b: str) -> NativeComparison:
    """Compare what `a` and `b` name: cells of `native`, or sessions."""
    if a == b:
        raise JumperError(f"A and B are both {quoted(a)}: {_RIGHT}")
    are_cells = [_CELLS.fullmatch(name) is not None for name in (a, b)]
    if all(are_cells):
        return compare_native(native, native, a_name=_HERE, b_name=_HERE, a_cells=a, b_cells=b)
    if any(are_cells):
        cell, session = (a, b) if are_cells[0] else (b, a)
        raise JumperError(f"{quoted(cell)} is a cell and {quoted(session)} is none: {_RIGHT}")
    (a_session, a_name), (b_session, b_name) = _session(native, a), _session(native, b)
    return compare_native(a_session, b_session, a_name=a_name, b_name=b_name)


def _session(native: Questioned, name: str) -> tuple[Questioned, str]:
    """The session of that name, and what to call it."""
    if name == THIS:
        return native, _HERE
    return NativeSession.open(os.fspath(Path(name).expanduser())), name
