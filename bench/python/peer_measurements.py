# SPDX-License-Identifier: BSD-3-Clause
"""The measurements of bench_peers.py: each fills its part of the results.

A contestant that fails is left out, and the rest goes on.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace

from contestants import BenchError, Field, Subject
from peer_plan import FAST_HZ, SLOW_HZ, TREE, Cast, Plan, Results
from windows import one_window, windows_side_by_side

CLOCKS_ONLY_PERCENT = 0.1


def say(what: str) -> None:
    """One line of progress."""
    print(f"  {time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


class Measurement:
    """One run: where it takes place, who takes part, how much is measured, what came out."""

    def __init__(self, field: Field, cast: Cast, plan: Plan, results: Results) -> None:
        self._field = field
        self._cast = cast
        self._plan = plan
        self._results = results

    def run(self) -> None:
        """All of it; what disturbs others comes last."""
        attempt = self._results.attempt
        attempt(self._without_monitor)
        for subject in (self._cast.ours, *self._cast.peers()):
            attempt(self._priority, subject)
        for subject in (self._cast.ours, *self._cast.latest()):
            attempt(self._spike, subject)
        self._costs()
        attempt(self._tree_of_ours)
        for rate_hz in self._plan.tree_rates_hz:
            if self._cast.default and rate_hz < FAST_HZ:
                attempt(self._tree_of_peer, self._cast.default, rate_hz)
        self._what_is_found()
        self._locks()

    def _what_is_found(self) -> None:
        """CPU time of children."""
        attempt = self._results.attempt
        for rate_hz in self._plan.child_rates_hz:
            attempt(self._storm, self._cast.ours, rate_hz)
        for rate_hz in self._plan.peer_child_rates_hz:
            for subject in self._cast.latest():
                attempt(self._storm, subject, rate_hz)
        for subject in (self._cast.ours, *self._cast.latest()):
            attempt(self._thread_child, subject)

    def _locks(self) -> None:
        """What is missing while the interpreter's lock is held."""
        attempt = self._results.attempt
        for how, seconds in self._plan.holds:
            attempt(self._hold, self._cast.ours, how, seconds)
        for subject in self._cast.latest():
            for how, seconds in self._plan.peer_holds:
                attempt(self._hold, subject, how, seconds)
        if self._plan.long_hold_seconds:
            attempt(self._long_holds, self._plan.long_hold_seconds)

    # ---- CPU time per sample ---------------------------------------------------------------

    def _without_monitor(self) -> None:
        """What the programs use by themselves while no monitor runs in them."""
        say("the programs without a monitor")
        subjects = [subject for subject in self._cast.unbudgeted() if self._field.has(subject)]
        time.sleep(0.5)
        seconds = 2.0
        before = [self._field.cpu_seconds(subject) for subject in subjects]
        time.sleep(seconds)
        for subject, start in zip(subjects, before, strict=True):
            percent = (self._field.cpu_seconds(subject) - start) / seconds * 100
            self._results.without_monitor.append({"subject": subject.name, "core_percent": percent})

    def _window(
        self,
        subject: Subject,
        rate_hz: float,
        others: int,
        *,
        seconds: float | None = None,
        tree: int = 1,
        forks_hz: float = 0.0,
    ) -> None:
        window = one_window(
            self._field,
            subject,
            rate_hz,
            seconds or self._plan.seconds,
            others,
            tree=tree,
            forks_hz=forks_hz,
        )
        self._results.windows.append(window)

    def _costs(self) -> None:
        """By contestant, rate and number of processes."""
        plan, cast = self._plan, self._cast
        there = 0
        for others in plan.others:
            there = self._field.surround(others)
            for rate_hz in plan.rates_hz:
                self._rounds(rate_hz, there, with_budget=others in plan.budget_sizes)
            if others == min(plan.others):
                self._other_rates(there)
            if others == min(plan.others) and plan.hot_hz:
                say(f"{there} other processes at {plan.hot_hz:g} Hz")
                for subject in cast.fast():
                    self._results.attempt(self._window, subject, plan.hot_hz, there)
        if plan.forks_hz:
            say(f"while {plan.forks_hz:g} processes a second come and go")
            for subject in cast.ours_and_default():
                self._results.attempt(self._window, subject, SLOW_HZ, there, forks_hz=plan.forks_hz)
        if plan.most_others:
            there = self._field.surround(plan.most_others)
            say(f"{there} other processes")
            self._results.attempt(self._window, cast.ours, SLOW_HZ, there)
            # What a budget cannot afford at every sample comes once a second or so.
            self._results.attempt(self._window, cast.budgeted, SLOW_HZ, there, seconds=8.0)

    def _rounds(self, rate_hz: float, others: int, *, with_budget: bool) -> None:
        """Everyone at one rate, in turns."""
        say(f"{others} other processes at {rate_hz:g} Hz")
        for _ in range(self._plan.rounds):
            for subject in self._cast.unbudgeted():
                self._results.attempt(self._window, subject, rate_hz, others)
        if with_budget:
            self._results.attempt(self._window, self._cast.budgeted, rate_hz, others)

    def _other_rates(self, others: int) -> None:
        """One window each; at the slowest rates contestants do not disturb each other."""
        for rate_hz in self._plan.other_rates_hz:
            say(f"{others} other processes at {rate_hz:g} Hz")
            if rate_hz <= 1:
                self._results.attempt(self._side_by_side, rate_hz, others)
                continue
            for subject in self._cast.fast():
                self._results.attempt(self._window, subject, rate_hz, others)

    def _side_by_side(self, rate_hz: float, others: int) -> None:
        subjects = [subject for subject in self._cast.unbudgeted() if self._field.has(subject)]
        self._results.windows += windows_side_by_side(
            self._field, subjects, rate_hz, 5 / rate_hz, others
        )

    # ---- a tree of processes ---------------------------------------------------------------

    def _make_tree(self, subject: Subject, processes: int) -> None:
        """Give a contestant's process descendants."""
        idle = self._cast.idle_processes
        made = self._field.ask(subject, f"tree {idle} {processes}")["processes"]
        if made != processes:
            raise BenchError(f"{subject.name}: a tree of {processes} became one of {made}")

    def _tree_of_ours(self) -> None:
        """Sampled slowly and fast, beside the empty timer."""
        plan, cast = self._plan, self._cast
        there = self._field.surround(min(plan.others))
        seconds = plan.tree_seconds
        self._make_tree(cast.ours, TREE)
        for rate_hz in plan.tree_rates_hz:
            say(f"a tree of {TREE} at {rate_hz:g} Hz")
            for _ in range(plan.rounds):
                for subject in (cast.timer, cast.ours):
                    self._results.attempt(
                        self._window, subject, rate_hz, there, seconds=seconds, tree=TREE
                    )
        if plan.with_smallest_budget:
            self._results.attempt(
                self._window, cast.clocks_only, SLOW_HZ, there, seconds=seconds, tree=TREE
            )
        self._results.attempt(self._edges)
        self._make_tree(cast.ours, 1)

    def _tree_of_peer(self, subject: Subject, rate_hz: float) -> None:
        there = self._field.surround(min(self._plan.others))
        self._make_tree(subject, TREE)
        self._window(subject, rate_hz, there, seconds=self._plan.tree_seconds, tree=TREE)
        self._make_tree(subject, 1)

    def _edges(self) -> None:
        """How long the two ends of a cell keep the thread that runs it."""
        ours = self._cast.ours
        say("the edges of a cell")
        self._field.ask(ours, "start 0.1 0")
        answer = self._field.ask(ours, f"edges {self._plan.cells}")
        self._field.ask(ours, "stop")
        self._results.edges.append({"subject": ours.name, "tree": TREE, **answer})

    # ---- what is found ---------------------------------------------------------------------

    def _hold(self, subject: Subject, how: str, seconds: float) -> None:
        """Samples that are missing while a cell holds the interpreter's lock."""
        say(f"{subject.name}: the lock is held for {seconds:g} s ({how})")
        self._field.ask(subject, "start 0.1 0")
        answer = self._field.ask(subject, f"hold {how} {seconds}", timeout=90 + 6 * seconds)
        self._field.ask(subject, "stop")
        self._field.set_priorities_back()
        self._results.holds.append({"subject": subject.name, "how": how, **answer})

    def _long_holds(self, seconds: float) -> None:
        """For a minute, all at the same time: what counts is which samples there are."""
        say(f"the lock is held for {seconds:g} s, everyone at once")
        ours = self._cast.ours
        cases = [
            (replace(ours, command=[*ours.command, how]), how)
            for how in ("regex", "sort", "ctypes")
        ]
        cases += [(subject, "ctypes") for subject in self._cast.latest()]
        told = []
        self._field.enter([subject for subject, _ in cases])
        for subject, how in cases:
            if self._field.has(subject):
                self._field.ask(subject, "start 0.1 0")
                self._field.tell(subject, f"hold {how} {seconds}")
                told.append((subject, how))
        for subject, how in told:
            self._results.attempt(self._end_long_hold, subject, how, seconds)
        self._field.set_priorities_back()

    def _end_long_hold(self, subject: Subject, how: str, seconds: float) -> None:
        answer = self._field.answer(subject, timeout=90 + 6 * seconds)
        self._field.ask(subject, "stop")
        self._results.holds.append({"subject": subject.name, "how": how, **answer})

    def _thread_child(self, subject: Subject) -> None:
        """How much is found of the CPU time of a child that another thread started."""
        say(f"{subject.name}: a child of a second thread")
        self._field.ask(subject, "start 0.1 0")
        seconds = self._plan.thread_child_seconds
        answer = self._field.ask(subject, f"thread_child {seconds}", timeout=60)
        self._field.ask(subject, "stop")
        self._field.set_priorities_back()
        self._results.thread_children.append({"subject": subject.name, **answer})

    def _storm(self, subject: Subject, rate_hz: float) -> None:
        """How much is found of the CPU time of children that live shorter than a sample."""
        plan = self._plan
        say(f"{subject.name}: {plan.children} short children at {rate_hz:g} Hz")
        self._field.ask(subject, f"start {1 / rate_hz} 0")
        command = f"storm {plan.children} {plan.child_milliseconds}"
        answer = self._field.ask(subject, command, timeout=120)
        self._field.ask(subject, "stop")
        self._field.set_priorities_back()
        self._results.storms.append({"subject": subject.name, "rate_hz": rate_hz, **answer})

    def _spike(self, subject: Subject) -> None:
        """Memory that is there for a millisecond."""
        say(f"{subject.name}: a spike of {self._plan.spike_mebibytes} MiB")
        self._field.ask(subject, "start 0.1 0")
        answer = self._field.ask(subject, f"spike {self._plan.spike_mebibytes} 1")
        self._field.ask(subject, "stop")
        self._field.set_priorities_back()
        self._results.spikes.append({"subject": subject.name, **answer})

    def _priority(self, subject: Subject) -> None:
        """The nice value of the measured process before, during and after."""
        moments = [self._field.ask(subject, "scheduling")]
        self._field.ask(subject, "start 0.1 0")
        time.sleep(0.5)
        moments.append(self._field.ask(subject, "scheduling"))
        self._field.ask(subject, "stop")
        time.sleep(0.2)
        moments.append(self._field.ask(subject, "scheduling"))
        self._field.set_priorities_back()
        self._results.scheduling.append({"subject": subject.name, "moments": moments})
