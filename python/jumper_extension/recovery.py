# SPDX-License-Identifier: BSD-3-Clause
"""Sessions that outlived their process: what became of the last one, and which there are."""

import time
from typing import Any

from jumper_extension.display.output import Output
from jumper_extension.mistakes import quoted
from jumper_extension.native import JumperError, last_death, post_mortem, stored_sessions

_OVER = ("died", "ended")
_MB = 2**20


def tell_of_last_death(output: Output) -> None:
    """Say how the last session of this notebook died, if it did; else nothing."""
    death = last_death()
    if death is None:
        return
    for line in death["lines"]:
        output.say(line)
    output.say("%perfmonitor_recover loads what was measured until then.")


def find(session: str | None) -> dict[str, Any]:
    """The session of that id, or whose id begins so; by default the last one of this notebook.

    JumperError: there is none, or more than one.
    """
    sessions = stored_sessions()
    if session is None:
        here = [entry for entry in sessions if entry["is_here"] and entry["state"] in _OVER]
        if not here:
            raise JumperError(
                "there is no earlier session here: %perfmonitor_recover --list shows all there are"
            )
        return here[0]
    found = [entry for entry in sessions if entry["id"].startswith(session)]
    if len(found) != 1:
        reason = f"{len(found)} sessions begin" if found else "no session begins"
        raise JumperError(
            f"{reason} with {quoted(session)}: %perfmonitor_recover --list shows all there are"
        )
    return found[0]


def death_lines(session: dict[str, Any]) -> list[str]:
    """How that session died; nothing if it did not."""
    return post_mortem(session["path"], f"Session {session['id']}")


def table() -> str:
    """The sessions there are, a line each, the newest first."""
    sessions = stored_sessions()
    if not sessions:
        return "no session was written down yet"
    width = max(len(entry["id"]) for entry in sessions)
    head = f"{'session':{width}}  {'state':10}  {'started':16}  {'MB':>6}  notebook or folder"
    return "\n".join([head, *(_row(entry, width) for entry in sessions)])


def _row(entry: dict[str, Any], width: int) -> str:
    began = time.localtime(entry["started"] or entry["written"])
    where = entry["notebook"] or entry["folder"] or entry["problem"]
    shown = "".join(c if c.isprintable() else "?" for c in where)
    return (
        f"{entry['id']:{width}}  {entry['state']:10}  {time.strftime('%Y-%m-%d %H:%M', began)}  "
        f"{entry['bytes'] / _MB:6.2f}  {shown}"
    )
