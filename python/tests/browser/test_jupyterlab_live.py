# SPDX-License-Identifier: BSD-3-Clause
"""The live view in a real JupyterLab: `make test-lab`."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

START = ("%load_ext jumper_extension", "%perfmonitor_start 0.1", "%perfmonitor_plot --live 0.5 60")
HOSTILE = "x = '<img src=x onerror=\"window.hacked=1\"></script>\u202e'; import time; time.sleep(1)"
BUSY = "end = time.time() + 12\nwhile time.time() < end: sum(range(1000))"
# With the GIL, all of Python's threads are stopped.
# What was said before is sent by a thread, too: the cell before is seen to be done while it sleeps.
STALL = "import ctypes; time.sleep(1); ctypes.PyDLL(None).usleep(5_000_000); time.sleep(1)"
LIVE = ".jumper-live[data-seq]"
THREADS = "import threading; print([t.name for t in threading.enumerate()].count('jumper-live'))"
RUN = """async (code) => {
  const { kernel } = jupyterapp.shell.currentWidget.context.sessionContext.session;
  const future = kernel.requestExecute({ code, store_history: false });
  let text = '';
  future.onIOPub = ({ content }) => { text += content.text ?? ''; };
  await future.done;
  return text;
}"""
COLOURED = """(host) => [...host.shadowRoot.querySelectorAll('canvas')].slice(0, 2).every((canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let found = 0;
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] > 200 && data[i + 2] > data[i] + 50) ++found;
  }
  return found > 50;
})"""


def run_all(page: Any) -> None:
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells'); }")


def seq(page: Any) -> int:
    return int(page.locator(LIVE).get_attribute("data-seq"))


def wait_for_more(page: Any, messages: int) -> None:
    wanted = seq(page) + messages
    page.wait_for_function(f"Number(document.querySelector('{LIVE}').dataset.seq) >= {wanted}")


def is_busy(page: Any) -> bool:
    return bool(page.locator(".jp-InputPrompt", has_text="[*]").count())


@pytest.mark.timeout(400)
def test_it_moves_while_cells_run(page: Any, lab: Any) -> None:
    # GIVEN a notebook that is run from top to bottom
    lab.write("live.ipynb", (*START, HOSTILE, BUSY, STALL, "done = True"))
    lab.open(page, "live.ipynb")
    run_all(page)
    live = page.locator(LIVE)
    live.wait_for()
    # THEN the view moves while a Python loop runs, and is drawn
    page.locator(".jp-CodeCell", has_text="sum(range(1000))").locator("text=[*]").wait_for()
    latencies = []
    for _ in range(8):
        wait_for_more(page, 1)
        latencies.append(float(live.get_attribute("data-latency")))
    assert is_busy(page)
    assert live.evaluate(COLOURED)
    sys.stdout.write(f"the newest sample on the screen was so many ms old: {latencies}\n")
    lab.screenshot(page, "live_running")
    lab.screenshot(live, "guide_live")
    # AND can be steered meanwhile: zoomed, it stays where it is, until it is to follow
    live.locator(".level").select_option("system")
    live.locator(".chart").first.focus()
    page.keyboard.press("+")
    view = live.get_attribute("data-view")
    wait_for_more(page, 2)
    assert live.get_attribute("data-view") == view
    live.locator(".reset").click()
    wait_for_more(page, 2)
    assert live.get_attribute("data-view") != view
    live.locator(".level").select_option("process")
    assert is_busy(page)
    # AND says so when nothing comes because the GIL is held, which it is a second from here
    page.locator(".jp-CodeCell", has_text="sum(range(1000))").locator("text=[5]").wait_for()
    page.locator(LIVE + "[data-state=late]").wait_for()
    points = int(live.get_attribute("data-points"))
    assert "last sample" in live.locator(".live").inner_text()
    lab.screenshot(page, "live_stalled")
    # AND has all of that time afterwards, if not with the first message: that may be of before
    page.locator(LIVE + "[data-state=on]").wait_for()
    wait_for_more(page, 1)
    assert int(live.get_attribute("data-points")) - points > 20
    assert live.get_attribute("data-gap") == "false"
    page.locator(".jp-CodeCell", has_text="done = True").locator("text=[7]").wait_for()
    wait_for_more(page, 2)
    lab.screenshot(page, "live_after")
    assert page.evaluate("window.hacked") is None
    # AND stops with the monitor
    assert page.evaluate(RUN, THREADS).strip() == "1"
    page.evaluate(RUN, "%perfmonitor_stop")
    page.locator(LIVE + "[data-state=ended]").wait_for()
    assert page.evaluate(RUN, THREADS).strip() == "0"
    page.evaluate(RUN, "%perfmonitor_start 0.1")
    page.locator(LIVE + "[data-state=on]").wait_for()


@pytest.mark.one_theme
@pytest.mark.timeout(400)
def test_it_comes_back(page: Any, lab: Any) -> None:
    # GIVEN a live view in a saved notebook
    lab.write("back.ipynb", (*START, "import time; time.sleep(1)"))
    lab.open(page, "back.ipynb")
    run_all(page)
    wait = page.locator(LIVE).wait_for
    wait()
    page.wait_for_timeout(2000)
    lab.command(page, "docmanager:save")
    assert (lab.folder / "back.ipynb").stat().st_size < 100_000
    # WHEN the page is reloaded THEN it goes on
    page.reload()
    lab.wait_until_ready(page)
    wait()
    wait_for_more(page, 2)
    assert page.locator(LIVE).get_attribute("data-gap") == "false"
    # WHEN the output is cleared THEN nothing is sent any more
    assert page.evaluate(RUN, THREADS).strip() == "1"
    lab.command(page, "notebook:clear-all-cell-outputs")
    page.locator(LIVE).wait_for(state="detached")
    page.wait_for_timeout(1500)
    assert page.evaluate(RUN, THREADS).strip() == "0"


@pytest.mark.one_theme
@pytest.mark.timeout(400)
def test_saved_notebook_shows_the_picture(page: Any, lab: Any) -> None:
    # GIVEN a saved notebook whose kernel is gone
    lab.write("saved.ipynb", (*START, "import time; time.sleep(1)"))
    lab.open(page, "saved.ipynb")
    run_all(page)
    page.locator(LIVE).wait_for()
    page.locator(".jp-CodeCell").nth(3).locator("text=[4]").wait_for()
    assert not page.locator(".jumper-still").is_visible()
    page.wait_for_timeout(1000)
    lab.command(page, "docmanager:save")
    page.evaluate("async () => { await jupyterapp.serviceManager.sessions.shutdownAll(); }")
    # WHEN it is opened again
    lab.open(page, "saved.ipynb")
    # THEN it shows the picture, and no error beside it
    page.locator(".jumper-still img").wait_for()
    assert page.locator(".jumper-still img").bounding_box()["height"] > 100
    assert not page.get_by_text("Error displaying widget").is_visible()
    lab.screenshot(page, "live_saved")
    outputs = json.loads((lab.folder / "saved.ipynb").read_text())["cells"][2]["outputs"]
    assert "image/png" in outputs[1]["data"]
    assert "cells 0 to 2" in "".join(outputs[1]["data"]["text/plain"])


@pytest.mark.one_theme
@pytest.mark.timeout(400)
def test_two_notebooks_at_once(page: Any, lab: Any) -> None:
    pages = (page, page.context.new_page())
    for number, one in enumerate(pages):
        lab.write(f"both{number}.ipynb", (*START, "import time; time.sleep(8)"))
        lab.open(one, f"both{number}.ipynb", "notebook")
        run_all(one)
    for one in pages:
        one.locator(LIVE).wait_for()
    for one in (*pages, *pages):
        wait_for_more(one, 2)


@pytest.mark.one_theme
@pytest.mark.timeout(400)
def test_with_ipykernel_6(page: Any, lab: Any) -> None:
    # GIVEN
    cells = (*START, "%perfmonitor_plot", "import time", BUSY)
    lab.write("older.ipynb", cells, kernel_name="tested-ipykernel6")
    lab.open(page, "older.ipynb")
    version = page.evaluate(RUN, "import ipykernel; print(ipykernel.__version__)")
    assert version.startswith("6.")
    # WHEN
    run_all(page)
    # THEN the plot is there, and the live view moves while a cell runs
    page.locator(".jumper-plot[data-state=ready]").wait_for()
    page.locator(".jp-CodeCell", has_text="sum(range(1000))").locator("text=[*]").wait_for()
    wait_for_more(page, 6)
    assert is_busy(page)
    assert page.locator(LIVE).evaluate(COLOURED)
    lab.screenshot(page, "live_ipykernel6")
