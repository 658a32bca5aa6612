# SPDX-License-Identifier: BSD-3-Clause
"""A notebook on a machine with eight cards, as one sees it: report, plot, history."""

from __future__ import annotations

import os
from typing import Any

import pytest
from fake_gpus import EIGHT_CARDS, LIBRARY, variables

CELLS = (
    "%load_ext jumper_extension",
    "%perfmonitor_start 0.25",
    "%perfmonitor_resources",
    "import time; time.sleep(4)",
    "_ = [i * i for i in range(10_000_000)]; time.sleep(3)",
    "%perfmonitor_perfreport --cell 2:3",
    "%perfmonitor_plot --metrics cpu,gpu,gpu_mem,gpu_power",
    "%cell_history",
)
LIVE_CELLS = (
    "%load_ext jumper_extension",
    "%perfmonitor_start 0.25",
    "%perfmonitor_plot --live 0.5 60 --metrics cpu,gpu,gpu_all,gpu_mem,gpu_power",
    "import time; end = time.time() + 12\nwhile time.time() < end: sum(range(1000))",
)
LIVE = ".jumper-live[data-seq]"
# What the heading of the first panel says, while readings of GPUs come between samples.
READ = """async (host) => {
  const read = new Set();
  for (let i = 0; i < 60; ++i) {
    await new Promise((done) => setTimeout(done, 50));
    read.add(host.shadowRoot.querySelector('.panel .value').textContent);
  }
  return [...read];
}"""


pytestmark = pytest.mark.skipif(
    not LIBRARY.exists() and not os.environ.get("CI"),
    reason="the fake driver's library is not built: make test-cpp",
)


@pytest.fixture(scope="module")
def lab_launcher() -> tuple[list[str], dict[str, str]]:
    """The server with the fake driver's library in its way, which its kernels inherit."""
    return [], os.environ | variables(EIGHT_CARDS)


@pytest.mark.timeout(400)
def test_eight_cards_in_jupyterlab(page: Any, lab: Any, theme: str) -> None:
    # GIVEN a notebook
    lab.write("gpus.ipynb", CELLS)
    lab.open(page, "gpus.ipynb")
    # WHEN it is run
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells'); }")
    plot = page.locator(".jumper-plot[data-state=ready]")
    plot.wait_for()
    history = page.locator(".jumper-history")
    history.wait_for()
    page.wait_for_timeout(500)
    # THEN resources, report, plot and history tell of the cards
    text = page.locator(".jp-Notebook").inner_text()
    assert "NVIDIA H100 80GB HBM3" in text
    assert "GPU Util (Across GPUs)" in text
    assert plot.evaluate(lab.drawn)
    lab.screenshot(page, "gpu_report")
    plot.scroll_into_view_if_needed()
    lab.screenshot(page, "gpu_plot")
    history.scroll_into_view_if_needed()
    lab.screenshot(page, "gpu_history")
    assert "GPU" in history.inner_text()


@pytest.mark.one_theme
@pytest.mark.timeout(400)
def test_a_live_view_of_eight_cards(page: Any, lab: Any) -> None:
    # GIVEN a live view
    lab.write("live.ipynb", LIVE_CELLS)
    lab.open(page, "live.ipynb")
    # WHEN a cell runs
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells'); }")
    live = page.locator(LIVE)
    live.wait_for()
    # THEN the panels of GPUs are there, and drawn, while it does
    page.wait_for_function(f"Number(document.querySelector('{LIVE}').dataset.seq) >= 12")
    assert page.locator(".jp-InputPrompt", has_text="[*]").count() == 1
    assert live.evaluate(lab.drawn)
    for panel in ("GPU", "Each GPU", "GPU memory", "GPU power"):
        assert live.get_by_text(panel, exact=True).first.is_visible(), panel
    lab.screenshot(page, "gpu_live")
    # AND the newest value of a panel can always be told
    assert all(text.endswith("%") for text in live.evaluate(READ))
    page.locator(".jp-CodeCell", has_text="while time.time()").locator("text=[4]").wait_for()
    lab.screenshot(page, "gpu_live_after")
