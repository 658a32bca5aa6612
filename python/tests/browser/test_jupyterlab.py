# SPDX-License-Identifier: BSD-3-Clause
"""Plot and history in a real JupyterLab and Notebook 7, whose server has no JUmPER: `make test-lab`."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest

CELLS = (
    "%load_ext jumper_extension",
    "%perfmonitor_start 0.1",
    "import time; kept = bytearray(50 * 2**20); sum(range(3 * 10**6))",
    "x = '<img src=x onerror=\"window.hacked=1\"></script>'; time.sleep(0.5)",
    "%cell_history",
    "%perfmonitor_plot",
)


def check_history(page: Any, theme: str) -> None:
    """Its keys are its own, too, and its code has the colours of the theme."""
    history = page.locator(".jumper-history[data-state=ready]")
    cells = page.locator(".jp-Cell").count()
    numbers = history.locator("tbody td:first-child")
    before = numbers.all_inner_texts()  # the kernel may be one that ran the notebook before
    assert len(before) >= 3
    history.locator("th button").first.focus()
    for key in ("a", "b", "x", "Enter"):  # Enter would begin to edit the cell
        page.keyboard.press(key)
    assert numbers.all_inner_texts() == before[::-1]
    history.locator("input").focus()
    page.keyboard.type("bytearray")
    assert page.locator(".jp-Cell").count() == cells
    assert "1" in numbers.locator("visible=true").all_inner_texts()
    assert numbers.locator("visible=true").count() < len(before)
    code = history.locator("tbody td:last-child code").first
    light = "(e) => getComputedStyle(e).color.match(/\\d+/g).slice(0, 3).every((v) => v > 150)"
    assert code.evaluate(light) == theme.endswith("Dark")


@pytest.mark.timeout(400)
@pytest.mark.parametrize("application", ["lab", "notebook"])
def test_plot_in_the_application(page: Any, lab: Any, theme: str, application: str) -> None:
    # GIVEN a notebook that is run there
    lab.write("run.ipynb", CELLS)
    lab.open(page, "run.ipynb", application)
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells'); }")
    plot = page.locator(".jumper-plot[data-state=ready]")
    plot.wait_for()
    # THEN the plot is drawn, in the colours of the theme
    plot.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    assert plot.evaluate(lab.drawn)
    has_dark = "dark" in plot.locator(".plot").get_attribute("class")
    assert has_dark == theme.endswith("Dark")
    # AND its keys are its own: in a notebook, A, B and X insert and cut cells
    cells = page.locator(".jp-Cell").count()
    view = plot.get_attribute("data-view")
    plot.locator(".chart").first.focus()
    for key in ("a", "b", "x", "ArrowRight", "ArrowDown", "+"):
        page.keyboard.press(key)
    assert page.locator(".jp-Cell").count() == cells
    assert plot.get_attribute("data-view") != view
    assert page.evaluate("window.hacked") is None
    lab.screenshot(page, application)
    check_history(page, theme)
    # AND it is there again when the saved notebook is opened anew
    lab.command(page, "docmanager:save")
    lab.open(page, "run.ipynb", application)
    plot.wait_for()
    assert plot.evaluate(lab.drawn)


@pytest.mark.timeout(400)
def test_untrusted_notebook_shows_the_picture(
    page: Any, lab: Any, notebook: nbformat.NotebookNode
) -> None:
    # GIVEN a notebook that came from elsewhere, with its outputs
    outputs = notebook.cells[-1].outputs
    lab.write("untrusted.ipynb", CELLS, outputs)
    lab.open(page, "untrusted.ipynb")
    # THEN no script has run, and the picture is there
    picture = page.locator(".jumper-plot img")
    picture.wait_for()
    assert picture.bounding_box()["height"] > 100
    assert page.locator(".jumper-plot").get_attribute("data-state") is None
