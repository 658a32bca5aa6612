# SPDX-License-Identifier: BSD-3-Clause
"""The interactive plot in a real browser, without a network."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jumper_extension import Monitor
from jumper_extension.display import interactive
from jumper_extension.native import NativeMonitor

if TYPE_CHECKING:
    from conftest import Opened

OpenPage = Callable[..., "Opened"]
PageOf = Callable[..., str]

# How many pixels of each canvas are not transparent, and all of them in one number.
DRAWN = """() => [...document.querySelector('.jumper-plot').shadowRoot.querySelectorAll('canvas')].map(
  (canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let [count, hash] = [0, 0];
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3]) count += 1;
      hash = (hash * 31 + data[i] + 7 * data[i + 1] + 13 * data[i + 2] + 17 * data[i + 3]) | 0;
    }
    return { count, hash };
  })"""


class PlotPage:
    """The first plot of a page, as a user handles it."""

    def __init__(self, opened: Opened) -> None:
        self.page = opened.page
        self.host = self.page.locator(".jumper-plot").first
        self.host.and_(self.page.locator("[data-state=ready]")).wait_for()

    @property
    def view(self) -> tuple[float, float]:
        """The part of the axis that is shown."""
        low, high = (self.host.get_attribute("data-view") or "").split(",")
        return float(low), float(high)

    def drawn(self) -> list[dict[str, int]]:
        """What is on the canvases."""
        self.page.wait_for_timeout(60)  # drawing is done at the next frame
        drawn: list[dict[str, int]] = self.page.evaluate(DRAWN)
        return drawn

    def chart(self, panel: str) -> Any:
        """The drawing area of a panel."""
        return self.host.locator(f"[data-panel={panel}] .u-over")

    def panels(self) -> list[str]:
        """The panels that are shown."""
        titles: list[str] = self.host.locator(".heading b").all_inner_texts()
        return titles


@pytest.fixture
def plot(open_page: OpenPage, page_of: PageOf) -> PlotPage:
    return PlotPage(open_page(page_of()))


def test_canvases_are_drawn(plot: PlotPage) -> None:
    assert plot.panels() == ["CPU", "Memory", "I/O"]
    drawn = plot.drawn()
    assert len(drawn) == 3
    assert all(canvas["count"] > 2000 for canvas in drawn), drawn
    plot.page.screenshot(path="build/screenshots/notebook.png", full_page=True)


def test_hostile_source_is_text(plot: PlotPage) -> None:
    [box] = [plot.chart("cpu").bounding_box()]
    names = []
    for share in range(1, 100):
        plot.page.mouse.move(box["x"] + box["width"] * share / 100, box["y"] + 30)
        names.append(plot.host.locator(".tip").inner_text())
    assert any("<img src=x onerror=" in name for name in names)
    assert all("\u202e" not in name for name in names)
    plot.host.locator("summary").click()
    assert "<img src=x onerror=" in plot.host.locator("table").inner_text()
    assert plot.host.locator("img, script").count() == 2, "the picture and the data"
    assert plot.page.evaluate("window.hacked") is None


def test_hover_names_the_cell_and_the_values(plot: PlotPage) -> None:
    box = plot.chart("memory").bounding_box()
    plot.page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 30)
    plot.page.mouse.move(box["x"] + box["width"] * 0.52, box["y"] + 30)
    tip = plot.host.locator(".tip")
    assert "Cell " in tip.inner_text() or "Between cells" in tip.inner_text()
    values = plot.host.locator(".value").all_inner_texts()
    assert values[0].endswith("%")
    assert values[1].endswith("B")
    assert values[2].endswith("/s")
    plot.page.screenshot(path="build/screenshots/hover.png", full_page=True)
    plot.page.mouse.move(2, 2)
    assert tip.is_hidden()


def test_level_changes_what_is_drawn(plot: PlotPage) -> None:
    before = plot.drawn()
    plot.host.locator(".level").select_option("system")
    after = plot.drawn()
    assert [canvas["hash"] for canvas in before] != [canvas["hash"] for canvas in after]
    plot.host.locator(".level").select_option("process")
    assert plot.drawn() == before


def test_dragging_zooms_all_panels_and_a_button_goes_back(plot: PlotPage) -> None:
    whole, before = plot.view, plot.drawn()
    reset = plot.host.locator(".reset")
    assert reset.is_hidden()
    box = plot.chart("cpu").bounding_box()
    plot.page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 20)
    plot.page.mouse.down()
    plot.page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 20, steps=5)
    plot.page.mouse.up()
    span = whole[1] - whole[0]
    assert plot.view == pytest.approx((whole[0] + span / 4, whole[0] + span / 2), abs=span / 50)
    zoomed = plot.drawn()
    assert all(now["hash"] != then["hash"] for now, then in zip(zoomed, before, strict=True))
    reset.click()
    assert plot.view == whole
    plot.page.mouse.move(2, 2)
    assert plot.drawn() == before


def test_slider_shows_a_range_of_cells(plot: PlotPage) -> None:
    whole = plot.view
    low, high = plot.host.locator("input[type=range]").all()
    low.press("ArrowRight")
    low.press("ArrowRight")
    high.press("ArrowLeft")
    assert plot.host.locator("output").inner_text() == "2 \u2013 4"
    assert whole[0] < plot.view[0] < plot.view[1] < whole[1]
    for _ in range(6):
        low.press("ArrowRight")
    first, last = plot.host.locator("output").inner_text(), plot.view
    assert "\u2013" not in first, "one end takes the other along"
    assert last[0] < last[1]


def test_idle_time_can_be_left_out(plot: PlotPage) -> None:
    whole = plot.view
    plot.host.locator(".idle").uncheck()
    low, high = plot.view
    assert low == 0
    assert 0 < high < whole[1] - whole[0]
    assert all(canvas["count"] > 2000 for canvas in plot.drawn())
    plot.page.screenshot(path="build/screenshots/squeezed.png", full_page=True)


def test_panels_come_and_go(plot: PlotPage) -> None:
    plot.host.locator(".add").select_option(label="Processes")
    assert plot.panels() == ["CPU", "Memory", "I/O", "Processes"]
    assert plot.drawn()[3]["count"] > 2000
    plot.host.get_by_label("Remove the panel CPU").click()
    assert plot.panels() == ["Memory", "I/O", "Processes"]
    for title in plot.panels():
        plot.host.get_by_label(f"Remove the panel {title}").click()
    assert plot.panels() == []
    plot.host.locator(".add").select_option(label="CPU")
    assert plot.drawn()[0]["count"] > 2000


def test_keys_move_the_reading_and_zoom(plot: PlotPage) -> None:
    whole = plot.view
    chart = plot.host.locator(".chart").first
    chart.focus()
    spoken = plot.host.locator(".plot > .spoken")
    chart.press("ArrowRight")
    first = spoken.inner_text()
    assert "CPU" in first
    chart.press("Shift+ArrowRight")
    assert spoken.inner_text() != first
    chart.press("+")
    assert plot.view[1] - plot.view[0] == pytest.approx((whole[1] - whole[0]) / 2, rel=0.01)
    chart.press("PageDown")
    chart.press("Escape")
    assert plot.view == whole


def test_table_has_a_row_per_cell(plot: PlotPage) -> None:
    plot.host.locator("summary").click()
    heads = plot.host.locator("thead th").all_inner_texts()
    assert heads[:3] == ["Cell", "Duration", "CPU, mean"]
    rows = plot.host.locator("tbody tr")
    low, high = plot.host.locator("output").inner_text().split(" \u2013 ")
    assert rows.count() == int(high) - int(low) + 1
    assert "(error)" in plot.host.locator("tbody").inner_text()


def test_without_scripts_the_picture_is_shown(open_page: OpenPage, page_of: PageOf) -> None:
    opened = open_page(page_of(), javascript=False)
    picture = opened.page.locator(".jumper-plot img")
    assert picture.is_visible()
    assert picture.bounding_box()["height"] > 300
    assert picture.get_attribute("alt").startswith("Level process")
    opened.screenshot("without_scripts")


def test_dark_theme(open_page: OpenPage, page_of: PageOf) -> None:
    light = PlotPage(open_page(page_of())).drawn()
    opened = open_page(page_of("dark"))
    dark = PlotPage(opened)
    assert [c["hash"] for c in dark.drawn()] != [c["hash"] for c in light]
    box = dark.chart("cpu").bounding_box()
    dark.page.mouse.move(box["x"] + 200, box["y"] + 20)
    dark.page.mouse.move(box["x"] + 220, box["y"] + 20)
    opened.screenshot("dark")


def test_a_change_of_theme_is_noticed(plot: PlotPage) -> None:
    before = plot.drawn()
    plot.page.evaluate("""() => {
      document.documentElement.style.setProperty('--jp-ui-font-color1', 'rgb(240, 240, 240)');
      document.body.dataset.jpThemeLight = 'false';
    }""")
    assert [c["hash"] for c in plot.drawn()] != [c["hash"] for c in before]
    assert "dark" in (plot.host.locator(".plot").get_attribute("class") or "")


def test_off_the_page_and_back(plot: PlotPage) -> None:
    # GIVEN a plot that a notebook takes off the page while it is not in view
    plot.host.locator(".level").select_option("system")
    before = plot.drawn()
    plot.page.evaluate("""() => {
      window.kept = document.querySelector('.jumper-plot');
      window.place = kept.parentElement;
      kept.remove();
    }""")
    plot.page.wait_for_timeout(100)
    assert plot.page.evaluate("kept.shadowRoot.querySelectorAll('canvas').length") == 0
    # WHEN it comes back
    plot.page.evaluate("place.append(kept)")
    plot.chart("cpu").wait_for()
    # THEN it is as it was
    plot.page.wait_for_timeout(100)
    assert plot.drawn() == before


def test_narrow_page(open_page: OpenPage, page_of: PageOf) -> None:
    opened = open_page(page_of(), width=480)
    plot = PlotPage(opened)
    assert plot.page.evaluate("document.documentElement.scrollWidth") <= 480
    assert all(canvas["count"] > 1000 for canvas in plot.drawn())
    opened.screenshot("narrow")


def fragment(document: dict[str, Any]) -> str:
    """A page with a plot of this document."""
    json_text = json.dumps(document).replace("<", "\\u003c")
    return (
        f'<!doctype html><meta charset="utf-8"><div class="jumper-plot"><p>still</p>'
        f'<script type="application/json">{json_text}</script></div>'
        f"<script>{interactive.script()}</script>"
    )


@pytest.fixture(scope="module")
def nearly_empty() -> dict[str, Any]:
    """The document of a monitor that was stopped at once."""
    monitor = NativeMonitor()
    monitor.start(60)
    monitor.stop()
    document: dict[str, Any] = json.loads(monitor.plot().json())
    return document


@pytest.mark.parametrize("points", [0, 1])
def test_no_data_yet(open_page: OpenPage, nearly_empty: dict[str, Any], points: int) -> None:
    levels = [
        {"name": "process", "points": points, "memory_limit": None, "curves": []},
    ]
    data = base64.b64encode(b"\x0b" * points).decode()
    opened = open_page(fragment({**nearly_empty, "levels": levels, "data": data}))
    plot = PlotPage(opened)
    assert plot.host.locator(".empty:visible").all_inner_texts() == ["no data"] * 3
    plot.host.locator(".idle").is_disabled()
    opened.screenshot(f"no_data_{points}")


def test_a_range_without_samples(open_page: OpenPage) -> None:
    # GIVEN cells that ran before monitoring started, and one that was monitored
    monitor = NativeMonitor()
    for source in ("before", "also before"):
        monitor.begin_cell(source)
        monitor.end_cell()
    monitor.start(0.01)
    monitor.begin_cell("sum(range(10**6))")
    sum(range(10**6))
    monitor.end_cell()
    monitor.stop()
    # WHEN the plot is about the first two
    plot = PlotPage(open_page(fragment(json.loads(monitor.plot((0, 1)).json()))))
    empty = plot.host.locator(".empty:visible")
    assert empty.all_inner_texts() == ["no data"] * 3
    plot.host.locator(".idle").uncheck()
    assert empty.all_inner_texts() == ["no data"] * 3
    # THEN the others are there all the same
    plot.host.get_by_label("Last cell shown").press("ArrowRight")
    assert empty.count() == 0


def test_a_level_that_was_not_measured(open_page: OpenPage, nearly_empty: dict[str, Any]) -> None:
    plot = PlotPage(open_page(fragment({**nearly_empty, "levels": [], "data": ""})))
    assert plot.panels() == ["CPU", "Memory", "I/O"]


def test_damaged_data_leave_the_picture(open_page: OpenPage, nearly_empty: dict[str, Any]) -> None:
    opened = open_page(fragment({**nearly_empty, "version": 99}))
    opened.page.locator(".jumper-plot[data-state=failed]").wait_for()
    assert opened.page.get_by_text("still").is_visible()


@pytest.fixture
def saved_page(tmp_path: Path) -> str:
    """A plot of CPU and memory over cells 1 and 2, as a page of its own."""
    with Monitor(0.01) as monitor:
        for source in ("a = 1", "s = '<img src=x onerror=\"window.hacked=1\"></script>'", "c = 3"):
            with monitor.cell(source):
                sum(range(10**6))
    path = tmp_path / "saved.html"
    monitor.plot("cpu,memory", cells=(1, 2)).save(path)
    return path.read_text("utf-8")


def test_a_saved_page_is_the_plot(open_page: OpenPage, saved_page: str) -> None:
    opened = open_page(saved_page)
    page = PlotPage(opened)
    assert page.panels() == ["CPU", "Memory"]
    assert all(canvas["count"] > 2000 for canvas in page.drawn())
    assert page.host.locator("output").inner_text() == "1 \u2013 2"
    assert page.host.locator("select.level option").all_inner_texts() == ["process"]
    assert page.host.locator("select.add").is_hidden()
    assert opened.page.title().startswith("JUmPER: Level process, cells 1 to 2, ")
    opened.screenshot("saved_page")


def test_a_saved_page_runs_no_other_script(open_page: OpenPage, saved_page: str) -> None:
    # GIVEN a page into which someone wrote a script
    evil = "<script>window.hacked = 1</script><img src='data:,' onerror='window.hacked = 1'>"
    opened = open_page(saved_page.replace("</h1>", f"</h1>{evil}"))
    # THEN it is not run, and the plot is
    PlotPage(opened)
    assert opened.page.evaluate("window.hacked") is None


def test_a_saved_page_without_scripts(open_page: OpenPage, saved_page: str) -> None:
    opened = open_page(saved_page, javascript=False)
    assert opened.page.locator(".jumper-plot img").is_visible()
