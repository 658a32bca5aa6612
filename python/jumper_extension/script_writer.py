# SPDX-License-Identifier: BSD-3-Clause
"""Recording cells instead of running them, and writing them as a script that runs on its own."""

import os
import re
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from jumper_extension.cell_source import is_blank
from jumper_extension.loading import plain_path
from jumper_extension.mistakes import quoted
from jumper_extension.native import JumperError, __version__, write_file
from jumper_extension.script_text import (
    Head,
    Monitoring,
    RecordedCell,
    Reports,
    bound_names,
    controls_recording,
    script_text,
    starts_monitoring,
)

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jumper_extension.service import PerfmonitorService

_MADE = "Recorded from a notebook by %start_write_script"
_SUFFIX = ".py"
_HEAD_BYTES = 400
_MAGIC_WORD = re.compile(r"\s*(\w+)")


class Translator:
    """Makes Python of cells, as IPython does: the shell's own way, if there is a shell."""

    def __init__(self, shell: "InteractiveShell | None" = None) -> None:
        """Translate as `shell` would run cells."""
        self._shell = shell

    def __call__(self, source: str, bound: "set[str] | frozenset[str]" = frozenset()) -> str:
        """The cell as Python. `bound` are names that are variables by then, hence no magics."""
        if self._shell is None:
            from IPython.core.inputtransformer2 import TransformerManager

            return TransformerManager().transform_cell(source)
        try:
            code: str = self._shell.input_transformer_manager.transform_cell(source)
        except SyntaxError:
            return source  # the script says so when it gets there
        word = _MAGIC_WORD.match(code)
        words = self._shell.prefilter_manager  # `pwd` without its %
        if words and len(code.splitlines()) == 1 and not (word and word.group(1) in bound):
            with self._shell.builtin_trap:
                code = words.prefilter_lines(code) + "\n"
        return code


class CellGate:
    """Keeps a shell from running cells while it is closed; the cells run empty instead."""

    def __init__(self, shell: "InteractiveShell", in_cell: Callable[[], bool]) -> None:
        """Guard `shell`. `in_cell` says whether what is executed now is a cell of the user."""
        self._shell = shell
        self._in_cell = in_cell
        # A terminal translates a cell before it tells that one begins, but runs nothing else.
        self._kernel = getattr(shell, "kernel", None) is not None
        self._transform = self._emptied  # one object, to be found again

    def close(self) -> None:
        """Run no cells from now on, but those that begin or end a recording."""
        if self._transform not in self._shell.input_transformers_post:
            self._shell.input_transformers_post.append(self._transform)

    def open(self) -> None:
        """Run cells again, and leave the shell as it was."""
        if self._transform in self._shell.input_transformers_post:
            self._shell.input_transformers_post.remove(self._transform)

    def _emptied(self, lines: list[str]) -> list[str]:
        if self._kernel and not self._in_cell():
            return lines  # a front end's own question
        return lines if controls_recording("".join(lines)) else ["pass\n"]


class _Recording:
    """What is being recorded."""

    def __init__(self, path: str, service: "PerfmonitorService") -> None:
        self.path = path
        self.cells: list[RecordedCell] = []
        monitor, reports = service.measured, service.settings.perfreports
        self.monitoring: Monitoring | None = None
        if monitor.running:
            self.monitoring = Monitoring(monitor.interval, monitor.budget, monitor.exact_peak)
        self.reports = Reports(reports.level, reports.text) if reports.enabled else None
        self.default = Monitoring(service.settings.default_interval, monitor.budget)


