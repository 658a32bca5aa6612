# SPDX-License-Identifier: BSD-3-Clause
# Written by 'make stubs' from python/bindings: change those and run it.
"""
The native core of JUmPER: sampling, storing, analysing, exporting and rendering.
"""

from collections.abc import Sequence
from typing import Any

import numpy.typing

__version__: str

class JumperError(Exception):
    """
    A user's mistake, or a failure outside the monitor. Its text is one line that says what was wrong and what would be right.
    """

class Report:
    """What a range of cells cost at one level. Does not change."""

    def text(self) -> str:
        """The report as plain text, for a terminal."""

    def json(self) -> str:
        """The report as a JSON document; absent numbers are null."""

    def html(self) -> str:
        """
        The report as an HTML fragment: escaped, with its own style, without scripts.
        """

    def summary(self) -> dict[str, Any]:
        """The numbers of the report; absent ones are None."""

class NodesReport:
    """
    What a range of cells cost on each node of a job, and how evenly they were used.
    """

    def text(self) -> str:
        """The report as plain text, for a terminal."""

    def json(self) -> str:
        """The report as a JSON document; absent numbers are null."""

    def html(self) -> str:
        """
        The report as an HTML fragment: escaped, with its own style, without scripts.
        """

    def summary(self) -> dict[str, Any]:
        """The JSON document as a dict."""

class Plot:
    """What a plot shows. Does not change."""

    @staticmethod
    def load(document: bytes) -> Plot:
        """
        The plot in a document made by `file` or `json`. JumperError: it is none. Nothing in it is executed.
        """

    @staticmethod
    def panels() -> list[tuple[str, list[str]]]:
        """What `select` takes: the name of every panel, and its other names."""

    def select(self, panels: Sequence[str]) -> Plot:
        """
        Just these panels (none: those shown) at the level shown, over just the cells that were asked for.
        """

    @property
    def title(self) -> str:
        """Level, cells and duration, in one line."""

    @property
    def has_data(self) -> bool:
        """Whether there are samples enough for a curve."""

    @property
    def to(self) -> float:
        """When its last sample was taken, in seconds since monitoring started."""

    def json(self) -> str:
        """
        For the front end (frontend/src/protocol.ts): a JSON document without '<', safe within a script element.
        """

    def file(self) -> str:
        """The same document with more detail, for `load`."""

    def csv(self) -> str:
        """The curves of what is seen first, as a table: a row per point."""

    def text(self, width: int = 60) -> str:
        """
        For a terminal: curves `width` characters wide, with mean, lowest and highest value.
        """

    def draw(
        self, format: str, theme: str = "light", scale: float = 1.0, quality: int = 92
    ) -> bytes:
        """What is seen first as a picture: see `draw_chart`."""

    def small_picture(self, width: int, most_bytes: int) -> bytes:
        """
        What is seen first as a PNG of twice that width, with at most about so many bytes.
        """

    def chart(self) -> dict[str, Any]:
        """What is seen first, as `draw_chart` takes it."""

class PlotTail:
    """What a live view has to replace."""

    def json(self) -> str:
        """For the front end, like a plot's: without its title and panels."""

    @property
    def to(self) -> float:
        """When its last sample was taken, in seconds since monitoring started."""

def write_file(path: str, content: bytes) -> None:
    """
    Writes a file as a whole; if that fails, with JumperError, an old one stays as it was.
    """

class SampleTable:
    """
    All samples at one moment, one row each; does not change. pyarrow, polars, pandas 3 and DuckDB take
    it as it is: pyarrow.table(samples), polars.DataFrame(samples), pandas.DataFrame.from_arrow(samples).
    Columns: `time_ns` (nanoseconds on CLOCK_MONOTONIC), then `level/metric` or `level/metric/instance`,
    in base units; counters as they count. What was not measured is null, and NaN in numpy.
    """

    def __len__(self) -> int: ...
    @property
    def names(self) -> list[str]:
        """Of the columns, `time_ns` first."""

    @property
    def thinned_until_ns(self) -> int | None:
        """
        Up to here most periodic samples are gone, because memory ran short; None: nowhere.
        """

    def column(self, name: str) -> numpy.typing.NDArray[Any]:
        """
        One column as a read-only array. A session of up to 4,096 samples is not copied, but for columns in
        seconds. JumperError: there is no such column.
        """

    def column_parts(self, name: str) -> list[numpy.typing.NDArray[Any]]:
        """
        The column chunk by chunk: the last one, of up to 4,096 samples, is not copied.
        """

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> Any:
        """
        The Arrow PyCapsule interface: one record batch per chunk. The requested schema is not looked at, as it may be.
        """

    def __arrow_c_schema__(self) -> Any:
        """The Arrow PyCapsule interface: the columns."""

