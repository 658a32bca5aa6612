# SPDX-License-Identifier: BSD-3-Clause
"""The operations behind the magics, each implemented once, callable without a shell.

A mistake of the caller is answered with one line, as in a notebook, not with an exception;
`jumper_extension.Monitor` is the interface that raises.
"""

import functools
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from jumper_extension import cells, comparing, journal, loading, nodes, recovery, sessions
from jumper_extension.answers import ImportedSession, load_session
from jumper_extension.display import history, plot
from jumper_extension.display.output import Output
from jumper_extension.mistakes import unknown, variable_name
from jumper_extension.monitor import Monitor
from jumper_extension.native import JumperError
from jumper_extension.nodes import ALL_NODES, asked
from jumper_extension.report import Report
from jumper_extension.script_writer import ScriptWriter
from jumper_extension.settings import DEFAULT_LEVEL, PerfreportSettings, Settings

if TYPE_CHECKING:
    from pandas import DataFrame

    from jumper_extension.display.live import LiveView

P = ParamSpec("P")
R = TypeVar("R")
CellRange = str | tuple[int, int] | None
StrPath = str | os.PathLike[str]


def operation(
    method: Callable[Concatenate["PerfmonitorService", P], R],
) -> Callable[Concatenate["PerfmonitorService", P], R | None]:
    """Answer a JumperError in the method with one line; the call then gives None."""

    @functools.wraps(method)
    def answered(self: "PerfmonitorService", /, *args: P.args, **kwargs: P.kwargs) -> R | None:
        try:
            return method(self, *args, **kwargs)
        except JumperError as error:
            self.output.say(str(error))
            return None

    return answered


