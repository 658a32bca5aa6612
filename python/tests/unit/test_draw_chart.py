# SPDX-License-Identifier: BSD-3-Clause
import io
import math
import re
import threading
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pytest
import resvg_py
from jumper_extension._core import JumperError, draw_chart
from PIL import Image

GB = 1024.0**3
SVG = "{http://www.w3.org/2000/svg}"
FORMATS = ("svg", "pdf", "png", "jpg")
HOSTILE = [
    "</svg><script>alert(1)</script>",
    "\x00\x01\x1b[31m\r\n\t",
    "\u05e9\u05dc\u05d5\u05dd \u202e abc",
    "x" * 10_000,
    "\ufffe\uffff \U0001f600 \ud800",
    "&amp;]]>\"'<!--",
    "(((\\)",
]


def hour(theme: Any = "light") -> dict[str, Any]:
    """Six panels of an hour, with cells."""
    x = np.linspace(0, 3600, 900)
    wave = np.sin(x / 200)
    noise = np.random.default_rng(3).normal(0, 1, x.size)
    cpu = np.clip(50 + 40 * wave + 3 * noise, 0, 100)
    memory = 4 * GB + GB * np.floor(x / 600)
    memory[300:350] = math.nan

    def series(mean: Any, **more: Any) -> dict[str, Any]:
        return {"x": x, "mean": mean, **more}

    return {
        "title": "process · cells 0 to 9",
        "theme": theme,
        "panels": [
            {
                "title": "CPU",
                "unit": "percent",
                "series": [series(cpu, low=cpu * 0.8, high=np.minimum(cpu * 1.2, 100))],
            },
            {
                "title": "Memory",
                "unit": "bytes",
                "series": [series(memory)],
                "limit": {"value": 16 * GB, "label": "limit 16 GB"},
            },
            {
                "title": "I/O",
                "unit": "bytes/s",
                "series": [
                    series(np.where(wave > 0.9, 2e8, 0), label="read"),
                    series(np.where(wave < -0.9, 1e8, 0), label="written"),
                ],
            },
            {"title": "Processes", "unit": "count", "series": [series(np.ceil(4 + wave * 3))]},
            {"title": "Waiting", "unit": "percent", "series": [series(2 + 2 * wave, label="I/O")]},
            {"title": "GPU", "unit": "percent", "series": []},
        ],
        "cells": [
            {"from": 360 * i + 10, "to": 360 * i + 300, "index": i, "name": f"step_{i}()"}
            for i in range(10)
        ],
    }


