# SPDX-License-Identifier: BSD-3-Clause
"""What a live view is told while cells run."""

import contextvars
import math
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from jumper_extension.native import JumperError

BASE_SECONDS = 10.0  # so long does a page take at most until it listens
LEASE_SECONDS = 35.0  # pages tell every ten seconds how many views they have
# After so long without a word from a page, one message in so many seconds: the server may be
# keeping all of them for a page that is gone, and cannot ask while a cell runs.
_SLOWER = ((3600.0, 30.0), (600.0, 5.0))

Send = Callable[[dict[str, Any], list[bytes]], None]


class Document(Protocol):
    """A plot, or the tail of one."""

    @property
    def to(self) -> float: ...
    def json(self) -> str: ...


class Feeding(Protocol):
    """The part of the native monitor that is used here."""

    @property
    def running(self) -> bool: ...
    @property
    def inherited(self) -> bool: ...
    @property
    def cell_open(self) -> bool: ...
    @property
    def interval_seconds(self) -> float: ...
    @property
    def memory_warning(self) -> str | None: ...
    def plot_after(self, after: float, seconds: float) -> Document: ...


class LiveFeed:
    """Sends what was sampled since the last time, for as long as somebody looks.

    A message is {"seq", "every": seconds between samples, "running", "warning": that memory
    reaches its limit soon, or None} with a document of what
    a view has to replace. Pages answer {"client", "views", "missing": seconds or None}, at
    least every ten seconds; `missing` asks for all since a time. Pages cannot be heard while a
    cell runs, except where the kernel has subshells.
    """

    def __init__(
        self, native: Feeding, send: Send, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Prepare to send; starts nothing."""
        self._clock = clock
        self._native = native
        self._send = send
        self._lock = threading.Lock()  # guards all below; held while sending, for the order
        self._interval = self._keep = 0.0
        self._stop: threading.Event | None = None  # of the thread that runs
        self._base = self._sent = 0.0
        self._seq = 0
        self._clients: dict[str, float] = {}  # that have views, and when they last said so
        self._shown = self._heard = -math.inf

    def begin(self, interval: float, keep: float, plot: Document) -> None:
        """Go on from this plot, which views were just given: every `interval` seconds.

        They keep the last `keep` seconds.
        """
        with self._lock:
            self._interval, self._keep = interval, keep
            self._base = self._sent = plot.to
            self._clients.clear()
            self._shown = self._heard = self._clock()
        self.wake()

    def wake(self) -> None:
        """Go on, if somebody looks and the monitor runs."""
        if self._native.inherited:
            return
        with self._lock:
            if self._stop is not None or not self._native.running or not self._wanted():
                return
            self._stop = threading.Event()
            started = threading.Thread(
                target=self._run, args=(self._stop,), name="jumper-live", daemon=True, **_isolated()
            )
            started.start()

    def stop(self) -> None:
        """Send the last of it, and end the thread."""
        if self.end():
            with self._lock:
                self._send_after(self._sent)

    def end(self) -> bool:
        """End the thread, and tell whether it ran."""
        if self._native.inherited:
            return False
        with self._lock:
            stop, self._stop = self._stop, None
        if stop is not None:
            stop.set()
        return stop is not None

    @property
    def running(self) -> bool:
        """Whether the thread runs."""
        return self._stop is not None

    @property
    def has_views(self) -> bool:
        """Whether some page shows it, as far as we were told."""
        return bool(self._clients)

    def hear(self, content: object) -> None:
        """Take what a page says; anything may come from there."""
        if self._native.inherited or not isinstance(content, dict):
            return
        client, views, missing = (content.get(name) for name in ("client", "views", "missing"))
        if not isinstance(client, str) or not isinstance(views, int):
            return
        with self._lock:
            self._heard = self._clock()
            if views > 0:
                self._clients[client] = self._heard
            else:
                self._clients.pop(client, None)
                self._shown = -math.inf  # no need to wait for the first view any more
            if isinstance(missing, int | float) and self._native.running:
                self._send_after(min(float(missing), self._sent))
        self.wake()

    def _wanted(self) -> bool:
        """Whether somebody looks. While a cell runs there is no telling, unless they all left."""
        now = self._clock()
        if now - self._shown < LEASE_SECONDS:
            return True
        if not self._clients:
            return False
        return self._native.cell_open or now - max(self._clients.values()) < LEASE_SECONDS

    def _pause(self) -> float:
        silent = self._clock() - self._heard
        slower = (pause for after, pause in _SLOWER if silent > after)
        return max(self._interval, next(slower, 0.0))

    def _run(self, stop: threading.Event) -> None:
        while not stop.wait(self._pause()):
            with self._lock:
                if stop.is_set() or sys.is_finalizing():
                    return
                running, wanted = self._native.running, self._wanted()
                # A page that is still loading misses messages: what it has is where it begins.
                loading = not self._clients and self._clock() - self._shown < BASE_SECONDS
                self._send_after(self._base if loading else self._sent)
                if not running or not wanted:
                    self._stop = None
                    return

    def _send_after(self, after: float) -> None:
        try:
            plot = self._native.plot_after(after, self._keep)
        except JumperError:  # there is nothing yet
            return
        running = self._native.running
        if plot.to == self._sent == after and running:
            return
        self._seq += 1
        self._sent = plot.to
        every = self._native.interval_seconds
        warning = self._native.memory_warning
        content = {"seq": self._seq, "every": every, "running": running, "warning": warning}
        self._send(content, [plot.json().encode()])


def _isolated() -> dict[str, Any]:
    """Arguments of a thread that takes over nothing from the cell that started it."""
    return {"context": contextvars.Context()} if sys.version_info >= (3, 14) else {}
