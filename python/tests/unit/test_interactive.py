# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import base64
import io
import re
import struct
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jumper_extension import JumperError
from jumper_extension.display import interactive, plot
from jumper_extension.display.output import Output
from jumper_extension.native import NativePlot

BUNDLE_BYTES = 110_000
OUTPUT_BYTES = 200_000


class Titled:
    """A plot whose texts look like markup."""

    title = 'Level "process" <b>'

    def json(self) -> str:
        return "{}"

    def text(self) -> str:
        return "CPU <i> \u2581\u2582\n"


class Native:
    """A monitor that has one plot."""

    def __init__(self, document: bytes) -> None:
        self.asked: list[Any] = []
        self.document = document

    def plot(self, cells: Any, level: str) -> NativePlot:
        self.asked.append((cells, level))
        return NativePlot.load(self.document)


def notebook() -> tuple[Output, list[dict[str, str]]]:
    published: list[dict[str, str]] = []
    publisher = SimpleNamespace(publish=lambda data, metadata: published.append(data))
    return Output(SimpleNamespace(display_pub=publisher, kernel=object())), published


def show(native: Any, output: Output, **options: Any) -> None:
    plot.show(native, output, **{"metrics": None, "cell_range": None, "level": "process"} | options)


@pytest.fixture
def native(plot_document: Callable[..., bytes]) -> Any:
    return Native(plot_document([(0, 0, [1, 2, 3]), (1, 0, [4, 5, 6])], ["a", "b"]))


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
    titled: Any = Titled()
    html = interactive.html(titled, b"\x89PNG")
    assert 'alt="Level &quot;process&quot; &lt;b&gt;"' in html
    html = interactive.html(titled, None)
    assert "<pre>CPU &lt;i&gt; \u2581\u2582\n</pre>" in html


def test_an_hour_of_noise_fits(noisy_hour: bytes) -> None:
    for metrics in (None, "cpu,mem,io"):
        output, published = notebook()
        native: Any = Native(noisy_hour)
        show(native, output, metrics=metrics)
        [data] = published
        assert sorted(data) == ["image/png", "text/html", "text/plain"]
        assert sum(len(form.encode()) for form in data.values()) < OUTPUT_BYTES
        png = base64.b64decode(data["image/png"])
        assert struct.unpack(">I", png[16:20]) == (2 * interactive.PICTURE_WIDTH,)
        assert native.asked == [(None, "process")]


def test_range_and_level_are_passed_on(native: Any) -> None:
    output, _ = notebook()
    show(native, output, cell_range="2:5", level="user")
    assert native.asked == [("2:5", "user")]


def test_metrics_are_all_there_is(native: Any) -> None:
    output, published = notebook()
    show(native, output, metrics="mem,network")
    [data] = published
    assert '"key":"memory"' in data["text/html"]
    assert '"key":"network"' in data["text/html"]
    assert '"key":"cpu"' not in data["text/html"]
    assert "CPU" not in data["text/plain"]


def test_without_data_there_is_no_picture(plot_document: Callable[..., bytes]) -> None:
    output, published = notebook()
    native: Any = Native(plot_document([]))
    show(native, output)
    [data] = published
    assert sorted(data) == ["text/html", "text/plain"]


def test_a_terminal_gets_text(native: Any, capsys: pytest.CaptureFixture[str]) -> None:
    show(native, Output())
    assert capsys.readouterr().out.startswith("Level process, cells 0 to 1, ")
    show(native, Output(), metrics="memory")
    assert "CPU" not in capsys.readouterr().out


def test_a_terminal_that_lacks_the_characters(native: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", stream)
    show(native, Output())
    stream.flush()
    assert b"\\u2588" in stream.buffer.getvalue()


def test_files_beside_the_plot(
    native: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    output, published = notebook()
    show(native, output, save="a.svg", save_jpeg="b", pickle_file="c")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.svg", "b.jpg", "c.json"]
    said = capsys.readouterr().out.splitlines()
    assert [line.split(" ")[4] for line in said] == ["a.svg", "b.jpg", "c.json"]
    assert "load_plot('c.json')" in said[2]
    assert len(published) == 1
    show(native, output, save_jpeg="d.jpeg", pickle_file="d.pkl")
    assert {"d.jpeg", "d.pkl"} <= {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize("options", [{"save": "p.gif"}, {"save_jpeg": "no/p"}, {"pickle_file": ""}])
def test_what_cannot_be_written_is_not_shown(native: Any, options: dict[str, str]) -> None:
    output, published = notebook()
    with pytest.raises(JumperError):
        show(native, output, **options)
    assert published == []
