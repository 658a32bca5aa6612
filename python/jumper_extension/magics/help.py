# SPDX-License-Identifier: BSD-3-Clause
"""The help, made from the table of commands."""

from collections.abc import Sequence
from textwrap import wrap

from jumper_extension.magics.commands import COMMANDS
from jumper_extension.magics.options import Command

_COLUMNS = 98

_OPENING = """\
JUmPER measures what the cells of your notebook cost: CPU, memory, I/O.

First steps
  %perfmonitor_start         start measuring
  (run some cells)
  %perfmonitor_perfreport    see what they cost
  %perfmonitor_plot          see it over time
  %perfmonitor_stop          stop; everything above keeps working
"""

_FORM_WIDTH = 22

_CLOSING = """\
Levels (--level)
  process   the kernel and every process that it started (the default)
  user      all processes of your user
  system    the whole machine
  slurm     your Slurm job; only inside one

Cells (--cell)
  Cells are numbered from 0 in the order they were run; %cell_history shows the numbers.
  5         cell 5                    :5        from the first to cell 5
  2:8       cells 2 to 8, both too    3:        from cell 3 to the last
  -1        the last cell             -3:-1     the last three"""


def help_text() -> str:
    """The whole help."""
    commands = "\n\n".join(_entry(command) for command in COMMANDS)
    return f"{_OPENING}\nCommands\n{commands}\n\n{_CLOSING}"


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
