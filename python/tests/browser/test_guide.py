# SPDX-License-Identifier: BSD-3-Clause
"""The pictures of docs/guide.md, from the example notebooks: `make pictures` puts them there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

SCREENSHOTS = Path("build/screenshots").resolve()
EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


@pytest.mark.timeout(180)
def test_pictures_of_an_example(
    open_page: Callable[..., Any], run_as_page: Callable[[tuple[str, ...]], Callable[..., str]]
) -> None:
    # GIVEN an example as a page
    example = nbformat.read(EXAMPLES / "memory_spike.ipynb", as_version=4)
    sources = tuple(cell.source for cell in example.cells if cell.cell_type == "code")
    page = open_page(run_as_page(sources)()).page
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for name in ("history", "report", "plot"):
        shown = page.locator(f".jumper-{name}")
        # THEN each of the outputs is there, and large enough to be seen
        assert shown.count() == 1
        if name != "report":
            page.locator(f".jumper-{name}[data-state=ready]").wait_for()
        box = shown.bounding_box()
        assert box["width"] > 600
        assert box["height"] > 100
        shown.screenshot(path=SCREENSHOTS / f"guide_{name}.png")
