# SPDX-License-Identifier: BSD-3-Clause
"""Cells whose source would break a page or a file if it were not escaped."""

from __future__ import annotations

import csv
import json
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

if TYPE_CHECKING:
    from conftest import Kernel, Session

HOSTILE = {
    "script": "x = '</script><script>alert(1)</script><img src=x onerror=alert(1)>'",
    "quotes": "x = \"'\" + '\"' + `",
    "nul": "x = 'a\0b'",
    "emoji": "x = '\U0001f600\u202e\u0301'",
    "lines": "x = 1\r\ny = '''a,b\n\n\"c\"'''",
    "ansi": "x = '\x1b[31mred\x1b[0m'",
    "formula": "=cmd|'/C calc'!A0",
    "long": "x = '" + "0123456789" * 100_000 + "'",
}
CELLS = pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)


class Elements(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        if self.lasttag != "style":
            self.text += data


@CELLS
def test_exported_whole(measured: Session, tmp_path: Path, source: str) -> None:
    measured(source)
    measured("%perfmonitor_export_cell_history h.json")
    measured("%perfmonitor_export_cell_history h.csv")
    records = json.loads((tmp_path / "h.json").read_text(encoding="utf-8"))
    assert records[3]["raw_cell"] == source
    csv.field_size_limit(sys.maxsize)
    with (tmp_path / "h.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[3]["raw_cell"] == source.replace("\0", "")  # readers of CSV refuse NULs
    measured("%perfmonitor_export_cell_history")
    frame: pd.DataFrame = measured.shell.user_ns["cell_history_df"]
    assert frame["raw_cell"][3] == source


@CELLS
def test_shown_escaped(measured: Session, source: str) -> None:
    measured(source)
    native = measured.service.monitor.native
    for html in (native.history_html(), native.report((3, 3), "process").html()):
        page = Elements()
        page.feed(html)
        assert not page.names & {"script", "img", "iframe"}
        assert not {name for name in page.attributes if name.startswith("on")}
    text = native.history_text()
    assert not [c for c in text if not c.isprintable() and c != "\n"]


def test_shown_in_the_history(measured: Session) -> None:
    measured(HOSTILE["script"])
    page = Elements()
    page.feed(measured.service.monitor.native.history_html())
    assert "</script><script>" in page.text


@CELLS
def test_through_a_kernel(kernel: Kernel, source: str) -> None:
    kernel("%perfmonitor_fast_setup")
    kernel(source)
    history = kernel("%cell_history")
    assert history.status == "ok"
    assert kernel.history()[1]["raw_cell"] == source


def test_half_a_character(measured: Session) -> None:
    """JSON can carry a lone surrogate into a kernel; it has no UTF-8 form."""
    measured.service.on_pre_run_cell("x = '\ud800'", ["time '\ud800'"])
    measured.service.on_post_run_cell()
    measured("after = 1")
    frame = measured.service.monitor.cells()
    assert frame["raw_cell"].tolist()[3:] == ["x = '?'", "after = 1"]
    assert frame["cell_magics"].tolist()[3:] == [["time '?'"], []]
    measured.mistake("%perfmonitor_perfreport --cell \ud800")
    measured.mistake("%perfmonitor_export_perfdata \ud800.csv")
