# SPDX-License-Identifier: BSD-3-Clause
"""%perfmonitor_plot --live: a view that moves while cells run, and a picture that stays.

The view is a widget, gone with its kernel. The picture beside it is renewed when cells end; it
is what a notebook opened later shows, and what shows where no front end knows the widget.
"""

import atexit
import time
from collections.abc import Sequence
from importlib import resources
from typing import Any
from uuid import uuid4

from jumper_extension.display.interactive import picture
from jumper_extension.display.live_feed import LiveFeed
from jumper_extension.display.output import Output
from jumper_extension.display.panels import choose
from jumper_extension.native import JumperError, NativeMonitor, NativePlot

INTERVAL = 0.4
WINDOW = 120.0
KEPT_SECONDS = 600.0  # or the window, where that is longer

_LIMITS = {"interval": (0.25, 60.0), "window": (5.0, 3600.0)}
_MOST_COST = 0.1  # of the time, for renewing pictures
_NO_WIDGETS = (
    "the live view needs anywidget in the kernel's environment: pip install "
    "'jumper_extension[widget]'; until then a picture is renewed when cells end."
)
# JupyterLab and Notebook put outputs one after the other. Beside the view the picture is too much,
# and where there is no view any more, its output is but an error message.
_WITH_VIEW = (
    "<style>.jp-OutputArea-child:has(.jumper-live)+.jp-OutputArea-child:has(.jumper-still),"
    ".jp-OutputArea-child:has(+.jp-OutputArea-child .jumper-still):not(:has(.jumper-live))"
    "{display:none}</style>"
)


def checked(live: Sequence[float]) -> tuple[float, float]:
    """Interval and window, or JumperError where they make no sense."""
    given = {"interval": INTERVAL, "window": WINDOW} | dict(zip(_LIMITS, live, strict=False))
    for name, (low, high) in _LIMITS.items():
        if not low <= given[name] <= high:
            raise JumperError(
                f"the {name} of a live view is {low:g} to {high:g} seconds, not {given[name]:g}: "
                f"%perfmonitor_plot --live {INTERVAL:g} {WINDOW:g} would do"
            )
    return given["interval"], given["window"]


class LiveView:
    """The live view of one service: one feed, however often it is shown."""

    def __init__(self, native: NativeMonitor, output: Output) -> None:
        """Prepare it; nothing is started, and nothing imported."""
        self._native = native
        self._output = output
        self._still: str | None = None  # the picture's display
        self._has_view = False  # before the picture
        self._level = ""
        self._renewed = self._cost = 0.0
        self._is_stale = False
        self._is_new = False  # shown by the cell that runs
        self._widget: Any = None
        self._feed: LiveFeed | None = None

    def show(self, live: Sequence[float], metrics: str | Sequence[str] | None, level: str) -> None:
        """Show it, here too; in a terminal as text. JumperError if nothing is measured."""
        interval, window = checked(live)
        panels = None if metrics is None else choose(metrics)
        if not self._native.running:
            raise JumperError(
                "a live view needs the monitor to run: %perfmonitor_start starts it, "
                "%perfmonitor_plot shows what was measured before"
            )
        keep = max(window, KEPT_SECONDS)
        recent = self._native.recent_plot(keep, level)
        if not self._output.rich:
            self._output.say("a live view needs a notebook; this is how it stands now.")
            self._output.text(recent.text().rstrip("\n"))
            if warning := self._native.memory_warning:
                self._output.say(warning)
            return
        self._level = level
        state = {
            "document": recent.json(),
            "options": {"window": window, "keep": keep, "panels": panels},
        }
        feed = self._updated_feed(state) if self._output.answered else None
        if feed is not None:
            self._output.widget(self._widget.model_id, "<live view>")
            feed.begin(interval, keep, recent)
        self._has_view = feed is not None
        self._still = f"jumper-still-{uuid4().hex}"
        self._draw(again=False)
        # There was little to see: the end of the next cell renews it, but not that of this one.
        self._cost = 0.0
        self._is_new = self._native.cell_open

    def _updated_feed(self, state: dict[str, Any]) -> LiveFeed | None:
        if self._feed is not None:
            with self._widget.hold_sync():
                for name, value in state.items():
                    setattr(self._widget, name, value)
            return self._feed
        try:
            from jumper_extension.display.live_widget import LiveWidget
        except ImportError:
            self._output.say(_NO_WIDGETS)
            return None
        self._widget = LiveWidget(**state)
        self._feed = feed = LiveFeed(self._native, self._widget.send)
        self._widget.on_msg(lambda _widget, content, _buffers: self._hear(content))
        atexit.register(feed.end)
        return feed

    def _hear(self, content: object) -> None:
        """A page speaks when no cell runs, at least every ten seconds: time for the picture."""
        if self._feed is not None:
            self._feed.hear(content)
        if self._is_stale and not self._native.cell_open:
            self.cell_ended()

    def wake(self) -> None:
        """The monitor was started."""
        if self._feed is not None:
            self._feed.wake()

    def cell_ended(self) -> None:
        """Renew the picture; a little later if that was just done."""
        if self._still is None or self._native.inherited or not self._native.running:
            return
        is_new, self._is_new, self._is_stale = self._is_new, False, True
        if not is_new and (time.monotonic() - self._renewed) * _MOST_COST >= self._cost:
            self._draw(again=True)

    def stop(self) -> None:
        """The monitor was stopped: nothing moves any more."""
        if self._native.inherited:
            return
        if self._feed is not None:
            self._feed.stop()
        if self._still is not None:
            self._draw(again=True)

    def _draw(self, *, again: bool) -> None:
        if self._still is None:
            return
        begin = time.thread_time()
        try:
            plot = self._native.plot(None, self._level)
        except JumperError:
            return
        data, metadata = still(plot, with_view=self._has_view)
        self._output.renewable(self._still, data, metadata, again=again)
        self._is_stale = False
        self._renewed = time.monotonic()
        self._cost = time.thread_time() - begin


def still(plot: NativePlot, *, with_view: bool) -> tuple[dict[str, str], dict[str, Any]]:
    """The picture, or without data the text, by MIME type; beside a view, or alone."""
    data, metadata = picture(plot)
    style = _WITH_VIEW if with_view else ""
    data["text/html"] = f'{style}<div class="jumper-still">{data["text/html"]}</div>'
    return data, metadata


def script() -> str:
    """The widget's front end, built from `frontend/`; it needs nothing from the network."""
    return resources.files("jumper_extension").joinpath("static/live.js").read_text("ascii")