def document(svg: bytes | str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own, and a test fails where it is no XML


def picture(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        return np.asarray(image.convert("RGB")).astype(int)


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_png_is_read_back(theme: str, scale: int) -> None:
    """GIVEN an hour WHEN drawn THEN Pillow reads it, it is small, and its corner is background."""
    data = draw_chart(hour(theme), "png", scale=scale)
    pixels = picture(data)
    assert pixels.shape[1] == 1000 * scale
    assert 4_000 < len(data) < 40_000 * scale**1.5
    assert tuple(pixels[0, 0]) == ((255, 255, 255) if theme == "light" else (24, 26, 30))


def test_a_picture_says_how_large_it_is_meant() -> None:
    with Image.open(io.BytesIO(draw_chart(hour(), "png", scale=2))) as image:
        assert image.info["dpi"][0] == pytest.approx(192, abs=0.1)


@pytest.mark.parametrize("quality", [1, 30, 60, 92, 100])
def test_jpeg_looks_like_the_png(quality: int) -> None:
    """GIVEN one chart WHEN drawn as JPEG THEN it differs from the PNG as its quality says."""
    exact = picture(draw_chart(hour(), "png"))
    lossy = picture(draw_chart(hour(), "jpg", quality=quality))
    assert lossy.shape == exact.shape
    bound = {1: 25, 30: 5, 60: 4, 92: 1.5, 100: 0.6}[quality]
    assert np.abs(lossy - exact).mean() < bound


def test_jpeg_of_a_size_that_is_no_multiple_of_its_blocks() -> None:
    for width, height in ((251, 161), (247, 163), (256, 160)):
        chart = {"width": width, "height": height}
        assert picture(draw_chart(chart, "jpg")).shape == (height, width, 3)
        assert picture(draw_chart(chart, "png")).shape == (height, width, 3)


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_png_and_svg_show_the_same(theme: str, scale: int) -> None:
    """GIVEN one chart WHEN resvg draws the SVG THEN the plots are those of our PNG.

    Only the plots are compared: what is written around them depends on resvg's fonts.
    """
    chart = hour(theme)
    svg = draw_chart(chart, "svg").decode()
    ours = picture(draw_chart(chart, "png", scale=scale))
    other = resvg_py.svg_to_bytes(svg_string=svg, zoom=scale, skip_system_fonts=True)
    theirs = picture(bytes(other))
    assert ours.shape == theirs.shape
    plots = [
        [round(float(part.attrib[name]) * scale) for name in ("x", "y", "width", "height")]
        for part in document(svg).iter(f"{SVG}svg")
        if "x" in part.attrib
    ]
    assert len(plots) == 6
    for left, top, width, height in plots[:5]:
        part = np.s_[top : top + height, left : left + width]
        difference = np.abs(ours[part] - theirs[part]).max(axis=2)
        assert difference.mean() < 3
        assert (difference > 64).mean() < 0.005
        assert np.ptp(ours[part]) > 100, "there is a curve"


def test_svg_is_a_document_that_says_what_it_shows() -> None:
    root = document(draw_chart(hour(), "svg"))
    assert root.tag == f"{SVG}svg"
    assert root.attrib["role"] == "img"
    assert root.findtext(f"{SVG}title") == "process · cells 0 to 9"
    assert "CPU, Memory" in (root.findtext(f"{SVG}desc") or "")
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"CPU (%)", "Memory (GB)", "I/O (MB/s)", "read", "no data"} <= set(texts)


def test_pdf_has_its_parts_where_it_says() -> None:
    data = draw_chart(hour(), "pdf")
    assert data.startswith(b"%PDF-1.4")
    start = int(data[data.rindex(b"startxref") :].split()[1])
    assert data[start:].startswith(b"xref\n0 8\n")
    offsets = re.findall(rb"(\d{10}) 00000 n ", data[start:])
    for number, offset in enumerate(offsets, 1):
        assert data[int(offset) :].startswith(b"%d 0 obj" % number)
    found = re.search(rb"<</Length (\d+)>>stream\n", data)
    assert found
    assert data[found.end() + int(found[1]) :].startswith(b"endstream")


@pytest.mark.parametrize("label", HOSTILE, ids=ascii)
def test_hostile_labels(label: str) -> None:
    """GIVEN labels that look like code WHEN drawn THEN they are text, and the files are whole."""
    chart = hour()
    chart["title"] = chart["description"] = label
    for panel in chart["panels"]:
        panel["title"] = label
        panel["limit"] = {"value": 1, "label": label}
        for series in panel["series"]:
            series["label"] = label
    for cell in chart["cells"]:
        cell["name"] = label
    root = document(draw_chart(chart, "svg"))
    assert not list(root.iter(f"{SVG}script"))
    assert picture(draw_chart(chart, "png")).size
    assert picture(draw_chart(chart, "jpg")).size
    assert draw_chart(chart, "pdf").endswith(b"%%EOF\n")


@pytest.mark.parametrize("numbers", [[], [1], [None, None], [math.inf, 1, -math.inf, math.nan]])
def test_numbers_that_are_none(numbers: list[Any]) -> None:
    ends = {"from": numbers[0] or 0, "to": numbers[-1] or 0} if numbers else {}
    series = {"x": numbers, "mean": numbers, "low": numbers, "high": numbers}
    chart = {
        "range": ends,
        "cells": [{**ends, "index": 0}],
        "idle": [ends],
        "panels": [{"title": "p", "series": [series]}],
    }
    for name in FORMATS:
        assert draw_chart(chart, name)
    document(draw_chart(chart, "svg"))


def test_a_million_points_are_no_larger_than_a_thousand() -> None:
    x = np.linspace(0, 1000, 1_000_000)
    chart = {"panels": [{"title": "p", "series": [{"x": x, "mean": np.cos(x * 77)}]}]}
    assert len(draw_chart(chart, "svg")) < 200_000
    assert len(draw_chart(chart, "png")) < 100_000


def test_lists_and_arrays_are_the_same() -> None:
    def chart(kind: Any) -> dict[str, Any]:
        series = {"x": kind([0, 1, 2]), "mean": kind([1, 2, 1])}
        return {"panels": [{"title": "p", "series": [series]}]}

    expected = draw_chart(chart(list), "svg")
    assert draw_chart(chart(tuple), "svg") == expected
    for dtype in (np.float64, np.float32, np.int64):
        assert (
            draw_chart(chart(lambda values, dtype=dtype: np.array(values, dtype)), "svg")
            == expected
        )
    strided = {"x": np.array([0.0, 9, 1, 9, 2])[::2], "mean": [1, 2, 1]}
    assert draw_chart({"panels": [{"title": "p", "series": [strided]}]}, "svg") == expected


@pytest.mark.parametrize(
    ("chart", "message"),
    [
        ({"theme": "blue"}, "'light' or 'dark'"),
        ({"theme": {"ink": "red"}}, "#rrggbb"),
        ({"panels": [{"unit": "miles"}]}, "unit of a panel"),
        ({"panels": 7}, "'panels' is of the wrong type"),
        ({"panels": [{"series": [{"x": ["a"]}]}]}, "'x' is of the wrong type"),
        ({"width": "wide"}, "'width' is of the wrong type"),
        ({"title": 3}, "wrong type"),
        ({"cells": [{"index": -1}]}, "'index' is of the wrong type"),
    ],
)
def test_mistakes_are_one_line(chart: dict[str, Any], message: str) -> None:
    with pytest.raises(JumperError, match=re.escape(message)) as raised:
        draw_chart(chart, "svg")
    assert "\n" not in str(raised.value)


def test_a_format_or_a_scale_that_there_is_not() -> None:
    with pytest.raises(JumperError, match="svg, pdf, png or jpg, not 'bmp'"):
        draw_chart({}, "bmp")
    with pytest.raises(JumperError, match="scale"):
        draw_chart({}, "png", scale=100)


def test_others_run_while_it_draws() -> None:
    """GIVEN threads that draw WHEN all at once THEN each gets its own, and the same, picture."""
    expected = draw_chart(hour(), "png")
    drawn: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: drawn.append(draw_chart(hour(), "png"))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert drawn == [expected] * 4
