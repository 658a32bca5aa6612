# SPDX-License-Identifier: BSD-3-Clause
"""The Tab key after our commands, as IPython and a kernel answer it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Kernel, Session


def completed(session: Session, line: str) -> list[str]:
    """What a terminal would offer, as whole lines."""
    from IPython.core.completer import provisionalcompleter

    with provisionalcompleter():
        found = list(session.shell.Completer.completions(line, len(line)))
    return [line[: each.start] + each.text for each in found]


def test_options_in_a_shell(session: Session) -> None:
    assert completed(session, "%perfmonitor_enable_perfreports --in") == [
        "%perfmonitor_enable_perfreports --interval"
    ]
    assert completed(session, "%perfmonitor_plot --level sy") == [
        "%perfmonitor_plot --level system"
    ]


def test_python_is_completed_as_ever(session: Session) -> None:
    session("cell_history_length = 1")
    assert completed(session, "cell_history_l") == ["cell_history_length"]
    assert "import os; os.path" in completed(session, "import os; os.pat")


def test_unloading_ends_it(session: Session) -> None:
    session("%unload_ext jumper_extension")
    assert "%perfmonitor_plot --level" not in completed(session, "%perfmonitor_plot --lev")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("%perfmonitor_perfreport --", ["--cell", "--level", "--node", "--text", "--json"]),
        ("x = 1\n%perfmonitor_plot --level ", ["process", "user", "system"]),
        ("%perfmonitor_perfreport --cell=", ["1", "0", ":", "-1", "-3:-1"]),
        ("%perfmonitor_plot --metrics cpu,memory_f", ["memory_file_cache"]),
    ],
)
def test_through_a_kernel(kernel: Kernel, source: str, expected: list[str]) -> None:
    # GIVEN two cells that ran
    kernel("%perfmonitor_start")
    kernel("x = 1")
    # WHEN the front end asks
    reply = kernel.reply(kernel.client.complete(source, len(source)))
    # THEN the matches take the place of what was typed of them
    assert reply["matches"] == expected
    assert source[reply["cursor_start"] :] == source[reply["cursor_start"] : reply["cursor_end"]]
    typed = source[reply["cursor_start"] : reply["cursor_end"]]
    assert all(match.startswith(typed) for match in reply["matches"])
