# SPDX-License-Identifier: BSD-3-Clause
"""The monitor as a Python object: start it, run something, read what it cost."""

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from jumper_extension.answers import Answers
from jumper_extension.command import command_path
from jumper_extension.journal import JournalSettings
from jumper_extension.native import NativeMonitor


def _stop_sampler(native: NativeMonitor) -> None:
    if native.running and not native.inherited:
        native.stop()


class Monitor(Answers):
    """Measures this process and its descendants, this user's processes and the machine.

    A native thread takes the samples; it needs no GIL. What was collected stays readable
    after `stop`. In a child made by `os.fork` a monitor is inert: nothing samples there.

    Every method raises `JumperError`, with one line that says what is wrong, for a mistake
    of the caller: an unknown level, a bad range, starting twice.
    """

    native: NativeMonitor
    is_imported = False
    session_source = ""

    def __init__(
        self,
        interval: float = 1.0,
        *,
        budget: float = 0.5,
        exact_peak: bool = True,
        journal: JournalSettings | None = None,
        oom_guard: bool = False,
        nodes: str = "",
    ) -> None:
        """Prepare a monitor that will sample every `interval` seconds. Starts nothing.

        `budget` is what it may use, in percent of one core; 0 is no limit. With `exact_peak`
        the kernel's high-water mark of memory is set back at the start of every cell, which
        changes what `getrusage` says of `ru_maxrss`; without it, peaks are sampled. With
        `journal`, the session is written to a file while it is measured, so that it outlives
        this process (`jumper_extension.journal`). With `oom_guard` a cell that is about to
        reach the memory limit gets a KeyboardInterrupt. With `nodes`, inside a Slurm job,
        other nodes of the job are measured, too: "all", how many, or a list of names.
        """
        self.interval = interval
        self.budget = budget
        self.exact_peak = exact_peak
        self.journal = journal
        self.oom_guard = oom_guard
        self.wanted_nodes = nodes
        self.native = NativeMonitor()
        weakref.finalize(self, _stop_sampler, self.native)

    def start(self, interval: float | None = None) -> None:
        """Start sampling, every `interval` seconds if given (0.001 to 86400)."""
        wanted = self.interval if interval is None else interval
        journal = self.journal or JournalSettings(enabled=False)
        self.native.start(
            wanted,
            budget_percent=self.budget,
            exact_peak=self.exact_peak,
            journal=journal.enabled,
            journal_max_bytes=int(journal.max_mb * 2**20),
            keeps_source=journal.keeps_source,
            oom_guard=self.oom_guard,
            nodes=self.wanted_nodes,
            nodes_program=command_path() if self.wanted_nodes else "",
        )
        self.interval = wanted

    def stop(self) -> None:
        """Stop sampling. Reports, data and exports stay available."""
        self.native.stop()

    @property
    def running(self) -> bool:
        """Whether samples are being taken."""
        return self.native.running

    def __enter__(self) -> Self:
        """Start; the block's end stops."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, unless the block did; an exception passes through."""
        _stop_sampler(self.native)

    @contextmanager
    def cell(self, source: str = "") -> Iterator[int]:
        """Mark the block as one cell, described by `source`, and yield its index.

        An exception marks the cell as failed, or as interrupted, and passes through.
        """
        index = self.native.begin_cell(source)
        status = "error"
        try:
            yield index
            status = "ok"
        except KeyboardInterrupt:
            status = "interrupted"
            raise
        finally:
            if not self.native.inherited:
                self.native.end_cell(status)

    def __repr__(self) -> str:
        """State, interval and number of cells."""
        state = "running" if self.running else "stopped" if self.native.started else "not started"
        cells = self.native.cell_count
        return f"<jumper_extension.Monitor: {state}, interval {self.interval:g} s, {cells} cells>"

    def __reduce__(self) -> tuple[Callable[..., "Monitor"], tuple[float, float, bool]]:
        """A pickled monitor is one that was never started: a sampler cannot travel."""
        return _unpickled, (self.interval, self.budget, self.exact_peak)


def _unpickled(interval: float, budget: float, exact_peak: bool) -> Monitor:
    return Monitor(interval, budget=budget, exact_peak=exact_peak)
