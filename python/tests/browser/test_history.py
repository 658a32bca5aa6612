# SPDX-License-Identifier: BSD-3-Clause
"""The table of the cell history in a real browser, without a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Opened

OpenPage = Callable[..., "Opened"]
PageOf = Callable[..., str]

HOSTILE = (
    's = \'<img src=x onerror="window.hacked=1"></td></script>'
    "<script>window.hacked=1</script><!-- \u202e'"
)
CELLS = (
    "%load_ext jumper_extension",
    "%perfmonitor_start 0.1",
    "import time\nkept = bytearray(80 * 2**20)\nsum(range(5 * 10**6))",
    "time.sleep(0.6)  # <b>asleep</b>",
    "1/0",
    HOSTILE,
    f"long = '{'x' * 50_000}'",
    "%perfmonitor_stop",
    "not_measured = True",
    "%cell_history",
)
SOURCES = CELLS[1:-1]


class HistoryPage:
    """The history on a page, as a user handles it."""

    def __init__(self, opened: Opened) -> None:
        self.opened = opened
        self.page = opened.page
        self.host = self.page.locator(".jumper-history")
        self.rows = self.host.locator("tbody tr")

    def cells(self) -> list[int]:
        """The numbers of the cells that are shown, in their order."""
        numbers = self.rows.locator("visible=true").locator("td:first-child").all_inner_texts()
        return [int(number) for number in numbers]

    def sort_by(self, heading: str) -> None:
        self.host.get_by_role("button", name=heading, exact=True).click()

    def code(self, cell: int) -> str:
        """What the code of a cell says, whether it is open or not."""
        text: str = self.rows.nth(cell).locator("code").last.text_content() or ""
        return text


@pytest.fixture(scope="module")
def page_of(run_as_page: Callable[[tuple[str, ...]], PageOf]) -> PageOf:
    return run_as_page(CELLS)


@pytest.fixture
def history(open_page: OpenPage, page_of: PageOf) -> HistoryPage:
    opened = HistoryPage(open_page(page_of(), width=1100))
    opened.host.and_(opened.page.locator("[data-state=ready]")).wait_for()
    return opened


def test_sorts(history: HistoryPage) -> None:
    all_cells = list(range(len(SOURCES)))
    assert history.cells() == all_cells
    cell = history.host.locator("th").first
    assert cell.get_attribute("aria-sort") == "ascending"
    # The longest first: the cell that sleeps.
    history.sort_by("Duration")
    assert history.cells()[0] == 2
    assert cell.get_attribute("aria-sort") is None
    history.sort_by("Duration")
    assert history.cells()[-1] == 2
    # What was not measured comes last in both directions.
    history.sort_by("Peak")
    assert history.cells()[-1] == 7
    history.sort_by("Peak")
    assert history.cells()[-1] == 7
    history.sort_by("Status")
    assert history.cells()[0] == 3
    # By its keys.
    cell.get_by_role("button").focus()
    history.page.keyboard.press("Enter")
    assert history.cells() == all_cells[::-1]
    history.page.keyboard.press("Space")
    assert history.cells() == all_cells


def test_filters(history: HistoryPage) -> None:
    field = history.host.get_by_label("Filter the cells by their code and status")
    count = history.host.locator("output")
    field.fill("error")
    assert history.cells() == [3, 4]  # the status of one, in the code of the other
    assert count.inner_text() == f"2 of {len(SOURCES)}"
    field.fill("TIME sleep")
    assert history.cells() == [2]
    field.fill("bytearray")  # in a line that is not seen
    assert history.cells() == [1]
    history.opened.screenshot("history_filtered")
    field.fill("")
    assert len(history.cells()) == len(SOURCES)
    assert count.inner_text() == ""


def test_opens_the_code(history: HistoryPage) -> None:
    row = history.rows.nth(1)
    second_line = row.get_by_text("bytearray")
    assert second_line.is_hidden()
    row.locator("summary").click()
    assert second_line.is_visible()
    assert history.code(1) == SOURCES[1]
    assert row.locator("code .jumper-k").last.inner_text() == "import"
    history.host.get_by_role("button", name="Open all code").click()
    assert history.rows.nth(5).locator("details > code").is_visible()
    history.opened.screenshot("history_open")
    history.host.get_by_role("button", name="Close all code").click()
    assert second_line.is_hidden()


def test_hostile_source_is_text(history: HistoryPage) -> None:
    assert history.code(4) == HOSTILE.replace("\u202e", "\ufffd")
    assert history.host.locator("img, script, b").count() == 0
    assert history.page.evaluate("window.hacked") is None
    # Of a long one the front is shown, and the rest is said.
    assert len(history.code(5)) == 20_000
    assert "49 kB in all" in (history.rows.nth(5).text_content() or "")


def test_bars_show_the_largest(history: HistoryPage) -> None:
    share = "(field) => Number(getComputedStyle(field).getPropertyValue('--j-bar') || 0)"
    shares = [row.locator("td").nth(2).evaluate(share) for row in history.rows.all()]
    assert max(shares) == shares[2] == 1
    assert shares[6] < 0.5
    assert "gradient" in history.rows.nth(2).locator("td").nth(2).evaluate(
        "(field) => getComputedStyle(field).backgroundImage"
    )


def test_without_scripts_it_is_a_whole_table(open_page: OpenPage, page_of: PageOf) -> None:
    history = HistoryPage(open_page(page_of(), javascript=False, width=1100))
    assert history.cells() == list(range(len(SOURCES)))
    assert history.host.locator("input, button").count() == 0
    second_line = history.rows.nth(1).get_by_text("bytearray")
    assert second_line.is_hidden()
    history.rows.nth(1).locator("summary").click()
    assert second_line.is_visible()
    history.opened.screenshot("history_without_scripts")


def test_dark_theme(open_page: OpenPage, page_of: PageOf) -> None:
    colours = {}
    for theme in ("light", "dark"):
        history = HistoryPage(open_page(page_of(theme), width=1100))
        parts = {"ink": "td", "head": "th", "keyword": ".jumper-k", "bad": ".jumper-bad"}
        for name, selector in parts.items():
            colours[theme, name] = history.host.locator(selector).first.evaluate(
                "(e) => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor].join()"
            )
        history.opened.screenshot(f"history_{theme}")
    for name in ("ink", "head", "keyword", "bad"):
        assert colours["light", name] != colours["dark", name], name


def test_narrow_page(open_page: OpenPage, page_of: PageOf) -> None:
    history = HistoryPage(open_page(page_of(), width=520))
    assert history.page.evaluate("document.documentElement.scrollWidth") <= 520
    history.opened.screenshot("history_narrow")