class PerfmonitorService:
    """A monitor, the cells marked on it, and everything that can be asked about them."""

    def __init__(self, output: Output | None = None, settings: Settings | None = None) -> None:
        """Build the service; nothing is started. Without `output`, it prints."""
        self.output = output or Output()
        self.settings = settings or Settings()
        self.measured = Monitor(self.settings.default_interval)
        # What is asked: what is measured here, or a session that was imported.
        self.monitor: Monitor | ImportedSession = self.measured
        self._tracker = cells.CellTracker(self.measured.native)
        self._hand_marked: cells.OpenCell | None = None
        self._live: LiveView | None = None  # made when it is first shown
        self._told_problem: str | None = None  # with the journal
        self.script_writer = ScriptWriter()

    # Monitoring

    @operation
    def start_monitoring(
        self,
        interval: float | None = None,
        budget: float | None = None,
        sampled_peak: bool = False,
        *,
        no_journal: bool = False,
        no_source: bool = False,
        oom_guard: bool = False,
        nodes: str | None = None,
    ) -> None:
        """Start sampling every `interval` seconds, once a second if not given.

        `budget` is in percent of one core. `sampled_peak` leaves the kernel's high-water mark
        of memory alone: peaks are then the highest sample. `no_journal` writes nothing to a
        file; `no_source` leaves the source of cells out of it. `oom_guard` interrupts a
        cell that is about to reach the memory limit. `nodes` measures other nodes of the
        Slurm job as well: "all", how many, or a list of names.
        """
        if self.measured.running and self.monitor is not self.measured:
            self.monitor = self.measured
            self.output.say("Back to what is measured here; the imported session is closed.")
            return
        if self.measured.running:
            raise JumperError(
                f"monitoring already runs, a sample every {self.measured.interval:g} s: "
                "%perfmonitor_stop first, to start it in another way"
            )
        self.measured.budget = self.settings.default_budget if budget is None else budget
        self.measured.exact_peak = not sampled_peak
        self.measured.oom_guard = oom_guard
        self.measured.wanted_nodes = nodes or ""
        self._start(interval, journal.from_environment(without=no_journal, no_source=no_source))

    def _start(self, interval: float | None, written: journal.JournalSettings) -> None:
        self.measured.journal = written
        self.measured.start(self.settings.default_interval if interval is None else interval)
        self.monitor = self.measured
        if self._live is not None:
            self._live.wake()
        self.output.say(
            f"Monitoring started{self._where()}, a sample every {self.measured.interval:g} s. "
            "%perfmonitor_perfreport shows what your cells cost."
        )
        self._say_journal_problem()

    def _where(self) -> str:
        wanted = self.measured.wanted_nodes
        if not wanted:
            return ""
        if wanted == "all" or wanted.isdigit():
            return f" here and on {wanted} nodes of the job"
        return f" here and on {wanted}"

    def _say_journal_problem(self) -> None:
        problem = self.measured.native.journal_problem
        if problem != self._told_problem and problem is not None:
            self.output.say(f"This session is kept in memory alone: {problem}")
        self._told_problem = problem

    @operation
    def stop_monitoring(self) -> None:
        """Stop sampling; reports, plots and exports keep working."""
        native = self.measured.native
        if native.levels() and not native.running:  # without levels this platform has no monitor
            state = "has already stopped" if native.started else "was never started"
            raise JumperError(f"monitoring {state}: %perfmonitor_start starts it")
        self.measured.stop()
        if self._live is not None:
            self._live.stop()
        stats = self.measured.native.stats()
        samples = stats["ticks"] + stats["edge_ticks"] + stats["curve_ticks"]
        self.output.say(
            f"Monitoring stopped after {stats['elapsed_seconds']:.1f} s: {samples} samples, "
            f"{stats['missed_ticks']} missed. Reports, plots and exports keep working."
        )
        if used := native.advice_line():
            self.output.say(
                f"The job used {used}: %perfmonitor_advice says what would have been enough."
            )

    def fast_setup(self) -> None:
        """Start once a second and report after each cell: the quickest way to see something."""
        self.enable_perfreports(DEFAULT_LEVEL, 1.0)

    def show_help(self) -> None:
        """Show all commands with examples."""
        from jumper_extension.magics.help import help_html, help_text

        self.output.document(help_html(), help_text())

    @operation
    def show_resources(self) -> None:
        """Show CPUs and memory, and the limits that hold for what is asked."""
        if self.monitor.is_imported:
            self.output.say(f"Of the session {self.monitor.session_source}:")
        self.output.text(self.monitor.native.resources_text().rstrip("\n"))

    @operation
    def show_advice(self, json: bool = False) -> None:
        """Show what was asked for or may be used, what was used, and what would have done."""
        native = self.monitor.native
        if json:
            self.output.text(native.advice_json())
            return
        if self.monitor.is_imported:
            self.output.say(f"Of the session {self.monitor.session_source}:")
        self.output.text(native.advice_text().rstrip("\n"))

    def close(self) -> None:
        """Stop sampling if it runs; silent."""
        native = self.measured.native
        if native.running and not native.inherited:
            native.stop()
            if self._live is not None:
                self._live.stop()

    # Cells

    @property
    def inherited(self) -> bool:
        """Whether this is a fork of the process that is monitored: then nothing is marked."""
        return self.measured.native.inherited

    @property
    def in_cell(self) -> bool:
        """Whether a cell is open."""
        return self._tracker.is_open

    def begin_cell(
        self, source: str, magics: Sequence[str], wants_report: bool
    ) -> cells.OpenCell | None:
        """Open a cell; None where none is to be opened, as inside another cell."""
        cell = self._tracker.begin(source, magics, wants_report)
        if cell is not None:
            self.script_writer.begin(source, magics, wants_report)
        return cell

    def end_cell(self, cell: cells.OpenCell | None, status: str) -> None:
        """Close the cell, and report on it if reports are enabled."""
        if cell is None or not self._tracker.end(cell, status):
            return
        if self._live is not None:
            self._live.cell_ended()
        if self.measured.running:
            self._say_journal_problem()
        if reason := self.measured.native.take_guard_reason():
            self.output.say(f"cell {cell.index} was {reason}.")
        if notice := self.script_writer.take_notice():
            self.output.say(notice)
            return
        if cell.wants_report and self.settings.perfreports.enabled and self.measured.running:
            self._report_on(cell.index)

    @operation
    def _report_on(self, index: int) -> None:
        reports = self.settings.perfreports
        report = self.measured.report((index, index), reports.level)
        self._show_report(report, reports.text)

    def end_stale_cell(self) -> None:
        """Close a cell whose end was lost to an interrupt."""
        self._tracker.end_stale()

    def on_pre_run_cell(
        self, raw_cell: str, cell_magics: Sequence[str] = (), should_skip_report: bool = False
    ) -> None:
        """Begin a cell by hand, as generated scripts do."""
        if self._hand_marked is not None:  # it ended by an exception that the script survived
            self.end_cell(self._hand_marked, cells.ERROR)
        self._hand_marked = self.begin_cell(raw_cell, cell_magics, not should_skip_report)

    def on_post_run_cell(self, result: object = None) -> None:
        """End the cell that was begun by hand."""
        cell, self._hand_marked = self._hand_marked, None
        self.end_cell(cell, cells.status_of_result(result))

    @contextmanager
    def monitored(self) -> Iterator["PerfmonitorService"]:
        """Make the block one cell, if it does not run inside a cell."""
        cell = self.begin_cell("# a block under monitored()", (), wants_report=True)
        status = cells.ERROR
        try:
            yield self
            status = cells.OK
        except KeyboardInterrupt:
            status = cells.INTERRUPTED
            raise
        finally:
            self.end_cell(cell, status)

    @operation
    def show_cell_history(self, node: str | None = None) -> None:
        """Show a table of the cells run so far; with `node`, what they cost on that node."""
        self._require_cells()
        if node == ALL_NODES:
            raise JumperError(
                "the cell history is of one node: name it, or %perfmonitor_perfreport --node all "
                "for the sums of all"
            )
        history.show(asked(self.monitor.native, node), self.output)

    def _require_cells(self) -> None:
        if self.monitor.native.cell_count == 0:
            raise JumperError("the cell history is empty: no cell has finished yet")

    # Reports

    @operation
    def show_perfreport(
        self,
        cell_range: CellRange = None,
        level: str | None = None,
        text: bool = False,
        json: bool = False,
        node: str | None = None,
    ) -> None:
        """Report on a range of cells, all of them if not given.

        `node` names another node of the job, or "all": then all are compared.
        """
        report = self.monitor.report(cell_range, level, node=node)
        if json:
            self.output.text(report.json())
        else:
            self._show_report(report, text)

    def _show_report(self, report: Report, text: bool) -> None:
        if text:
            self.output.text(report.text())
        else:
            self.output.document(report.html(), report.text())

    @operation
    def enable_perfreports(
        self,
        level: str | None = None,
        interval: float | None = None,
        text: bool = False,
        cell_range: CellRange = None,
    ) -> None:
        """Report after each cell about that cell; start monitoring if it does not run.

        `cell_range` is taken for the sake of old notebooks, and has no effect.
        """
        if cell_range is not None:
            self.output.say("Each report is about the cell before it: --cell has no effect here.")
        level = level or DEFAULT_LEVEL
        known = self.measured.native.levels()
        if known and level not in known:
            raise unknown("level", level, known)
        if not self.measured.running:
            self._start(interval, journal.from_environment())
        elif interval is not None and interval != self.measured.interval:
            self.output.say(
                f"Monitoring already runs every {self.measured.interval:g} s and goes on so; "
                "%perfmonitor_stop first to change the interval."
            )
        self.settings.perfreports = PerfreportSettings(True, level, text)
        self.output.say(
            f"A report (level {level}) follows each cell from the next one on; "
            "%perfmonitor_disable_perfreports ends that."
        )

    @operation
    def disable_perfreports(self) -> None:
        """No reports after cells any more."""
        self.settings.perfreports.enabled = False
        self.output.say("No reports after cells any more. Monitoring itself is not affected.")

    @operation
    def compare(self, a: str, b: str, text: bool = False, json: bool = False) -> None:
        """Show two cells, or two sessions, beside each other.

        Each is a cell or a range of cells of this session, or a session: a path, an ID, or "."
        for this one.
        """
        compared = comparing.compare(self.monitor.native, a, b)
        if json:
            self.output.text(compared.json())
        elif text:
            self.output.text(compared.text().rstrip("\n"))
        else:
            self.output.document(compared.html(), compared.text().rstrip("\n"))

    @operation
    def plot_performance(
        self,
        metrics: str | Sequence[str] | None = None,
        cell_range: CellRange = None,
        level: str | None = None,
        save_jpeg: StrPath | None = None,
        pickle_file: StrPath | None = None,
        *,
        save: StrPath | None = None,
        backend: str | None = None,
        live: Sequence[float] | None = None,
        node: str | None = None,
    ) -> None:
        """Show metrics over time with the cells shaded, and write that to files.

        `pickle_file` gets a document for `jumper_extension.load_plot`. `live` makes it move while
        cells run: its interval and its window in seconds, or (). `backend` is taken for the
        sake of old notebooks, and has no effect. `node` names another node of the job, or "all".
        """
        if self.settings.plots_disabled_reason is not None:
            raise JumperError(f"plots are disabled: {self.settings.plots_disabled_reason}")
        if backend is not None:
            self.output.say("Plots have no backends any more: --backend has no effect.")
        if live is not None:
            if node is not None:
                raise JumperError(
                    "--live shows this node: %perfmonitor_plot --node without it shows others"
                )
            if not (cell_range is save is save_jpeg is pickle_file is None):
                raise JumperError(
                    "--live shows what comes: it goes with --metrics and --level, and "
                    "%perfmonitor_plot without it with cells and files"
                )
            self._show_live(live, metrics, level or DEFAULT_LEVEL)
            return
        plot.show(
            self.monitor.native,
            self.output,
            metrics=metrics,
            cell_range=cell_range,
            level=level,
            node=node,
            save=save,
            save_jpeg=save_jpeg,
            pickle_file=pickle_file,
        )

    def _show_live(
        self, live: Sequence[float], metrics: str | Sequence[str] | None, level: str
    ) -> None:
        if self._live is None:
            from jumper_extension.display.live import LiveView

            self._live = LiveView(self.measured.native, self.output)
        self._live.show(live, metrics, level)

    # Data in and out

    @operation
    def export_perfdata(
        self,
        file: StrPath | None = None,
        level: str | None = None,
        name: str | None = None,
        node: str | None = None,
    ) -> "dict[str, DataFrame]":
        """Write the samples to a file, or give them as {name: DataFrame}.

        `node` names another node of the job, or "all": rows then have a column `node`.
        """
        if node is None:
            level = level or DEFAULT_LEVEL
        told = f" ({nodes.told(level, node)})"
        if file is not None:
            path = loading.file_name(file)
            sessions.write_perfdata(self.monitor, path, level, node)
            self.output.say(f"Performance data{told} written to {path}")
            return {}
        name = variable_name(name, "perfdata_df")
        frame = self.monitor.perfdata(level, node=node)
        self._say_pushed(name, f"{len(frame)} samples{told}", "export_perfdata perf.csv")
        return {name: frame}

    @operation
    def export_cell_history(
        self, file: StrPath | None = None, name: str | None = None
    ) -> "dict[str, DataFrame]":
        """Write the cell history to a file, or give it as {name: DataFrame}."""
        self._require_cells()
        if file is not None:
            path = loading.file_name(file)
            sessions.write_cell_history(self.monitor, path)
            self.output.say(f"Cell history written to {path}")
            return {}
        name = variable_name(name, "cell_history_df")
        frame = self.monitor.cells()
        self._say_pushed(name, f"{len(frame)} cells", "export_cell_history cells.json")
        return {name: frame}

    def _say_pushed(self, name: str, what: str, command: str) -> None:
        self.output.say(
            f"{what} are in the DataFrame {name}. To write a file: %perfmonitor_{command}"
        )

    @operation
    def export_session(self, path: StrPath | None = None) -> None:
        """Write the whole session to a folder, or to a file that ends in .zip."""
        written = sessions.export(self.monitor, path)
        self.output.say(f"Session exported to {written}. To read it: %import_session {written}")

    @operation
    def import_session(self, path: StrPath) -> None:
        """Ask an exported session from now on; what is measured here goes on, and is kept."""
        self.monitor = load_session(path)
        for line in sessions.told(self.monitor, is_measuring=self.measured.running):
            self.output.say(line)

    @operation
    def recover(self, session: str | None = None, list_sessions: bool = False) -> None:
        """Ask a session that was written down: by default the last one of this notebook."""
        if list_sessions:
            self.output.text(recovery.table())
            return
        found = recovery.find(session)
        self.monitor = load_session(found["path"])
        told = sessions.told(self.monitor, is_measuring=self.measured.running)
        for line in (*recovery.death_lines(found), *told):
            self.output.say(line)

    @operation
    def load_perfdata(self, file: StrPath) -> "dict[str, DataFrame]":
        """Read exported performance data, ours or the Python JUmPER's."""
        frame, note = loading.read_perfdata(file)
        self.output.say(f"{len(frame)} samples are in the DataFrame loaded_perfdata_df.{note}")
        return {"loaded_perfdata_df": frame}

    @operation
    def load_cell_history(self, file: StrPath) -> "dict[str, DataFrame]":
        """Read an exported cell history, ours or the Python JUmPER's."""
        frame = loading.read_cell_history(file)
        self.output.say(f"{len(frame)} cells are in the DataFrame loaded_cell_history_df.")
        return {"loaded_cell_history_df": frame}

    # Scripts

    @operation
    def start_script_recording(self, path: StrPath | None = None) -> None:
        """Record cells from the next one on, for a script; in a notebook, without running them."""
        self.output.say(self.script_writer.start(path, self))

    @operation
    def stop_script_recording(self, path: StrPath | None = None) -> str | None:
        """Write the script, to `path` if given; gives its path, None if none was written."""
        written, message = self.script_writer.stop(path)
        self.output.say(message)
        return written
