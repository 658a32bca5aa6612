# SPDX-License-Identifier: BSD-3-Clause
import pytest
from jumper_extension.cell_source import is_blank, line_magics, only_calls

KNOWN = {"time", "run", "perfmonitor_start", "cell_history"}
OWN = {"perfmonitor_start", "cell_history"}


@pytest.mark.parametrize(
    ("source", "magics"),
    [
        ("x = 1", []),
        ("%perfmonitor_start 0.25", ["perfmonitor_start 0.25"]),
        ("  %time f()  \nx\n%run a.py", ["time f()", "run a.py"]),
        ("%%time\nx", []),
        ("%", []),
        ("'''\n%\n'''", []),
        ("a %time", []),
        ("%unknown 1", []),
        ("%timeit f()", []),
        ("x = %time f()", []),
        ("%time\r\n%run\r\n", ["time", "run"]),
    ],
)
def test_line_magics(source: str, magics: list[str]) -> None:
    assert line_magics(source, KNOWN) == magics


@pytest.mark.parametrize(
    ("source", "own"),
    [
        ("%perfmonitor_start", True),
        ("%perfmonitor_start 0.1\n\n# and\n  %cell_history", True),
        ("perfmonitor_start 0.1", True),
        ("cell_history", True),
        ("cell_history = 3", False),
        ("cell_history.append(1)", False),
        ("%perfmonitor_start\nx = 1", False),
        ("%time f()", False),
        ("%run a.py", False),
        ("%%time\n%perfmonitor_start", False),
        ("x = 1", False),
        ("%", False),
    ],
)
def test_only_own_magics(source: str, own: bool) -> None:
    assert only_calls(source, OWN) is own


@pytest.mark.parametrize(("source", "blank"), [("", True), (" \n\t", True), ("#", False)])
def test_blank(source: str, blank: bool) -> None:
    assert is_blank(source) is blank
