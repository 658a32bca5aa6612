# SPDX-License-Identifier: BSD-3-Clause
"""The help, made from the table of commands: as text, and as HTML for notebooks."""

import re
from collections.abc import Sequence
from html import escape
from textwrap import wrap

from jumper_extension.magics.commands import COMMANDS
from jumper_extension.magics.options import Command

_COLUMNS = 98

_ABOUT = "JUmPER measures what the cells of your notebook cost: CPU, memory, I/O."

Rows = tuple[tuple[str, str], ...]
_FIRST_STEPS: Rows = (
    ("%perfmonitor_fast_setup", "start measuring, with a report after each cell"),
    ("%perfmonitor_perfreport", "what all cells so far cost"),
    ("%perfmonitor_plot", "see it over time"),
    ("%cell_history", "the cells in a table, to sort and to filter"),
    ("%perfmonitor_stop", "stop; everything above keeps working"),
)
_LEVELS: Rows = (
    ("process", "the kernel and every process that it started (the default)"),
    ("user", "all processes of your user"),
    ("system", "the whole machine"),
    ("container", "all in the same container or limited control group; only inside one"),
    ("slurm", "your Slurm job on this node; only inside one"),
)
_ABOUT_CELLS = (
    "Cells are numbered from 0 in the order they were run; %cell_history shows the numbers."
)
_CELLS: Rows = (
    ("5", "cell 5"),
    ("2:8", "cells 2 to 8, both too"),
    (":5", "from the first to cell 5"),
    ("3:", "from cell 3 to the last"),
    ("-1", "the last cell"),
    ("-3:-1", "the last three"),
)
_MORE: Rows = (
    ("One command", "%perfmonitor_plot? shows its options; the Tab key completes them"),
    ("Traces", "https://github.com/score-p/scorep_jupyter_kernel_python (the kernel with Score-P)"),
)
_LINK = re.compile(r"https://[^ ]+")
_FORM_WIDTH = 22


def help_text() -> str:
    """The whole help."""
    commands = "\n\n".join(_entry(command) for command in COMMANDS)
    parts = (
        _ABOUT,
        _section("First steps", _FIRST_STEPS),
        f"Commands\n{commands}",
        _section("Levels (--level)", _LEVELS),
        _section(f"Cells (--cell)\n  {_ABOUT_CELLS}", _CELLS),
        _section("More", _MORE),
    )
    return "\n\n".join(parts)


def help_html() -> str:
    """The same for a notebook: each command opens to its options and examples."""
    commands = "".join(_entry_html(command) for command in COMMANDS)
    return (
        f'<div class="jumper-help"><style>{_STYLE}</style><p>{escape(_ABOUT)}</p>'
        f"{_section_html('First steps', _FIRST_STEPS)}"
        f"<b>Commands</b>{commands}"
        f"{_section_html('Levels (--level)', _LEVELS)}"
        f"{_section_html('Cells (--cell)', _CELLS, _ABOUT_CELLS)}"
        f"{_section_html('More', _MORE)}</div>"
    )


def magic_docstring(command: Command) -> str:
    """What `%command?` shows."""
    lines = [command.summary, "", *_usage(command), *_options(command)]
    return "\n".join((*lines, "", *_examples(command.examples)))


def _entry(command: Command) -> str:
    also = "".join(f"  (also %{alias})" for alias in command.aliases)
    lines = [*_usage(command, also), f"      {command.summary}"]
    if command.options:
        lines += [*_options(command), *_examples(command.examples)]
    return "\n".join(lines)


def _usage(command: Command, also: str = "") -> list[str]:
    """The usage, on more lines where one is too short; an option stays together."""
    joined = f"{command.usage}{also}".replace("] [", "]\0[").replace(" ", "\1").replace("\0", " ")
    lines = wrap(
        joined, _COLUMNS, initial_indent="  ", subsequent_indent=" " * 6, break_on_hyphens=False
    )
    return [line.replace("\1", " ") for line in lines]


def _options(command: Command) -> list[str]:
    lines = []
    for option in command.options:
        form = f"{option.flag} {option.metavar}"
        if len(form) < _FORM_WIDTH:
            lines.append(f"        {form:<{_FORM_WIDTH}}{option.help}")
        else:
            lines += [f"        {form}", " " * 12 + option.help]
    return [line.rstrip() for line in lines]


def _examples(examples: Sequence[str]) -> list[str]:
    return [f"      > {example}" for example in examples]


def _section(title: str, rows: Rows) -> str:
    width = max(len(name) for name, _ in rows) + 3
    return "\n".join((title, *(f"  {name:<{width}}{meaning}" for name, meaning in rows)))


_STYLE = (
    ".jumper-help{font-size:13px;line-height:1.5;max-width:60em}"
    ".jumper-help p{margin:0 0 4px}"
    ".jumper-help details{margin:0 0 0 8px}"
    ".jumper-help summary{cursor:pointer}"
    ".jumper-help dl{display:grid;grid-template-columns:max-content 1fr;gap:0 14px;"
    "margin:0 0 8px 22px;padding:0}"
    ".jumper-help dl>*{margin:0;padding:0;float:none;width:auto;min-width:0;font-weight:400}"
    ".jumper-help pre{margin:2px 0 4px 22px!important;padding:0;background:none}"
    ".jumper-help b{display:block;margin-top:6px}"
    ".jumper-help code{background:none}"
)


def _section_html(title: str, rows: Rows, about: str = "") -> str:
    above = f"<p>{escape(about)}</p>" if about else ""
    return f"<b>{escape(title)}</b>{above}{_rows_html(rows)}"


def _rows_html(rows: Sequence[tuple[str, str]]) -> str:
    shown = (
        f"<dt><code>{escape(name)}</code></dt><dd>{_LINK.sub(_link, escape(meaning))}</dd>"
        for name, meaning in rows
    )
    return f"<dl>{''.join(shown)}</dl>"


def _link(address: re.Match[str]) -> str:
    return f'<a href="{address[0]}" target="_blank" rel="noopener">{address[0]}</a>'


def _entry_html(command: Command) -> str:
    also = "".join(f" (also <code>%{escape(alias)}</code>)" for alias in command.aliases)
    options = [(f"{o.flag} {o.metavar}".rstrip(), o.help) for o in command.options]
    examples = "\n".join(f"&gt; {escape(example)}" for example in command.examples)
    return (
        f'<details><summary data-lm-suppress-shortcuts="true">'  # in JupyterLab, Enter would edit
        f"<code>%{escape(command.name)}</code>{also} "
        f"{escape(command.summary)}</summary><pre>{escape(command.usage)}</pre>"
        f"{_rows_html(options) if options else ''}<pre>{examples}</pre></details>"
    )
