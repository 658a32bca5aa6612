# SPDX-License-Identifier: BSD-3-Clause
"""The plot in a real JupyterLab and Notebook 7, whose server has no JUmPER: `make test-lab`."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest

CELLS = (
    "%load_ext jumper_extension",
    "%perfmonitor_start 0.1",
    "import time; kept = bytearray(50 * 2**20); sum(range(3 * 10**6))",
    "x = '<img src=x onerror=\"window.hacked=1\"></script>'; time.sleep(0.5)",
    "%perfmonitor_plot",
)


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
