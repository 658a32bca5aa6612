# SPDX-License-Identifier: BSD-3-Clause
"""A while of steady state: what a contestant used in it, and what it delivered."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass

from contestants import Field, Subject
from process_tree import cpu_seconds_of


@dataclass(frozen=True)
class Window:
    """What a contestant used and delivered in a while of steady state."""

    subject: str
    rate_hz: float
    others: int
    seconds: float
    cpu_seconds: float
    samples: int
    light: int = 0
    stretched: int = 0
    missed: int = 0
    tree: int = 1
    forks_hz: float = 0.0

    @property
    def per_sample_us(self) -> float:
        """CPU time of a sample, in microseconds."""
        return self.cpu_seconds / self.samples * 1e6 if self.samples else float("nan")

    @property
    def core_percent(self) -> float:
        """Share of one core."""
        return self.cpu_seconds / self.seconds * 100


class Watch:
    """A window being measured: starts the monitor, and stops it at the end."""

    def __init__(self, field: Field, subject: Subject, rate_hz: float) -> None:
        self._field = field
        self._subject = subject
        self._interval = 1 / rate_hz
        field.ask(subject, f"start {self._interval} {subject.budget_percent}")
        self._started = time.monotonic()

    def _wait(self, seconds: float, forks_hz: float = 0.0) -> None:
        """Until that long after the start, in the middle between two samples."""
        until = self._started + (round(seconds / self._interval) + 0.5) * self._interval
        while forks_hz and time.monotonic() + 1 / forks_hz < until:
            time.sleep(1 / forks_hz)
            pid = os.fork()
            if pid == 0:
                os._exit(0)
            os.waitpid(pid, 0)
        time.sleep(max(0.0, until - time.monotonic()))

    def begin(self, settle_seconds: float) -> None:
        """The start of the window. Asking costs the contestant, and so falls outside."""
        self._settle = settle_seconds
        pids = self._field.tree_of(self._subject)
        self._wait(settle_seconds)
        self._before = self._field.ask(self._subject, "count")
        self._cpu_before = cpu_seconds_of(pids)
        self._from = time.monotonic()

    def end(self, seconds: float, others: int, tree: int = 1, forks_hz: float = 0.0) -> Window:
        """The end of the window, and of the monitor. Meanwhile processes may come and go."""
        pids = self._field.tree_of(self._subject)
        self._wait(self._settle + seconds, forks_hz)
        cpu = cpu_seconds_of(pids) - self._cpu_before
        elapsed = time.monotonic() - self._from
        after = self._field.ask(self._subject, "count")
        counts = {
            name: int(after[name]) - int(self._before[name])
            for name in ("samples", "light", "stretched", "missed")
            if name in after
        }
        self._field.ask(self._subject, "stop")
        return Window(
            self._subject.name,
            1 / self._interval,
            others,
            elapsed,
            cpu,
            tree=tree,
            forks_hz=forks_hz,
            **counts,
        )


def settle_seconds(subject: Subject, rate_hz: float) -> float:
    """How long after its start a monitor is in its steady state."""
    # A budget starts with some credit.
    return 5.0 if subject.budget_percent else max(0.4, 1.5 / rate_hz)


def one_window(
    field: Field,
    subject: Subject,
    rate_hz: float,
    seconds: float,
    others: int,
    *,
    tree: int = 1,
    forks_hz: float = 0.0,
) -> Window:
    """Start, settle, measure, stop."""
    watch = Watch(field, subject, rate_hz)
    watch.begin(settle_seconds(subject, rate_hz))
    window = watch.end(seconds, others, tree, forks_hz)
    field.set_priorities_back()
    return window


def windows_side_by_side(
    field: Field, subjects: Sequence[Subject], rate_hz: float, seconds: float, others: int
) -> list[Window]:
    """One for each, all at the same time: for rates at which they hardly ever meet."""
    watches = []
    for subject in subjects:
        watches.append(Watch(field, subject, rate_hz))
        time.sleep(0.1)
    for subject, watch in zip(subjects, watches, strict=True):
        watch.begin(settle_seconds(subject, rate_hz))
    windows = [watch.end(seconds, others) for watch in watches]
    field.set_priorities_back()
    return windows
