# SPDX-License-Identifier: BSD-3-Clause
import re
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from jumper_extension.display import live
from jumper_extension.display.output import Output
from jumper_extension.native import JumperError
from jumper_extension.service import PerfmonitorService

BUNDLE_BYTES = 110_000


class Plot:
    title = 'Level "process" <b>'
    to = 5.0

    def __init__(self, has_data: bool = True) -> None:
        self.has_data = has_data

    def small_picture(self, width: int, most_bytes: int) -> bytes:
        return b"PNG"

    def json(self) -> str:
        return "{}"

    def text(self) -> str:
        return "CPU <i>\n"


class Native:
    """A monitor that runs, without samples that a feed could send."""

    running = True
    inherited = False
    cell_open = False
    interval_seconds = 1.0
    memory_warning: str | None = None
    has_data = True

    def recent_plot(self, seconds: float, level: str) -> Plot:
        return Plot()

    def plot(self, cells: Any, level: str) -> Plot:
        return Plot(self.has_data)

    def plot_after(self, after: float, seconds: float) -> Plot:
        raise JumperError("nothing")


class Notebook:
    """What a notebook's front end is given."""

    def __init__(self, answers: bool = True) -> None:
        self.published: list[tuple[dict[str, Any], dict[str, Any]]] = []
        self.display_pub = self
        self.kernel = SimpleNamespace(_allow_stdin=answers)

    def publish(self, data: dict[str, Any], metadata: Any = None, **options: Any) -> None:
        self.published.append((data, options))


def view_of(shell: Any, has_data: bool = True) -> Any:
    native: Any = Native()
    native.has_data = has_data
    return live.LiveView(native, Output(shell))


def test_bundle_is_small_and_needs_no_network() -> None:
    script = live.script()
    assert 50_000 < len(script) < BUNDLE_BYTES
    assert script.isascii()
    assert re.findall(r"https?://\S{0,40}", script) == []
    assert re.findall(r"\b(?:import\(|fetch\(|XMLHttpRequest|WebSocket|localStorage)", script) == []


@pytest.mark.parametrize("given", [(0.1,), (0.0,), (-1.0,), (float("nan"),), (1e9,)])
def test_intervals_that_make_no_sense(given: tuple[float, ...]) -> None:
    with pytest.raises(JumperError, match=r"interval of a live view is 0\.25 to 60 seconds"):
        live.checked(given)


@pytest.mark.parametrize("window", [0, 4.9, 3601, float("nan"), float("inf"), -5])
def test_windows_that_make_no_sense(window: float) -> None:
    with pytest.raises(JumperError, match=r"window of a live view is 5 to 3600 seconds"):
        live.checked((0.5, window))


def test_what_is_not_given_has_defaults() -> None:
    assert live.checked(()) == (0.4, 120.0)
    assert live.checked((2.0,)) == (2.0, 120.0)
    assert live.checked((0.25, 3600.0)) == (0.25, 3600.0)


def test_a_widget_and_a_picture_beside_it() -> None:
    shell = Notebook()
    view = view_of(shell)
    view.show((), None, "process")
    (widget, _), (still, options) = shell.published
    assert "application/vnd.jupyter.widget-view+json" in widget
    assert widget["text/plain"] == "<live view>"
    assert sorted(still) == ["image/png", "text/html", "text/plain"]
    assert "<style>" in still["text/html"]
    assert 'alt="Level &quot;process&quot; &lt;b&gt;"' in still["text/html"]
    assert options["update"] is False
    # Shown again it is the same widget, with a picture of its own.
    view.show((), None, "process")
    assert shell.published[2][0] == widget
    assert shell.published[3][1]["transient"] != options["transient"]
    view.stop()


def test_the_picture_is_renewed_when_cells_end() -> None:
    shell = Notebook()
    view = view_of(shell, has_data=False)
    view.cell_ended()
    assert shell.published == []
    view.show((), None, "process")
    view._cost = 0.0
    view.cell_ended()
    still, options = shell.published[-1]
    assert options["update"] is True
    assert options["transient"] == shell.published[1][1]["transient"]
    assert "<pre>CPU &lt;i&gt;\n</pre>" in still["text/html"]
    # Not where that would take more than its share of the time.
    count = len(shell.published)
    view._cost = 1e6
    view.cell_ended()
    assert len(shell.published) == count
    # Later, when a page speaks while no cell runs.
    view._cost = 0.0
    view._native.cell_open = True
    view._hear({"client": "a", "views": 1, "missing": None})
    assert len(shell.published) == count
    view._native.cell_open = False
    view._hear({"client": "a", "views": 1, "missing": None})
    view._hear({"client": "a", "views": 1, "missing": None})
    count += 1
    assert len(shell.published) == count
    # And at the end of monitoring.
    view.stop()
    assert len(shell.published) == count + 1


def test_the_cell_that_shows_it_does_not_draw_twice() -> None:
    shell = Notebook()
    view = view_of(shell)
    view._native.cell_open = True
    view.show((), None, "process")
    view.cell_ended()
    assert len(shell.published) == 2
    view.cell_ended()  # the next one
    assert len(shell.published) == 3
    view.stop()


def test_where_nobody_is_there_is_only_the_picture() -> None:
    shell = Notebook(answers=False)
    view = view_of(shell)
    view.show((), None, "process")
    [(still, _)] = shell.published
    assert "image/png" in still
    assert "<style>" not in still["text/html"]
    assert view._feed is None


def test_without_anywidget_there_is_a_line_and_the_picture(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "jumper_extension.display.live_widget", None)
    shell = Notebook()
    view_of(shell).show((), None, "process")
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert "pip install 'jumper_extension[widget]'" in printed
    assert len(shell.published) == 1


def test_a_terminal_gets_a_line_and_text(capsys: pytest.CaptureFixture[str]) -> None:
    view_of(None).show((), None, "process")
    assert capsys.readouterr().out == (
        "[JUmPER]: a live view needs a notebook; this is how it stands now.\nCPU <i>\n"
    )


def test_it_needs_a_running_monitor(capsys: pytest.CaptureFixture[str]) -> None:
    service = PerfmonitorService()
    service.plot_performance(live=())
    service.plot_performance(live=(0.5, 120.0), cell_range="0")
    stopped, mixed = capsys.readouterr().out.splitlines()
    assert "%perfmonitor_start" in stopped
    assert "--live shows what comes" in mixed
