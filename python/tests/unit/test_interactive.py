# SPDX-License-Identifier: BSD-3-Clause
import io
import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from jumper_extension.display import interactive, plot
from jumper_extension.display.output import Output

BUNDLE_BYTES = 110_000
OUTPUT_BYTES = 200_000
DOCUMENT_BYTES = 48_000  # kPlotBytes in core/jumper/report/plot_document.h


class Plot:
    """What the native core gives."""

    def __init__(self, json: str = "{}", has_data: bool = True) -> None:
        self.title = 'Level "process" <b>'
        self.has_data = has_data
        self._json = json

    def json(self) -> str:
        return self._json

    def text(self) -> str:
        return "CPU <i> \u2581\u2582\n"


class Native:
    """An hour at 1 Hz, as busy and noisy as can be."""

    def __init__(self) -> None:
        self.plots: list[Any] = []

    def plot(self, cells: Any, level: str) -> Plot:
        self.plots.append((cells, level))
        return Plot("x" * DOCUMENT_BYTES)

    def perfdata(self, level: str) -> dict[str, Any]:
        noise = np.random.default_rng(1).random((5, 3600))
        return {
            "time": 100.0 + np.arange(3600),
            "cpu_util_avg": noise[0] * 100,
            "memory": noise[1] * 8,
            "io_read_mb": np.cumsum(noise[2] * 100),
            "io_write_mb": np.cumsum(noise[3] * 100),
        }

    def cells(self) -> dict[str, list[Any]]:
        starts = [100.0 + 60 * i for i in range(60)]
        return {
            "cell_index": list(range(60)),
            "start_time": starts,
            "end_time": [start + 45 for start in starts],
            "status": ["ok"] * 60,
        }

    def info(self) -> dict[str, Any]:
        return {"start_time": 100.0, "memory_limits": {"process": 8.0}}


def notebook() -> tuple[Output, list[dict[str, str]]]:
    published: list[dict[str, str]] = []
    publisher = SimpleNamespace(publish=lambda data, metadata: published.append(data))
    return Output(SimpleNamespace(display_pub=publisher, kernel=object())), published


def test_bundle_is_small_and_needs_no_network() -> None:
    script = interactive.script()
    assert 50_000 < len(script) < BUNDLE_BYTES
    assert script.isascii()
    assert re.findall(r"https?://\S{0,40}", script) == []
    assert re.findall(r"\b(?:import\(|fetch\(|XMLHttpRequest|WebSocket|localStorage)", script) == []


def test_bundle_cannot_end_its_own_element() -> None:
    script = interactive.script().lower()
    assert "</script" not in script
    assert "<!--" not in script


def test_title_and_text_are_escaped() -> None:
    html = interactive.html(Plot(), b"\x89PNG")
    assert 'alt="Level &quot;process&quot; &lt;b&gt;"' in html
    html = interactive.html(Plot(), None)
    assert "<pre>CPU &lt;i&gt; \u2581\u2582\n</pre>" in html


def test_an_hour_fits() -> None:
    output, published = notebook()
    native: Any = Native()
    plot.show(native, output, metrics=None, cell_range=None, level="process", save_jpeg=None)
    [data] = published
    assert sorted(data) == ["image/png", "text/html", "text/plain"]
    assert sum(len(form.encode()) for form in data.values()) < OUTPUT_BYTES
    assert native.plots == [(None, "process")]


def test_range_and_level_are_passed_on() -> None:
    output, _ = notebook()
    native: Any = Native()
    native.resolve_cells = lambda text: tuple(map(int, text.split(":")))
    plot.show(native, output, metrics=None, cell_range="2:5", level="user", save_jpeg=None)
    assert native.plots == [("2:5", "user")]


def test_without_data_there_is_no_picture() -> None:
    output, published = notebook()
    native: Any = SimpleNamespace(plot=lambda cells, level: Plot(has_data=False))
    plot.show(native, output, metrics=None, cell_range=None, level="process", save_jpeg=None)
    [data] = published
    assert sorted(data) == ["text/html", "text/plain"]


def test_a_terminal_gets_text(capsys: pytest.CaptureFixture[str]) -> None:
    native: Any = SimpleNamespace(plot=lambda cells, level: Plot())
    plot.show(native, Output(), metrics=None, cell_range=None, level="process", save_jpeg=None)
    assert capsys.readouterr().out == "CPU <i> \u2581\u2582\n"


def test_a_terminal_that_lacks_the_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", stream)
    native: Any = SimpleNamespace(plot=lambda cells, level: Plot())
    plot.show(native, Output(), metrics=None, cell_range=None, level="process", save_jpeg=None)
    stream.flush()
    assert stream.buffer.getvalue() == b"CPU <i> \\u2581\\u2582\n"
