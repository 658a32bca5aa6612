# SPDX-License-Identifier: BSD-3-Clause
"""The plot as an object: its files, its way back from one, and hostile ones."""

from __future__ import annotations

import copy
import json
import pickle
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jumper_extension import JumperError, Plot, load_plot
from jumper_extension.display.panels import choose
from jumper_extension.native import NativePlot
from jumper_extension.plot import SUFFIXES

HOSTILE = [
    '<img src=x onerror="alert(1)">',
    "</script><script>alert(1)</script><!--",
    "\u202e\u05e9\u05dc\u05d5\u05dd\x00\x1b[31m\r\n",
    "x" * 100_000,
    "]]>&amp;'\"\\(",
]
CURVES = [(0, 0, [0, 50, 100, 20]), (1, 0, [2**30, 2**30, 2**31, 2**31])]


@pytest.fixture
def plot(plot_document: Callable[..., bytes]) -> Plot:
    return Plot(NativePlot.load(plot_document(CURVES, ["a = 1", "b = 2"])))


@pytest.mark.parametrize(
    ("metrics", "keys"),
    [
        ("cpu", ["cpu"]),
        ("mem, io_write", ["memory", "io"]),
        ("io_read,io_write", ["io"]),
        (["processes", "cpu_summary"], ["processes", "cpu"]),
    ],
)
def test_choosing_panels(metrics: str | list[str], keys: list[str]) -> None:
    assert choose(metrics) == keys


def test_unknown_metric_names_the_known_ones() -> None:
    with pytest.raises(JumperError) as mistake:
        choose("cpu,memmory")
    message = str(mistake.value)
    assert "'memmory' (did you mean memory?)" in message
    assert all(key in message for key, _ in NativePlot.panels())


@pytest.mark.parametrize("metrics", ["", "cpu,", ",", []])
def test_empty_metric_is_unknown(metrics: Any) -> None:
    with pytest.raises(JumperError, match="unknown metric ''"):
        choose(metrics)


def test_gpus_have_panels_by_the_names_of_the_python_jumper() -> None:
    assert choose("cpu,gpu_util_summary,gpu_mem,gpu_all") == ["cpu", "gpu", "gpu_mem", "gpu_all"]
    with pytest.raises(JumperError, match="unknown metric 'gpu_fans'"):
        choose("gpu_fans")


