# SPDX-License-Identifier: BSD-3-Clause
"""The monitor as a Python object: start it, run something, read what it cost."""

import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

from jumper_extension import frames
from jumper_extension.display.plot import make
from jumper_extension.journal import JournalSettings
from jumper_extension.native import NativeMonitor
from jumper_extension.plot import Plot
from jumper_extension.report import Report

if TYPE_CHECKING:
    from pandas import DataFrame

    from jumper_extension.native import SampleTable


def _stop_sampler(native: NativeMonitor) -> None:
    if native.running and not native.inherited:
        native.stop()


class Monitor:
    """Measures this process and its descendants, this user's processes and the machine.

    A native thread takes the samples; it needs no GIL. What was collected stays readable
    after `stop`. In a child made by `os.fork` a monitor is inert: nothing samples there.

    Every method raises `JumperError`, with one line that says what is wrong, for a mistake
    of the caller: an unknown level, a bad range, starting twice.
    """

    def __init__(
        self,
        interval: float = 1.0,
        *,
        budget: float = 0.5,
        exact_peak: bool = True,
        journal: JournalSettings | None = None,
    ) -> None:
        """Prepare a monitor that will sample every `interval` seconds. Starts nothing.

        `budget` is what it may use, in percent of one core; 0 is no limit. With `exact_peak`
        the kernel's high-water mark of memory is set back at the start of every cell, which
        changes what `getrusage` says of `ru_maxrss`; without it, peaks are sampled. With
        `journal`, the session is written to a file while it is measured, so that it outlives
        this process (`jumper_extension.journal`).
        """
        self.interval = interval
        self.budget = budget
        self.exact_peak = exact_peak
        self.journal = journal
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

    def report(self, cells: str | tuple[int, int] | None = None, level: str = "process") -> Report:
        """Report on a range of cells.

        `cells` is a range as the magics take it ("5", "2:8", ":5", "-3:-1"), a pair of
        indices with both ends included, or None for all cells; where no cell was marked,
        None means the whole time monitored.
        """
        return Report(self.native.report(cells, level))

    def plot(
        self,
        metrics: str | Sequence[str] | None = None,
        cells: str | tuple[int, int] | None = None,
        level: str = "process",
    ) -> Plot:
        """A plot over time. It shows itself, and `save` writes it to a file.

        Without `metrics` it has all levels, cells and metrics to explore, and begins with `level`
        and the range `cells` (as `report` takes it). With `metrics` ("cpu,memory,io", or a list of
        such names) it has just those, at that level and over those cells.
        """
        return make(self.native, metrics=metrics, cell_range=cells, level=level)

    def perfdata(self, level: str = "process") -> "DataFrame":
        """The samples at one level ("process", "user", "system", ...).

        One row per sample. `time` is in seconds on the clock of `time.perf_counter()`,
        `timestamp` in seconds since the epoch; `cell_index` is a nullable integer, NA
        outside cells. `cpu_util_*` is in percent, 100 being all CPUs the process may use,
        and holds since the row before; `memory` is in units of 2**30 bytes; `cpu_seconds`
        and the `io_*` columns have grown since monitoring started. What could not be
        measured is NaN. The data are read from /proc; the frame is a copy.
        """
        return frames.perfdata_frame(self.native.perfdata(level))

    def samples(self) -> "SampleTable":
        """All samples so far, of all levels, without a copy.

        One row per sample, one column per metric, level and instance, in base units
        (seconds, bytes, counts), as `names` tells them: `time_ns`, then `level/metric` or
        `level/metric/instance`. It does not change when more is sampled. It has the Arrow
        PyCapsule interface: `pyarrow.table(samples)`, `polars.DataFrame(samples)` and DuckDB
        read it as it is; `samples.column(name)` is a read-only numpy array.
        """
        return self.native.samples()

    def cells(self) -> "DataFrame":
        """The finished cells, one row each, in the order they were run.

        `start_time`, `end_time` and `duration` are in seconds on the clock of
        `time.perf_counter()`, `wallclock_*` in seconds since the epoch; `status` is "ok",
        "error" or "interrupted"; `cpu_seconds` counts the whole process tree;
        `memory_peak` and `memory_retained` are in units of 2**30 bytes. NaN where nothing
        was measured.
        """
        return frames.history_frame(self.native.cells())

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
