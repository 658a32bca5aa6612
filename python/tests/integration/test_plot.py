# SPDX-License-Identifier: BSD-3-Clause
"""%perfmonitor_plot in a terminal, and the document it gives a browser."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from jumper_extension.native import JumperError, NativeMonitor

if TYPE_CHECKING:
    from conftest import Session


def test_a_terminal_shows_curves(measured: Session) -> None:
    measured("sum(range(10**6))")
    printed = measured("%perfmonitor_plot")
    assert printed.startswith("Level process, cells 0 to ")
    for name in ("CPU", "Memory", "I/O read", "Cells"):
        assert f"\n{name}" in printed
    assert "\u2581" in printed
    assert measured("%perfmonitor_plot --level system --cell 0").startswith(
        "Level system, cell 0, "
    )


@pytest.mark.parametrize(
    ("options", "right"),
    [("--level proces", "choose process"), ("--cell 99", "99"), ("--cell x", "x")],
)
def test_mistakes_are_one_line(measured: Session, options: str, right: str) -> None:
    assert right in measured.mistake(f"%perfmonitor_plot {options}")


def test_never_started_is_a_mistake(session: Session) -> None:
    assert "%perfmonitor_start" in session.mistake("%perfmonitor_plot")


def test_right_after_the_start_there_is_a_plot() -> None:
    # GIVEN a monitor with hardly any sample
    monitor = NativeMonitor()
    monitor.start(60)
    monitor.stop()
    plot = monitor.plot()
    assert json.loads(plot.json())["version"] == 1
    assert plot.text().startswith("Level process")
    monitor_never = NativeMonitor()
    with pytest.raises(JumperError, match="nothing was measured"):
        monitor_never.plot()


def test_document_has_every_level_and_cell(measured: Session) -> None:
    measured("x = '</script><img src=x onerror=alert(1)>'  # \u202e")
    document = measured.service.monitor.native.plot((0, 1), "user").json()
    assert "<" not in document
    assert "\u202e" not in document
    header = json.loads(document)
    assert header["level"] == "user"
    assert header["range"] == [0, 1]
    assert {level["name"] for level in header["levels"]} == {"process", "user", "system"}
    assert len(header["cells"]["labels"]) == len(header["cells"]["status"])
    assert header["cells"]["labels"][-1].startswith("x = '</script><img src=x")
    keys = [panel["key"] for panel in header["panels"]]
    for level in header["levels"]:
        measured_panels = {keys[curve["panel"]] for curve in level["curves"]}
        assert {"cpu", "memory"} <= measured_panels, level["name"]
