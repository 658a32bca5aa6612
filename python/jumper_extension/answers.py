# SPDX-License-Identifier: BSD-3-Clause
"""What can be asked of a session, whether it is being measured or was imported."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from jumper_extension import frames, loading
from jumper_extension.display.plot import make
from jumper_extension.native import NativeMonitor, NativeSession
from jumper_extension.nodes import ALL_NODES, asked, level_of
from jumper_extension.plot import Plot
from jumper_extension.report import Report

if TYPE_CHECKING:
    from pandas import DataFrame

    from jumper_extension.native import SampleTable


class Answers:
    """Reports, plots and data of a session."""

    native: NativeMonitor | NativeSession

    @property
    def node_names(self) -> list[str]:
        """The names of the job's nodes that are monitored; none where it is one only."""
        return self.native.nodes()

    def report(
        self,
        cells: str | tuple[int, int] | None = None,
        level: str | None = None,
        *,
        node: str | None = None,
    ) -> Report:
        """Report on a range of cells.

        `cells` is a range as the magics take it ("5", "2:8", ":5", "-3:-1"), a pair of
        indices with both ends included, or None for all cells; where no cell was marked,
        None means the whole time monitored. `level` is "process" if not given. `node` names
        another node of the job, or all of them ("all"): the level is then slurm, or system
        where that is not measured.
        """
        if node == ALL_NODES:
            return Report(self.native.nodes_report(cells, level))
        native = asked(self.native, node)
        return Report(native.report(cells, level_of(native, level)))

    def plot(
        self,
        metrics: str | Sequence[str] | None = None,
        cells: str | tuple[int, int] | None = None,
        level: str | None = None,
        *,
        node: str | None = None,
    ) -> Plot:
        """A plot over time. It shows itself, and `save` writes it to a file.

        Without `metrics` it has all levels, cells and metrics to explore, and begins with `level`
        and the range `cells` (as `report` takes it). With `metrics` ("cpu,memory,io", or a list of
        such names) it has just those, at that level and over those cells. `node` names another
        node of the job, or "all": then each panel has a line per node.
        """
        return make(self.native, metrics=metrics, cell_range=cells, level=level, node=node)

    def perfdata(self, level: str | None = None, *, node: str | None = None) -> "DataFrame":
        """The samples at one level ("process", which is the default, "user", "system", ...).

        One row per sample. `time` is in seconds on the clock of `time.perf_counter()`,
        `timestamp` in seconds since the epoch; `cell_index` is a nullable integer, NA
        outside cells. `cpu_util_*` is in percent, 100 being all CPUs the process may use,
        and holds since the row before; `memory` is in units of 2**30 bytes; `cpu_seconds`
        and the `io_*` columns have grown since monitoring started. What could not be
        measured is NaN. The data are read from /proc; the frame is a copy.

        With `node`, the name of a node of the job or "all", the first column is `node`; times
        are on this machine's clock there, too.
        """
        if node == ALL_NODES:
            return frames.perfdata_frame(self.native.nodes_perfdata(level))
        native = asked(self.native, node)
        return frames.perfdata_frame(native.perfdata(level_of(native, level)))

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
        `memory_peak` and `memory_retained` are in units of 2**30 bytes. Where GPUs were
        measured there are also `gpu_util_avg` (percent), `gpu_mem_peak` (2**30 bytes, the most
        on any one card) and `gpu_energy` (joules, of whole cards). NaN where nothing was
        measured.
        """
        return frames.history_frame(self.native.cells())

    def export_session(self, path: str | os.PathLike[str]) -> None:
        """Write the whole session into a new or empty folder, or into a file that ends in .zip.

        `load_session` reads it back exactly; the Python JUmPER reads it as one of its own.
        """
        self.native.export_session(loading.plain_path(path))


class ImportedSession(Answers):
    """A session from files: it can be asked and exported, and never changes."""

    native: NativeSession
    is_imported = True
    running = False

    def __init__(self, native: NativeSession) -> None:
        """Wrap what the core read."""
        self.native = native

    @property
    def session_source(self) -> str:
        """Where it comes from, in words."""
        return self.native.source

    @property
    def interval(self) -> float:
        """Seconds from sample to sample, as it was measured."""
        return self.native.interval_seconds

    @property
    def notes(self) -> list[str]:
        """What there is to say of its numbers."""
        return self.native.notes

    def __repr__(self) -> str:
        """Where it comes from and how many cells it has."""
        cells = self.native.cell_count
        return f"<jumper_extension.ImportedSession: {self.session_source}, {cells} cells>"


def load_session(path: str | os.PathLike[str]) -> ImportedSession:
    """Read a session: one that was exported to a folder or a .zip file, or a journal.

    Those of the Python JUmPER are read, too. Nothing in it is run, nothing is unpacked.
    JumperError, in one line, for what is none.
    """
    return ImportedSession(NativeSession.open(loading.plain_path(path)))
