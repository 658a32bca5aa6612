# SPDX-License-Identifier: BSD-3-Clause
"""Cells as a Python script: what IPython would make of each, as statements that run on their own.

A cell whose statements cannot stand in a file (it is no valid Python, or awaits at its top
level) goes into the script as text, and fails or awaits when it is its turn.
"""

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jumper_extension.magics.commands import BY_NAME

Transform = Callable[[str], str]

# Commands after which there are samples; others may come with options that make no difference.
_STARTING = ("perfmonitor_start", "perfmonitor_enable_perfreports", "perfmonitor_fast_setup")
_RECORDING = frozenset({"start_write_script", "end_write_script"})
_RECORDING_LINE = re.compile(r"^\s*%(?:start|end)_write_script\b", re.MULTILINE)
# What IPython alone gives to a cell.
_SHELL_NAMES = frozenset({"get_ipython", "display"})
# Calls that need the event loop in which a kernel runs its cells.
_LOOP_NAMES = frozenset({"create_task", "ensure_future", "get_running_loop"})


@dataclass(frozen=True, slots=True)
class RecordedCell:
    """A cell that was not run: its source, its line magics, whether a report would follow it."""

    source: str
    magics: tuple[str, ...]
    wants_report: bool


@dataclass(frozen=True, slots=True)
class Monitoring:
    """How the notebook was monitored when the recording began."""

    interval: float
    budget: float
    exact_peak: bool = True