MAGIC = {
    ".svg": b"<svg",
    ".png": b"\x89PNG",
    ".jpg": b"\xff\xd8\xff",
    ".pdf": b"%PDF",
    ".html": b"<!doctype html>",
    ".csv": b"seconds,timestamp,cell_index,cpu_percent,memory_bytes,",
    ".json": b'{"format":"jumper-plot"',
}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_suffix_says_what_is_written(plot: Plot, tmp_path: Path, suffix: str) -> None:
    for name in (f"p{suffix}", f"P{suffix.upper()}"):
        written = plot.save(tmp_path / name)
        assert written == str(tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(MAGIC[suffix])


@pytest.mark.parametrize(
    "name", ["p.gif", "p", ".svg", "p.svg.", "no/such/p.svg", "folder.svg", ""]
)
def test_what_cannot_be_written_changes_nothing(plot: Plot, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(JumperError) as mistake:
        plot.save(f"{tmp_path}/{name}" if name else name)
    assert "\n" not in str(mistake.value)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.svg"]


def test_a_failure_leaves_the_old_file_alone(
    plot: Plot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "p.svg"
    old.write_text("precious")

    def full(path: str, content: bytes) -> None:
        raise JumperError("cannot write: No space left on device")

    monkeypatch.setattr("jumper_extension.plot.write_file", full)
    with pytest.raises(JumperError, match="No space"):
        plot.save(old)
    assert old.read_text() == "precious"


def test_a_page_stands_alone(plot: Plot, tmp_path: Path) -> None:
    page = Path(plot.save(tmp_path / "p.html")).read_text("utf-8")
    assert '<meta charset="utf-8">' in page
    assert "<title>JUmPER: Level process, cells 0 to 1, 3.00 s</title>" in page
    assert re.search(r"default-src 'none'.*script-src 'sha256-[A-Za-z0-9+/]{43}='", page)
    assert re.findall(r"https?://\S{0,40}", page) == []
    assert re.findall(r"(?:src|href)=\"(?!data:)", page) == []
    assert page.count("<script") == 2
    assert 'src="data:image/png;base64,' in page


@pytest.mark.parametrize("source", HOSTILE)
def test_hostile_sources(plot_document: Callable[..., bytes], tmp_path: Path, source: str) -> None:
    document = plot_document(CURVES, [source, "b"])
    plot = Plot(NativePlot.load(document))
    page = Path(plot.save(tmp_path / "p.html")).read_text("utf-8")
    assert page.count("<script") == 2
    assert "<img src=x" not in page
    assert "\u202e" not in page
    svg = Path(plot.save(tmp_path / "p.svg")).read_text("utf-8")
    elements = {element.tag.rpartition("}")[2] for element in ET.fromstring(svg).iter()}  # noqa: S314
    assert "script" not in elements
    assert "img" not in elements
    assert "\x1b" not in plot.text()
    for suffix in (".png", ".pdf", ".csv", ".json"):
        plot.save(tmp_path / f"p{suffix}")
    assert load_plot(tmp_path / "p.json").title == plot.title


def test_comes_back_from_its_file(plot: Plot, tmp_path: Path) -> None:
    loaded = load_plot(plot.save(tmp_path / "p.json"))
    assert loaded.title == plot.title
    assert repr(loaded) == repr(plot)
    data, metadata = loaded._repr_mimebundle_(include=None, exclude=None)
    assert sorted(data) == ["image/png", "text/html", "text/plain"]
    assert metadata == {"image/png": {"width": 860}}
    chart = loaded.native.chart()
    mean = chart["panels"][0]["series"][0]["mean"]
    assert np.isnan(mean[0]), "a rate needs a point before it"
    assert mean[1:].tolist() == pytest.approx([50, 100, 20], abs=0.01)
    assert chart["panels"][0]["series"][0]["x"].tolist() == [0, 1, 2, 3]


def test_can_be_pickled_and_copied(plot: Plot) -> None:
    for other in (pickle.loads(pickle.dumps(plot)), copy.deepcopy(plot)):  # noqa: S301 - its own
        assert other.text() == plot.text()


class Evil:
    """What runs when it is unpickled."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return exec, ("import builtins; builtins.hacked = True",)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_not_loaded(tmp_path: Path, protocol: int) -> None:
    import builtins

    path = tmp_path / "old.pkl"
    path.write_bytes(pickle.dumps({"metrics": ["cpu"], "figure": Evil()}, protocol=protocol))
    with pytest.raises(JumperError, match=r"is a pickle and is not loaded.*--pickle"):
        load_plot(path)
    assert not hasattr(builtins, "hacked")


DEEP = b"[" * 200_000
WRONG = [
    b"",
    b"\x00" * 1000,
    b"\xff\xfe",
    b"null",
    b"[]",
    b"{}",
    b'{"format": "jumper-plot"}',
    b'{"format": "jumper-plot", "version": 2}',
    b'{"format": NaN}',
    DEEP,
    b'{"a":' * 100_000,
    b"<html>",
    b"1" * 100_000,
    b'{"format": "jumper-plot", "version": 1, "data": 7}',
]


@pytest.mark.parametrize("content", WRONG, ids=range(len(WRONG)))
def test_what_is_no_plot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("p.json")
    path.write_bytes(content)
    with pytest.raises(JumperError) as mistake:
        load_plot(path)
    assert "p.json" in str(mistake.value)
    assert "\n" not in str(mistake.value)
    assert len(str(mistake.value)) < 400


@pytest.mark.parametrize(
    "more",
    [
        {"level": "<script>alert(1)</script>\n\u202e"},
        {"level": None},
        {"tick": "1e-4"},
        {"tick": 1e308},
        {"to": -1},
        {"range": [1]},
        {"range": {"0": 1}},
        {"panels": 7},
        {"panels": [{"key": ["cpu"]}]},
        {"cells": []},
        {"cells": {"first": 0, "status": "ooo", "labels": ["a", "b"]}},
        {"cells": {"first": 1e300, "status": "", "labels": []}},
        {"levels": [{"name": "process", "points": -1}]},
        {"levels": [{"name": "process", "points": 10**9, "curves": []}]},
        {"levels": [{"name": "process", "points": 0.5, "curves": []}]},
        {"data": "****"},
        {"data": ""},
    ],
)
def test_wrong_types_and_sizes(
    plot_document: Callable[..., bytes], tmp_path: Path, more: dict[str, Any]
) -> None:
    path = tmp_path / "p.json"
    path.write_bytes(plot_document(CURVES, ["a", "b"], **more))
    with pytest.raises(JumperError) as mistake:
        load_plot(path)
    assert "\n" not in str(mistake.value)
    assert "\u202e" not in str(mistake.value).encode("ascii", "ignore").decode()


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for name in ("missing.json", "."):
        with pytest.raises(JumperError, match="cannot load"):
            load_plot(tmp_path / name)
    with pytest.raises(JumperError, match="not a file name"):
        load_plot("a\0b")


def test_nothing_measured_is_a_plot_that_says_so(
    plot_document: Callable[..., bytes], tmp_path: Path
) -> None:
    empty = Plot(NativePlot.load(plot_document([])))
    assert "No data yet" in empty.text()
    data, metadata = empty._repr_mimebundle_()
    assert sorted(data) == ["text/html", "text/plain"]
    assert metadata == {}
    for suffix in SUFFIXES:
        empty.save(tmp_path / f"p{suffix}")
    assert "no data" in (tmp_path / "p.svg").read_text()


def test_one_sample(plot_document: Callable[..., bytes]) -> None:
    one = Plot(NativePlot.load(plot_document([(0, 0, [5])])))
    assert "No data yet" in one.text()
    assert len(one.native.draw("png")) > 1000


def test_absent_metrics_have_no_data(plot_document: Callable[..., bytes], tmp_path: Path) -> None:
    plot = Plot(NativePlot.load(plot_document([CURVES[0]])).select(["memory", "network"]))
    assert plot.text().count("no data") == 2
    assert Path(plot.save(tmp_path / "p.svg")).read_text().count("no data") == 2
    [memory, network] = plot.native.chart()["panels"]
    assert memory["series"] == network["series"] == []
    assert plot.to_matplotlib().axes[0].texts[0].get_text() == "no data"


def test_an_hour_of_noise_fits(noisy_hour: bytes) -> None:
    data, _ = Plot(NativePlot.load(noisy_hour))._repr_mimebundle_()
    assert sum(len(form.encode()) for form in data.values()) < 200_000
    assert data["image/png"] in data["text/html"]


def test_matplotlib_figure(plot_document: Callable[..., bytes], tmp_path: Path) -> None:
    document = json.loads(plot_document(CURVES, ["$x$", "b"]))
    document["cells"]["status"] = "oe"
    document["levels"][0]["memory_limit"] = 2.5 * 2**30
    plot = Plot(NativePlot.load(json.dumps(document).encode()))
    figure = plot.to_matplotlib()
    cpu, memory, io = figure.axes
    assert [axis.get_ylabel() for axis in figure.axes] == ["CPU (%)", "Memory (GB)", "I/O"]
    assert cpu.lines[0].get_ydata().tolist()[1:] == [50, 100, 20]
    assert cpu.lines[0].get_drawstyle() == "steps-pre"
    assert memory.lines[0].get_ydata().tolist() == [1, 1, 2, 2]
    assert memory.lines[0].get_drawstyle() == "default"
    assert np.asarray(memory.lines[1].get_ydata()).tolist() == [2.5, 2.5]
    assert [text.get_text() for text in cpu.texts] == ["#0", "#1"]
    assert io.texts[0].get_text() == "no data"
    figure.savefig(tmp_path / "p.png")


WITHOUT_MATPLOTLIB = """
import sys
sys.modules["matplotlib"] = None
import jumper_extension
plot = jumper_extension.load_plot(sys.argv[1])
plot.save("p.svg")
plot._repr_mimebundle_()
try:
    plot.to_matplotlib()
except jumper_extension.JumperError as error:
    print(error)
"""


def test_without_matplotlib(plot: Plot, tmp_path: Path) -> None:
    path = plot.save(tmp_path / "p.json")
    command = [sys.executable, "-c", WITHOUT_MATPLOTLIB, path]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("matplotlib is not installed: pip install matplotlib")
    assert (tmp_path / "p.svg").exists()
