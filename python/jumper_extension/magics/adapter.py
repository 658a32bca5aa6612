# SPDX-License-Identifier: BSD-3-Clause
"""Commands as lines of text: what the magics call, and what generated scripts call."""

from typing import TYPE_CHECKING

from jumper_extension.magics.commands import BY_NAME
from jumper_extension.magics.options import Command, parse
from jumper_extension.native import JumperError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from pandas import DataFrame

    from jumper_extension.service import PerfmonitorService


class PerfmonitorMagicAdapter:
    """Has a method for each command, which takes the line after the command's name.

    `adapter.perfmonitor_export_perfdata("--level user")` does what the magic does, and
    gives the variables that the magic would put into the notebook as {name: DataFrame}.
    """

    def __init__(self, service: "PerfmonitorService") -> None:
        """Run commands on `service`."""
        self.service = service

    def run(self, command: Command, line: str = "") -> "dict[str, DataFrame]":
        """Run a command; a mistake in its line is answered with one line."""
        try:
            arguments = parse(command, line)
        except JumperError as error:
            self.service.output.say(str(error))
            return {}
        made = getattr(self.service, command.operation)(**arguments)
        return made if isinstance(made, dict) else {}

    def __getattr__(self, name: str) -> "Callable[..., dict[str, DataFrame]]":
        """The method of that name: one for each command and alias."""
        command = BY_NAME.get(name)
        if command is None:
            raise AttributeError(f"{type(self).__name__} has no command {name!r}")
        return lambda line="": self.run(command, line)

    def __dir__(self) -> list[str]:
        """The commands, too."""
        return [*super().__dir__(), *BY_NAME]

    def on_pre_run_cell(
        self, raw_cell: str, cell_magics: list[str], should_skip_report: bool = False
    ) -> None:
        """Begin a cell."""
        self.service.on_pre_run_cell(raw_cell, cell_magics, should_skip_report)

    def on_post_run_cell(self, result: object = None) -> None:
        """End the cell."""
        self.service.on_post_run_cell(result)

    def monitored(self) -> "AbstractContextManager[PerfmonitorService]":
        """Make a block one cell."""
        return self.service.monitored()

    def close(self) -> None:
        """Stop monitoring."""
        self.service.close()