@dataclass(frozen=True, slots=True)
class Reports:
    """The reports after cells that were enabled then."""

    level: str
    text: bool


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the cells. Without `monitoring`, one of the cells starts it."""

    made: str  # says when and how
    name: str  # begins the names of the files that the script writes
    monitoring: Monitoring | None
    reports: Reports | None


def parsed(code: str) -> ast.Module | None:
    """The statements, or None if they are none that Python can run."""
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def controls_recording(code: str) -> bool:
    """Whether this cell, as IPython made it Python, begins or ends a recording."""
    if "_write_script" not in code:
        return False
    for call in ast.walk(parsed(code) or ast.Module([], [])):
        name, arguments = _magic_of(call) if isinstance(call, ast.Call) else ("", [])
        if name in _RECORDING or any(_RECORDING_LINE.search(text) for text in arguments):
            return True
    return False


def starts_monitoring(cells: Sequence[RecordedCell]) -> bool:
    """Whether one of the cells starts the monitor itself."""
    return any(magic.split(None, 1)[0] in _STARTING for cell in cells for magic in cell.magics)


def bound_names(code: str) -> set[str]:
    """The names to which the cell gives values."""
    names = set()
    for node in ast.walk(parsed(code) or ast.Module([], [])):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name.partition(".")[0])
    return names


def _magic_of(call: ast.Call) -> tuple[str, list[str]]:
    """The name and the arguments in `get_ipython().run_..._magic(...)`; empty for other calls."""
    match call:
        case ast.Call(
            func=ast.Attribute(
                value=ast.Call(func=ast.Name(id="get_ipython")),
                attr="run_line_magic" | "run_cell_magic",
            ),
            args=[ast.Constant(value=str(name)), *rest],
        ):
            texts = [a.value for a in rest if isinstance(a, ast.Constant)]
            return name, [text for text in texts if isinstance(text, str)]
    return "", []


class _Body:
    """The statements of one cell in the script."""

    def __init__(self, code: str) -> None:
        self.future: list[str] = []
        self.code = code if code.endswith("\n") else code + "\n"
        tree = parsed(self.code)
        if tree is None:  # IPython gave up, or passed on what is no Python
            self.plain = False
            self.needs_shell = "get_ipython()" in code
            return
        self.plain = _compiles(self.code) and _stands_in_a_file(tree)
        self._replace(tree)
        left = ast.walk(parsed(self.code) or tree)
        self.needs_shell = any(isinstance(n, ast.Name) and n.id in _SHELL_NAMES for n in left)

    def _replace(self, tree: ast.Module) -> None:
        """Make our own magics calls of ours, and take `from __future__` to the top."""
        lines = self.code.encode().split(b"\n")
        for statement in reversed(tree.body):
            text = ""
            if (
                self.plain
                and isinstance(statement, ast.ImportFrom)
                and statement.module == "__future__"
            ):
                self.future += [alias.name for alias in statement.names]
                text = "pass"
            elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
                text = _own_command(statement.value)
            if text:
                first, last = statement.lineno - 1, (statement.end_lineno or statement.lineno) - 1
                before = lines[first][: statement.col_offset]
                after = lines[last][statement.end_col_offset :]
                lines[first : last + 1] = [before + text.encode() + after]
        self.code = b"\n".join(lines).decode()


def _own_command(call: ast.Call) -> str:
    """What the script does for a magic of ours; empty where IPython is needed."""
    name, arguments = _magic_of(call)
    line = arguments[0] if arguments else ""
    if name in ("load_ext", "reload_ext") and line.strip() == "jumper_extension":
        return "pass"
    if name not in BY_NAME or "{" in line or "$" in line:  # IPython puts variables into the line
        return ""
    return f"_jumper.command({name!r}, {line!r})"


def _compiles(code: str) -> bool:
    try:
        code.encode()
        compile(code, "<cell>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _stands_in_a_file(tree: ast.Module) -> bool:
    """Whether the cell means the same among others, and without an event loop around it."""
    for node in ast.walk(tree):
        name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", None)
        if name in _LOOP_NAMES:
            return False
    return not any(isinstance(statement, ast.Global) for statement in ast.walk(tree))


def _literal(text: str) -> str:
    """The text as a literal, a line of it in each line."""
    lines = text.splitlines(keepends=True)
    if len(lines) <= 1:
        return repr(text)
    return "(\n" + "".join(f"    {line!r}\n" for line in lines) + ")"


def _begin(cell: RecordedCell) -> str:
    more = f", magics={list(cell.magics)!r}" if cell.magics else ""
    more += "" if cell.wants_report else ", report=False"
    return f"_jumper.begin({_literal(cell.source)}{more})\n"


def script_text(cells: Sequence[RecordedCell], codes: Sequence[str], head: Head) -> str:
    """The script. `codes` are the cells as IPython makes them Python."""
    text = _assembled(cells, [_Body(code) for code in codes], head)
    if not _compiles(text):  # each cell does alone: what is left is told when it is run
        bodies = [_Body(code) for code in codes]
        for body in bodies:
            body.plain = False
        text = _assembled(cells, bodies, head)
    return text


def _assembled(cells: Sequence[RecordedCell], bodies: "Sequence[_Body]", head: Head) -> str:
    future = sorted({feature for body in bodies for feature in body.future})
    parts = ["#!/usr/bin/env python3\n", f'"""{head.made}"""\n\n']
    if future:
        parts.append(f"from __future__ import {', '.join(future)}\n\n")
    parts.append("from jumper_extension.script import Script\n\n")
    parts.append(f"_jumper = Script(globals(), {head.name!r})\n")
    if any(body.needs_shell for body in bodies):
        parts.append("_jumper.use_ipython()\n")
    if (monitoring := head.monitoring) is not None:
        exact = "" if monitoring.exact_peak else ", exact_peak=False"
        parts.append(
            f"_jumper.start({monitoring.interval!r}, budget={monitoring.budget!r}{exact})\n"
        )
    if (reports := head.reports) is not None:
        parts.append(f"_jumper.report_cells({reports.level!r}, text={reports.text!r})\n")
    for number, (cell, body) in enumerate(zip(cells, bodies, strict=True)):
        parts.append(f"\n# Cell {number}\n{_begin(cell)}")
        if body.plain:
            parts.append(f"{body.code}_jumper.end()\n")
        else:
            parts.append(f"_jumper.run({_literal(body.code)})\n_jumper.end()\n")
    parts.append("\n_jumper.finish()\n")
    return "".join(parts)