def draw_chart(chart: dict[str, Any], format: str, scale: float = 1.0, quality: int = 92) -> bytes:
    """
    The bytes of a picture: format 'svg', 'pdf', 'png' or 'jpg'; `scale` is that of the last two, `quality` that of the last.

    `chart`: title, description, theme ('light', 'dark', or a dict of colours '#rrggbb'), width, height and columns (0: as needed); panels: title, unit ('percent', 'bytes', 'bytes/s', '1/s', 'count'), series (label, colour, x in seconds, mean, low, high, rate: whether values hold since the point before), limit (value, label); cells: from, to, index, name, failed; range (from, to); idle: from, to of time to be squeezed. Times are in seconds; what is not measured is NaN or None.
    """

class Session:
    """
    A session that does not change: read from a journal, imported, or one node's of many. It answers what a Monitor answers.
    """

    @staticmethod
    def open(path: str) -> Session:
        """
        Reads a journal (also one that is being written), an exported folder or .zip, or the session of that id. JumperError: it is none of these, or cannot be read.
        """

    @property
    def source(self) -> str:
        """Where it comes from, in words."""

    @property
    def notes(self) -> list[str]: ...
    @property
    def default_level(self) -> str:
        """The level that is asked where none is named."""

    @property
    def started(self) -> bool: ...
    @property
    def running(self) -> bool: ...
    @property
    def inherited(self) -> bool: ...
    @property
    def cell_open(self) -> bool: ...
    @property
    def cell_count(self) -> int:
        """How many cells it has."""

    @property
    def interval_seconds(self) -> float: ...
    def levels(self) -> list[str]:
        """The levels that were measured."""

    def resources_text(self) -> str:
        """The CPUs and memory there were, and which limits said so."""

    def resources(self) -> dict[str, Any]: ...
    def info(self) -> dict[str, Any]:
        """
        When it started and stopped (seconds), CPUs, memory limits (GB by level), pid and uid.
        """

    def stats(self) -> dict[str, Any]:
        """
        Samples taken and missed, and the CPU seconds that sampling itself used.
        """

    def resolve_cells(self, text: str) -> tuple[int, int]:
        """ "5", "2:8", ":5", "3:", "-3:-1" -> (first, last), both included."""

    def report(self, cells: str | tuple[int, int] | None = None, level: str = "process") -> Report:
        """
        What a range of cells cost. Without a range all finished cells; without cells, all monitored time.
        """

    def plot(self, cells: str | tuple[int, int] | None = None, level: str = "process") -> Plot:
        """
        All levels and cells over time, few enough points for a screen. `cells` and `level` are what is shown first.
        """

    def perfdata(self, level: str = "process") -> dict[str, numpy.typing.NDArray[Any]]:
        """
        One array per column, one element per sample. Absent is NaN; cell_index is int64, -1 outside cells.
        """

    def nodes(self) -> list[str]:
        """The names of the nodes that are monitored; none where it is one only."""

    def node(self, name: str) -> Session:
        """
        What was measured on that node, as a session with the same cells. JumperError: there is no such node.
        """

    def nodes_report(
        self, cells: str | tuple[int, int] | None = None, level: str | None = None
    ) -> NodesReport:
        """
        What a range of cells cost on each node, and how evenly they were used. Without a level, slurm where all nodes have it, else system.
        """

    def nodes_plot(
        self, cells: str | tuple[int, int] | None = None, level: str | None = None
    ) -> Plot:
        """A line per node in each panel, and a view of each node."""

    def nodes_perfdata(self, level: str | None = None) -> dict[str, Any]:
        """
        As perfdata, of all nodes one after the other; the first column, node, is a list of names.
        """

    def export_nodes_perfdata(self, path: str, level: str | None = None) -> None:
        """Writes the performance data of all nodes as .csv or .json."""

    def samples(self) -> SampleTable:
        """
        All samples so far, of all levels, for numpy, pandas, polars, pyarrow and DuckDB. JumperError: there are none.
        """

    def cells(self) -> dict[str, list[Any]]:
        """The history of finished cells: one list per column; absent is None."""

    def history_text(self) -> str:
        """The cell history as a table for a terminal."""

    def history_html(self) -> str:
        """The cell history as an HTML fragment: escaped, without scripts."""

    def advice_text(self) -> str:
        """
        What was asked for or may be used, what was used, and what would have been enough. JumperError: nothing was measured yet.
        """

    def advice_json(self) -> str:
        """The same as a JSON document; absent numbers are null."""

    def advice_line(self) -> str | None:
        """
        In a Slurm job, what it used of what it asked for, in a few words; None elsewhere.
        """

    def export_perfdata(self, path: str, level: str = "process") -> None:
        """
        Writes the performance data as .csv or .json. JumperError: another suffix, or the file cannot be written.
        """

    def export_cell_history(self, path: str) -> None:
        """Writes the cell history as .csv or .json."""

    def export_session(self, path: str) -> None:
        """
        Writes the whole session into a new or empty folder, or into a .zip file.
        """

