# SPDX-License-Identifier: BSD-3-Clause
"""Two cells or two sessions beside each other, named as users name them."""

import re

from jumper_extension.mistakes import quoted
from jumper_extension.native import (
    JumperError,
    NativeComparison,
    NativeMonitor,
)
from jumper_extension.native import (
    compare as _compare,
)

THIS = "."
_CELLS = re.compile(r"[+-]?\d+|([+-]?\d+)?:([+-]?\d+)?")
_RIGHT = "compare two cells (3 7) or two sessions (before.zip after.zip; . is this one)"


def compare(native: NativeMonitor, a: str, b: str) -> NativeComparison:
    """Compare what `a` and `b` name: cells of `native`, or sessions."""
    if a == b:
        raise JumperError(f"A and B are both {quoted(a)}: {_RIGHT}")
    are_cells = [_CELLS.fullmatch(name) is not None for name in (a, b)]
    if all(are_cells):
        here = "this session"
        return _compare(native, native, a_name=here, b_name=here, a_cells=a, b_cells=b)
    if any(are_cells):
        cell, session = (a, b) if are_cells[0] else (b, a)
        raise JumperError(f"{quoted(cell)} is a cell and {quoted(session)} is none: {_RIGHT}")
    raise JumperError("not yet")
