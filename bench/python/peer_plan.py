# SPDX-License-Identifier: BSD-3-Clause
"""Who takes part in bench_peers.py, how much is measured, and where the results go."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ParamSpec

from contestants import BenchError, Subject
from windows import Window

Arguments = ParamSpec("Arguments")

TREE = 10
SLOW_HZ = 10.0
FAST_HZ = 1000.0


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    others: Sequence[int] = (10, 200, 1000)
    most_others: int | None = 5000  # for ours only
    rounds: int = 3
    seconds: float = 2.5
    rates_hz: Sequence[float] = (10.0,)  # at every number of processes
    other_rates_hz: Sequence[float] = (1.0, 100.0)  # at the fewest
    hot_hz: float = FAST_HZ  # as fast as they can, at the fewest
    forks_hz: float = 20.0
    budget_sizes: Sequence[int] = (10, 200, 1000)
    tree_seconds: float = 2.5
    tree_rates_hz: Sequence[float] = (10.0, 100.0, 1000.0)
    with_smallest_budget: bool = True
    with_old_release: bool = True
    holds: Sequence[tuple[str, float]] = (("regex", 5), ("ctypes", 5), ("sort", 5))
    peer_holds: Sequence[tuple[str, float]] = (("ctypes", 5),)
    long_hold_seconds: float = 60.0  # everyone at the same time
    children: int = 500
    child_milliseconds: float = 5.0
    child_rates_hz: Sequence[float] = (1.0, 10.0, 100.0)
    peer_child_rates_hz: Sequence[float] = (10.0,)
    thread_child_seconds: float = 2.0
    spike_mebibytes: int = 512
    cells: int = 30


QUICK = Plan(
    others=(10, 1000),
    most_others=None,
    rounds=1,
    seconds=1.2,
    other_rates_hz=(),
    hot_hz=0.0,
    forks_hz=0.0,
    budget_sizes=(1000,),
    tree_seconds=1.2,
    tree_rates_hz=(10.0, 1000.0),
    with_smallest_budget=False,
    with_old_release=False,
    holds=(("regex", 2), ("ctypes", 2)),
    peer_holds=(("ctypes", 2),),
    long_hold_seconds=0.0,
    thread_child_seconds=1.0,
    children=100,
    child_rates_hz=(10.0,),
    cells=10,
)


@dataclass(frozen=True)
class Cast:
    """Who is measured. The peers' are absent where their environment is."""

    ours: Subject
    budgeted: Subject
    clocks_only: Subject
    timer: Subject
    idle_processes: str
    default: Subject | None = None
    thread: Subject | None = None
    release03: Subject | None = None
    psutil: Subject | None = None

    def peers(self) -> list[Subject]:
        """The Python JUmPERs; the one that lowers everybody's priority comes last."""
        return [peer for peer in (self.release03, self.thread, self.default) if peer]

    def latest(self) -> list[Subject]:
        """The back-ends of the peer's newest release."""
        return [peer for peer in (self.default, self.thread) if peer]

    def ours_and_default(self) -> list[Subject]:
        """What a user gets who asks for nothing special."""
        return [self.ours, *([self.default] if self.default else [])]

    def unbudgeted(self) -> list[Subject]:
        """Everyone without a budget, in the order in which they are measured."""
        psutil = [self.psutil] if self.psutil else []
        return [self.timer, self.ours, *psutil, *self.peers()]

    def fast(self) -> list[Subject]:
        """Those that can take a hundred samples a second, of few processes at least."""
        psutil = [self.psutil] if self.psutil else []
        return [self.timer, self.ours, *psutil, *self.latest()]

    def all(self) -> list[Subject]:
        """Everyone, in the order of the tables."""
        timer, ours, *others = self.unbudgeted()
        return [timer, ours, self.budgeted, *others]


Case = dict[str, Any]


@dataclass
class Results:
    """What was measured, and what could not be."""

    windows: list[Window] = field(default_factory=list)
    scheduling: list[Case] = field(default_factory=list)
    holds: list[Case] = field(default_factory=list)
    storms: list[Case] = field(default_factory=list)
    thread_children: list[Case] = field(default_factory=list)
    without_monitor: list[Case] = field(default_factory=list)
    spikes: list[Case] = field(default_factory=list)
    edges: list[Case] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def attempt(
        self,
        what: Callable[Arguments, None],
        *arguments: Arguments.args,
        **named: Arguments.kwargs,
    ) -> None:
        """Do something; where it cannot be done, note why and go on."""
        try:
            what(*arguments, **named)
        except BenchError as error:
            if str(error) not in self.failures:
                print(f"\n  not measured: {error}", file=sys.stderr)
                self.failures.append(str(error))

    def window(
        self,
        subject: Subject | None,
        rate_hz: float,
        others: int,
        tree: int = 1,
        forks_hz: float = 0.0,
    ) -> Window | None:
        """The middle one of a subject's windows, by its CPU time per second."""
        found = [
            window
            for window in self.windows
            if subject is not None
            and window.subject == subject.name
            and (window.rate_hz, window.others) == (rate_hz, others)
            and (window.tree, window.forks_hz) == (tree, forks_hz)
        ]
        found.sort(key=lambda window: window.core_percent)
        return found[(len(found) - 1) // 2] if found else None


def median(values: Sequence[float]) -> float:
    """The middle; NaN of nothing."""
    return statistics.median(values) if values else float("nan")