def stored_sessions() -> list[dict[str, Any]]:
    """
    The sessions whose journals are kept, the newest first: id, path, bytes, state (running, ended, died,
    unreadable), started and written (seconds since the epoch), notebook, folder, host, pid, is_here (of this notebook or folder).
    """

def last_death() -> dict[str, Any] | None:
    """
    How the last session of this notebook died, or of this folder outside of notebooks: its id, its path, and
    lines. None: it ended on purpose, or there is none of the last days.
    """

def post_mortem(path: str, who: str) -> list[str]:
    """
    How the session of that journal died, in lines; none where it is alive or ended on purpose. JumperError: it cannot be read.
    """

def read_csv(path: str, texts: list[str], numbers: list[str]) -> dict[str, Any]:
    """
    The columns of a CSV file: an array for numbers, NaN where there is none, a list for text. `texts` are text whatever they hold, `numbers` must be numbers. JumperError: where it is no such table.
    """

def io_kind(times: Sequence[float], columns: Sequence[Sequence[float]]) -> str:
    """
    What the I/O columns of a file are: totals, each total divided by the time since the row before, or rates.
    """

def python_strings(text: str) -> list[str]:
    """
    The strings of a list as Python writes it; none where it is no such list.
    """

class Monitor:
    """
    Samples this process, its descendants, its user and its machine on a native thread, and keeps the
    cells that ran. Times are seconds on CLOCK_MONOTONIC, as time.perf_counter() gives them.
    """

    def __init__(self, *, proc_root: str = "/proc", sys_root: str = "/sys") -> None:
        """Opens the kernel's folders; starts nothing."""

    def start(
        self,
        interval_seconds: float = 1.0,
        *,
        budget_percent: float = 0.5,
        exact_peak: bool = True,
        journal: bool = False,
        journal_folder: str = "",
        journal_max_bytes: int = 268435456,
        keeps_source: bool = True,
        oom_guard: bool = False,
        nodes: str = "",
        nodes_program: str = "",
    ) -> None:
        """
        Starts sampling every `interval_seconds`, for at most `budget_percent` of one core (0: no limit).
        `exact_peak` sets the kernel's high-water mark of memory back at each cell, which changes ru_maxrss.
        `journal` writes the session to a file in `journal_folder`, or where JUMPER_DIR says, of at most about `journal_max_bytes`; with `keeps_source`, the source of cells is in it.
        `oom_guard` sends SIGINT to the main thread when the cell that runs is about to reach the memory limit.
        `nodes`, inside a Slurm job, measures other nodes, too: all, how many, or a list of names; `nodes_program` is the
        command jumper, as they see it.
        JumperError: it runs already, or a number is out of range.
        """

    def stop(self) -> None:
        """Stops sampling; what was measured stays. JumperError: it does not run."""

    @property
    def running(self) -> bool: ...
    @property
    def started(self) -> bool:
        """Whether it ever ran, so that there may be data."""

    @property
    def inherited(self) -> bool:
        """True in a child made by fork(): there, nothing is measured."""

    @property
    def journal_path(self) -> str:
        """The file that the session is written to; empty where there is none."""

    @property
    def journal_problem(self) -> str | None:
        """
        Why the session is not written to a journal although that was asked for; else None.
        """

    @property
    def interval_seconds(self) -> float: ...
    def levels(self) -> list[str]:
        """The levels that can be measured here."""

    def begin_cell(self, source: str, magics: Sequence[str] = []) -> int:
        """
        Opens a cell and returns its index, counted from 0. JumperError: one is open.
        """

    def end_cell(self, status: str = "ok") -> None:
        """
        Ends the open cell as `ok`, `error` or `interrupted`. JumperError: none is open.
        """

    def discard_cell(self) -> None:
        """Forgets the open cell; the next one gets its index."""

    @property
    def cell_open(self) -> bool: ...
    def take_guard_reason(self) -> str | None:
        """
        Why the cell that ended last was interrupted by the guard, once; None if it was not.
        """

    @property
    def memory_warning(self) -> str | None:
        """
        That memory will reach its limit soon, and in how many seconds; None while it will not.
        """

    @property
    def cell_count(self) -> int:
        """How many cells have finished."""

    def recent_plot(self, seconds: float, level: str = "process") -> Plot:
        """
        The last so many seconds, the running cell among the cells: where a live view starts.
        """

    def plot_after(self, after: float, seconds: float) -> PlotTail:
        """
        What a live view lacks that has all up to `after` (a plot's `to`); of the last so many seconds.
        """

    def resources_text(self) -> str:
        """The CPUs and memory this process may use, and which limits say so."""

    def resources(self) -> dict[str, Any]: ...
    def info(self) -> dict[str, Any]:
        """
        When it started and stopped (seconds), CPUs, memory limits (GB by level), pid and uid.
        """

    def stats(self) -> dict[str, Any]:
        """
        Samples taken and missed, and the CPU seconds that sampling itself used.
        """

    def resolve_cells(self, text: str) -> tuple[int, int]:
        """ "5", "2:8", ":5", "3:", "-3:-1" -> (first, last), both included."""

    def report(self, cells: str | tuple[int, int] | None = None, level: str = "process") -> Report:
        """
        What a range of cells cost. Without a range all finished cells; without cells, all monitored time.
        """

    def plot(self, cells: str | tuple[int, int] | None = None, level: str = "process") -> Plot:
        """
        All levels and cells over time, few enough points for a screen. `cells` and `level` are what is shown first.
        """

    def perfdata(self, level: str = "process") -> dict[str, numpy.typing.NDArray[Any]]:
        """
        One array per column, one element per sample. Absent is NaN; cell_index is int64, -1 outside cells.
        """

    def nodes(self) -> list[str]:
        """The names of the nodes that are monitored; none where it is one only."""

    def node(self, name: str) -> Session:
        """
        What was measured on that node, as a session with the same cells. JumperError: there is no such node.
        """

    def nodes_report(
        self, cells: str | tuple[int, int] | None = None, level: str | None = None
    ) -> NodesReport:
        """
        What a range of cells cost on each node, and how evenly they were used. Without a level, slurm where all nodes have it, else system.
        """

    def nodes_plot(
        self, cells: str | tuple[int, int] | None = None, level: str | None = None
    ) -> Plot:
        """A line per node in each panel, and a view of each node."""

    def nodes_perfdata(self, level: str | None = None) -> dict[str, Any]:
        """
        As perfdata, of all nodes one after the other; the first column, node, is a list of names.
        """

    def export_nodes_perfdata(self, path: str, level: str | None = None) -> None:
        """Writes the performance data of all nodes as .csv or .json."""

    def samples(self) -> SampleTable:
        """
        All samples so far, of all levels, for numpy, pandas, polars, pyarrow and DuckDB. JumperError: there are none.
        """

    def cells(self) -> dict[str, list[Any]]:
        """The history of finished cells: one list per column; absent is None."""

    def history_text(self) -> str:
        """The cell history as a table for a terminal."""

    def history_html(self) -> str:
        """The cell history as an HTML fragment: escaped, without scripts."""

    def advice_text(self) -> str:
        """
        What was asked for or may be used, what was used, and what would have been enough. JumperError: nothing was measured yet.
        """

    def advice_json(self) -> str:
        """The same as a JSON document; absent numbers are null."""

    def advice_line(self) -> str | None:
        """
        In a Slurm job, what it used of what it asked for, in a few words; None elsewhere.
        """

    def export_perfdata(self, path: str, level: str = "process") -> None:
        """
        Writes the performance data as .csv or .json. JumperError: another suffix, or the file cannot be written.
        """

    def export_cell_history(self, path: str) -> None:
        """Writes the cell history as .csv or .json."""

    def export_session(self, path: str) -> None:
        """
        Writes the whole session into a new or empty folder, or into a .zip file.
        """

class Comparison:
    """Two cells or two sessions beside each other. Does not change."""

    def text(self) -> str:
        """As plain text of at most 100 columns."""

    def json(self) -> str:
        """As a JSON document; absent numbers are null."""

    def html(self) -> str:
        """As an HTML fragment: escaped, with its own style, without scripts."""

def compare(
    a: Monitor | Session,
    b: Monitor | Session,
    *,
    a_name: str,
    b_name: str,
    a_cells: str | None = None,
    b_cells: str | None = None,
) -> Comparison:
    """
    Compares two sessions, or ranges of their cells. Two single cells are compared whatever they ran,
    else cells of the same source. JumperError: there is no such cell.
    """
