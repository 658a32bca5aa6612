# SPDX-License-Identifier: BSD-3-Clause
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jumper_extension.display.live_feed import LEASE_SECONDS, LiveFeed
from jumper_extension.native import JumperError

TIMEOUT_S = 30


class Plot:
    def __init__(self, after: float, to: float) -> None:
        self.after = after
        self.to = to

    def json(self) -> str:
        return f"{self.after:g}-{self.to:g}"


class Native:
    """A monitor whose time goes on by a second with every look at it."""

    running = True
    inherited = False
    cell_open = False
    interval_seconds = 0.1
    memory_warning: str | None = None
    step = 1.0

    def __init__(self) -> None:
        self.now = 100.0

    def plot_after(self, after: float, seconds: float) -> Plot:
        self.now += self.step
        return Plot(after, self.now)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Page:
    """What is sent, and a way to answer."""

    def __init__(self) -> None:
        self.native = Native()
        self.clock = Clock()
        self.sent: queue.Queue[tuple[dict[str, Any], str]] = queue.Queue()
        native: Any = self.native
        self.feed = LiveFeed(native, self._take, self.clock)

    def _take(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        [buffer] = buffers
        self.sent.put((content, buffer.decode()))

    def begin(self, interval: float = 0.001) -> None:
        plot: Any = Plot(0, self.native.now)
        self.feed.begin(interval, 600.0, plot)

    def next(self) -> tuple[dict[str, Any], str]:
        return self.sent.get(timeout=TIMEOUT_S)

    def say(self, views: int = 1, missing: float | None = None, client: str = "a") -> None:
        self.feed.hear({"client": client, "views": views, "missing": missing})

    def wait_for_end(self) -> None:
        for thread in threading.enumerate():
            if thread.name == "jumper-live":
                thread.join(TIMEOUT_S)
        assert not self.feed.running


@pytest.fixture
def page() -> Iterator[Page]:
    made = Page()
    yield made
    made.feed.end()
    made.wait_for_end()


def test_nothing_runs_before_it_is_shown(page: Page) -> None:
    page.feed.wake()
    assert not page.feed.running
    assert page.sent.empty()


def test_until_a_page_answers_it_hears_all_since_its_plot(page: Page) -> None:
    page.begin()
    first, second = page.next(), page.next()
    assert (first[1], second[1]) == ("100-101", "100-102")
    assert second[0] == {
        "seq": first[0]["seq"] + 1,
        "every": 0.1,
        "running": True,
        "warning": None,
    }
    # From then on, what came since the last message.
    page.say()
    said = [page.next()[1] for _ in range(page.sent.qsize() + 3)]
    after, to = map(float, said[-1].split("-"))
    assert to == after + 1


def test_that_memory_runs_out_is_said_with_each_message(page: Page) -> None:
    page.native.memory_warning = "memory limit reached in about 9 s"
    page.begin()
    page.say()
    assert page.next()[0]["warning"] == "memory limit reached in about 9 s"


def test_a_page_that_never_answers_is_not_told_all_for_ever(page: Page) -> None:
    page.begin()
    page.next()
    page.clock.now += 15
    texts = [page.next()[1] for _ in range(page.sent.qsize() + 3)]
    assert not texts[-1].startswith("100-")


def test_nothing_new_is_nothing_to_say(page: Page) -> None:
    page.begin(interval=1000)
    page.say()
    page.native.step = 0
    with page.feed._lock:
        page.feed._send_after(100.0)
    assert page.sent.empty()


def test_a_gap_is_filled_when_asked_for(page: Page) -> None:
    page.begin(interval=1000)
    page.say(missing=42.5)
    assert page.next()[1] == "42.5-101"
    page.say(missing=1e9)  # of a page whose kernel was another
    assert page.next()[1] == "101-102"


@pytest.mark.parametrize(
    "content",
    [None, 1, "x", [], {}, {"client": 1, "views": 1}, {"client": "a", "views": "<img>"}],
)
def test_nonsense_is_not_heard(page: Page, content: object) -> None:
    page.begin(interval=1000)
    page.feed.hear(content)
    assert not page.feed.has_views
    page.feed.hear({"client": "a", "views": 1, "missing": "x"})
    assert page.feed.has_views
    assert page.sent.empty()


def test_the_last_view_ends_it_and_a_new_one_begins_it(page: Page) -> None:
    page.begin()
    page.say(client="a")
    page.say(client="b")
    page.say(views=0, client="a")
    assert page.feed.has_views
    page.next()
    page.say(views=0, client="b")
    page.wait_for_end()
    page.say(client="b")
    assert page.feed.running


def test_many_views_share_one_thread(page: Page) -> None:
    for _ in range(5):
        page.begin()
        page.say()
    names = [thread.name for thread in threading.enumerate()]
    assert names.count("jumper-live") == 1


def test_it_ends_when_pages_fall_silent(page: Page) -> None:
    page.begin()
    page.say()
    page.clock.now += LEASE_SECONDS + 1
    page.wait_for_end()


def test_while_a_cell_runs_silence_only_makes_it_slower(page: Page) -> None:
    page.begin(interval=0.5)
    page.say()
    page.native.cell_open = True
    for silent, pause in ((100, 0.5), (700, 5), (4000, 30)):
        page.clock.now = 1000.0 + silent
        assert page.feed._wanted()
        assert page.feed._pause() == pause
    page.say()
    assert page.feed._pause() == 0.5


def test_it_tells_of_the_end_of_monitoring_once(page: Page) -> None:
    page.begin(interval=1000)
    page.native.running = False
    page.feed.stop()
    assert page.next()[0]["running"] is False
    page.feed.stop()
    page.say()
    assert page.sent.empty()
    assert not page.feed.running
    page.native.running = True
    page.feed.wake()
    assert page.feed.running


def test_it_sees_for_itself_that_monitoring_ended(page: Page) -> None:
    page.begin()
    page.native.running = False
    page.wait_for_end()
    contents = [page.next()[0] for _ in range(page.sent.qsize())]
    assert [content["running"] for content in contents].count(False) == 1


def test_a_forked_child_keeps_quiet(page: Page) -> None:
    page.begin(interval=1000)
    page.native.inherited = True
    with page.feed._lock:  # as the parent's thread may have left it
        page.feed.wake()
        page.feed.stop()
        page.feed.end()
        page.say()
    assert page.sent.empty()
    page.native.inherited = False


def test_without_a_sample_there_is_nothing_to_send(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = threading.Event()

    def refuse(after: float, seconds: float) -> Plot:
        tried.set()
        raise JumperError("nothing was measured yet")

    monkeypatch.setattr(page.native, "plot_after", refuse)
    page.begin()
    assert tried.wait(TIMEOUT_S)
    assert page.feed.running
    assert page.sent.empty()


def test_the_thread_takes_over_nothing_from_its_cell(page: Page) -> None:
    import contextvars

    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="none")
    variable.set("the cell's")
    seen: queue.Queue[str] = queue.Queue()
    keep: Callable[..., None] = page.feed._send

    def look(content: dict[str, Any], buffers: list[bytes]) -> None:
        seen.put(variable.get())
        keep(content, buffers)

    page.feed._send = look
    page.begin()
    assert seen.get(timeout=TIMEOUT_S) == "none"
    assert threading.main_thread().is_alive()
