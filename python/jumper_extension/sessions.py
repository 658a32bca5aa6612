# SPDX-License-Identifier: BSD-3-Clause
"""Sessions that travel: what the commands that export and import them do and say."""

import os
import time
from collections.abc import Iterator

from jumper_extension.answers import Answers, ImportedSession


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
