# SPDX-License-Identifier: BSD-3-Clause
"""Users' mistakes in words: what was wrong and what would be right, in one line."""

import keyword
from collections.abc import Sequence

from jumper_extension.native import JumperError

_SHOWN_CHARACTERS = 60


def quoted(text: str) -> str:
    """The text in quotes, cut short where it is long."""
    if len(text) > _SHOWN_CHARACTERS:
        text = text[:_SHOWN_CHARACTERS] + "..."
    return f"'{text}'"


def did_you_mean(given: str, known: Sequence[str]) -> str:
    """' (did you mean X?)' where something known is close to what was given, else ''."""
    near = [name for name in known if name.startswith(given.lower())]
    if len(near) != 1:
        import difflib  # slow to import, and rarely needed

        near = difflib.get_close_matches(given.lower(), known, n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def unknown(kind: str, given: str, known: Sequence[str]) -> JumperError:
    """An unknown level, metric, ...: names all that are known, and the nearest."""
    hint = did_you_mean(given, known)
    return JumperError(f"unknown {kind} {quoted(given)}{hint}: choose from {', '.join(known)}")


def variable_name(name: str | None, default: str) -> str:
    """The name of the variable to make, or JumperError if it cannot be one."""
    if name is None:
        return default
    if not name.isidentifier() or keyword.iskeyword(name):
        raise JumperError(f"{quoted(name)} cannot be the name of a variable; {default} could")
    return name
