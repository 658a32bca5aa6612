# SPDX-License-Identifier: BSD-3-Clause
"""Whether and how a session is written to a journal, by the environment and by options.

What the environment says holds for all sessions: `JUMPER_JOURNAL=0` turns journals off,
`JUMPER_JOURNAL_MAX_MB` limits the size of each (256 if not set), `JUMPER_DIR` is their
folder (read by the core; else `$XDG_STATE_HOME/jumper`, else `~/.local/state/jumper`).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from jumper_extension.mistakes import quoted
from jumper_extension.native import JumperError

_OFF = ("0", "off", "no", "false")
_ON = ("", "1", "on", "yes", "true")
_DEFAULT_MB = 256.0
_LEAST_MB = 1.0
_MOST_MB = 1024.0  # what a reader takes


@dataclass(frozen=True, slots=True)
class JournalSettings:
    """How the next session is written down."""

    enabled: bool = True
    keeps_source: bool = True
    max_mb: float = _DEFAULT_MB


def from_environment(
    environment: Mapping[str, str] = os.environ, *, without: bool = False, no_source: bool = False
) -> JournalSettings:
    """The settings for a session; JumperError for a variable that says neither yes nor no."""
    wanted = environment.get("JUMPER_JOURNAL", "").strip().lower()
    if wanted not in (*_OFF, *_ON):
        raise JumperError(f"JUMPER_JOURNAL is {quoted(wanted)}: set it to 0 (off) or to 1 (on)")
    enabled = not without and wanted not in _OFF
    return JournalSettings(enabled, not no_source, _max_mb(environment))


def _max_mb(environment: Mapping[str, str]) -> float:
    text = environment.get("JUMPER_JOURNAL_MAX_MB", "").strip()
    try:
        size = float(text) if text else _DEFAULT_MB
    except ValueError:
        size = 0.0
    if not _LEAST_MB <= size <= _MOST_MB:
        raise JumperError(
            f"JUMPER_JOURNAL_MAX_MB is {quoted(text)}: set it to a number of MB from "
            f"{_LEAST_MB:g} to {_MOST_MB:g}"
        )
    return size
