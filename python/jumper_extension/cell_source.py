# SPDX-License-Identifier: BSD-3-Clause
"""What the source of a cell says about it, without running or parsing it."""

import re
from collections.abc import Container

_MAGIC_LINE = re.compile(r"^[ \t]*%(\w+)(?:[ \t].*)?\r?$", re.MULTILINE)
# Automagic: IPython takes a line as a magic without its % unless it assigns.
_OWN_LINE = re.compile(r"\s*%?(\w+)(?:\s+(?!=).*)?")


def is_blank(source: str) -> bool:
    """Whether there is nothing to run: IPython does not count such a cell."""
    return not source or source.isspace()


def line_magics(source: str, known: Container[str]) -> list[str]:
    """The lines that call a known line magic, with its arguments, without the `%`."""
    if "%" not in source:
        return []
    return [
        match.group().strip()[1:]
        for match in _MAGIC_LINE.finditer(source)
        if match.group(1) in known
    ]


def only_calls(source: str, own: Container[str]) -> bool:
    """Whether every line is blank, a comment, or a call of a magic in `own`."""
    for line in source.splitlines():
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        match = _OWN_LINE.fullmatch(line)
        if match is None or match.group(1) not in own:
            return False
    return True
