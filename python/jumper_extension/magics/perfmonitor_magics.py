# SPDX-License-Identifier: BSD-3-Clause
"""The commands as IPython line magics."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, magics_class

from jumper_extension.magics.adapter import PerfmonitorMagicAdapter
from jumper_extension.magics.commands import BY_NAME
from jumper_extension.magics.help import magic_docstring
from jumper_extension.magics.options import Command

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


@magics_class
class PerfmonitorMagics(Magics):
    """One line magic for each command and alias. Each returns None."""

    def __init__(self, shell: "InteractiveShell", adapter: PerfmonitorMagicAdapter) -> None:
        """Make the magics; `register` puts them into the shell."""
        super().__init__(shell=shell)
        self._interactive_shell = shell
        self._adapter = adapter
        self.magics["line"] = {name: self._magic(c, name) for name, c in BY_NAME.items()}

    def register(self) -> None:
        """Offer the magics in the shell."""
        self._interactive_shell.register_magics(self)

    def unregister(self) -> None:
        """Take away those that are still ours."""
        shell = self._interactive_shell
        known = shell.magics_manager.magics["line"]
        for name, function in self.magics["line"].items():
            if known.get(name) is function:
                del known[name]
        if shell.magics_manager.registry.get(type(self).__name__) is self:
            del shell.magics_manager.registry[type(self).__name__]
        configurables: list[Any] = shell.configurables
        configurables.remove(self)

    def _magic(self, command: Command, name: str) -> Callable[[str], None]:
        def magic(line: str) -> None:
            variables = self._adapter.run(command, line)
            if variables:
                self._interactive_shell.push(variables)

        magic.__name__ = magic.__qualname__ = name
        magic.__doc__ = magic_docstring(command)
        return magic