class ScriptWriter:
    """Takes the cells between %start_write_script and %end_write_script."""

    def __init__(self, translator: Translator | None = None, gate: CellGate | None = None) -> None:
        """Record with what `translator` makes of cells; `gate` keeps them from running."""
        self._translate = translator or Translator()
        self._gate = gate
        self._recording: _Recording | None = None
        self._notice = ""

    @property
    def recording(self) -> bool:
        """Whether cells are being recorded."""
        return self._recording is not None

    def start(self, file: str | os.PathLike[str] | None, service: "PerfmonitorService") -> str:
        """Record from the next cell on. What to say about it."""
        if self._recording is not None:
            raise JumperError(
                f"already recording for {self._recording.path}: %end_write_script ends that"
            )
        path, replaces = _checked(file or time.strftime("notebook_script_%Y%m%d_%H%M%S"))
        self._recording = _Recording(path, service)
        if self._gate is not None:
            self._gate.close()
        old = ", in place of the script recorded before" if replaces else ""
        not_run = "recorded, not run" if self._gate is not None else "recorded"
        return f"From the next cell on cells are {not_run}: %end_write_script writes {path}{old}."

    def begin(self, source: str, magics: Sequence[str], wants_report: bool) -> None:
        """Record a cell that begins, unless it begins or ends the recording."""
        self._notice = ""
        recording = self._recording
        if recording is None or is_blank(source) or controls_recording(self._translate(source)):
            return
        recording.cells.append(RecordedCell(source, tuple(magics), wants_report))
        if self._gate is not None:
            number = len(recording.cells) - 1
            self._notice = (
                f"recorded as cell {number} of {os.path.basename(recording.path)}, not run: "
                "%end_write_script writes the script"
            )

    def take_notice(self) -> str:
        """What to say after the cell that was just recorded; empty after any other."""
        notice, self._notice = self._notice, ""
        return notice

    def stop(self, file: str | os.PathLike[str] | None) -> tuple[str | None, str]:
        """Write the script: its path, None if there was nothing to write, and what to say."""
        recording = self._recording
        if recording is None:
            raise JumperError("no cells are being recorded: %start_write_script begins")
        if not recording.cells:
            self.close()
            return None, "No cell was recorded: no script was written."
        path, replaces = _checked(file or recording.path)
        try:
            write_file(path, self._text(recording, path).encode())
        except JumperError as error:
            raise JumperError(
                f"{error}; still recording: %end_write_script FILE writes another"
            ) from None
        self.close()
        count = len(recording.cells)
        cells = "1 cell is" if count == 1 else f"{count} cells are"
        old = ", in place of the script recorded before" if replaces else ""
        return path, f"{cells} in {path}{old}. To run it: python {path}"

    def close(self) -> None:
        """Forget the recording, and run cells again."""
        self._recording = None
        self._notice = ""
        if self._gate is not None:
            self._gate.open()

    def _text(self, recording: _Recording, path: str) -> str:
        codes: list[str] = []
        bound: set[str] = set()
        for cell in recording.cells:
            codes.append(self._translate(cell.source, bound))
            bound |= bound_names(codes[-1])
        monitoring = recording.monitoring
        if monitoring is None and not starts_monitoring(recording.cells):
            monitoring = recording.default
        count = len(recording.cells)
        made = (
            f"{_MADE} of jumper-extension {__version__},\n"
            f"{time.strftime('%Y-%m-%d %H:%M:%S %z')}: {count} cell{'s' * (count != 1)}.\n\n"
            "It measures its cells as the notebook did, and at its end, however it ends, writes\n"
            "the samples and the cell history as CSV into the folder in which it was started.\n"
        )
        name = os.path.splitext(os.path.basename(path))[0]
        return script_text(recording.cells, codes, Head(made, name, monitoring, recording.reports))


def _checked(file: str | os.PathLike[str]) -> tuple[str, bool]:
    """The path for the script, and whether an older recording is there. JumperError if neither."""
    path = plain_path(file)
    if not os.path.splitext(path)[1] and not os.path.isdir(path) and not path.endswith(os.sep):
        path += _SUFFIX
    folder = os.path.dirname(path) or "."
    if os.path.isdir(path) or path.endswith(os.sep):
        raise JumperError(f"{quoted(path)} is a folder: name a file in it, such as script.py")
    if not os.path.isdir(folder):
        raise JumperError(f"there is no folder {quoted(folder)} to write the script to")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise JumperError(f"cannot write to the folder {quoted(folder)}: permission denied")
    if not os.path.lexists(path):
        return path, False
    if not os.path.isfile(path):
        raise JumperError(f"{quoted(path)} is no ordinary file: a script cannot be written there")
    if not _is_recorded(path):
        raise JumperError(
            f"{quoted(path)} is there already, and was not written by %end_write_script: "
            "choose another name, or remove it"
        )
    return path, True


def _is_recorded(path: str) -> bool:
    try:
        with open(path, "rb") as script:
            return _MADE.encode() in script.read(_HEAD_BYTES)
    except OSError:
        return False
