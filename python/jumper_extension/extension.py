# SPDX-License-Identifier: BSD-3-Clause
"""Loading into a shell and unloading from it."""

from typing import TYPE_CHECKING

from jumper_extension.display.output import Output
from jumper_extension.hooks import CellHooks
from jumper_extension.magics.adapter import PerfmonitorMagicAdapter
from jumper_extension.magics.commands import BY_NAME
from jumper_extension.magics.completion import Completion
from jumper_extension.magics.perfmonitor_magics import PerfmonitorMagics
from jumper_extension.recovery import tell_of_last_death
from jumper_extension.script_writer import CellGate, ScriptWriter, Translator
from jumper_extension.service import PerfmonitorService

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

ATTRIBUTE = "_jumper_extension"  # on the shell, so that each shell has at most one


class Extension:
    """Everything that loading puts into a shell."""

    def __init__(self, shell: "InteractiveShell") -> None:
        """Build the parts; `attach` connects them."""
        self.output = Output(shell)
        self.service = PerfmonitorService(self.output)
        gate = CellGate(shell, lambda: self.service.in_cell)
        self.service.script_writer = ScriptWriter(Translator(shell), gate)
        self.magics = PerfmonitorMagics(shell, PerfmonitorMagicAdapter(self.service))
        self.completion = Completion(shell, self.service)
        self.hooks = CellHooks(shell, self.service, BY_NAME)

    def attach(self) -> None:
        """Register magics, complete their options, mark cells."""
        self.magics.register()
        self.completion.attach()
        self.hooks.attach()

    def detach(self) -> None:
        """Undo `attach`, and stop the monitor; a recording that was not ended is lost."""
        self.service.script_writer.close()
        self.hooks.detach()
        self.completion.detach()
        self.magics.unregister()
        self.service.close()


def load(shell: "InteractiveShell") -> None:
    """Load into the shell, once."""
    if getattr(shell, ATTRIBUTE, None) is None:
        extension = Extension(shell)
        extension.attach()
        setattr(shell, ATTRIBUTE, extension)
        extension.output.say(
            "loaded. %perfmonitor_start starts measuring, %perfmonitor_help shows all commands."
        )
        tell_of_last_death(extension.output)


def unload(shell: "InteractiveShell") -> None:
    """Leave the shell as it was before; without effect if not loaded."""
    extension: Extension | None = getattr(shell, ATTRIBUTE, None)
    if extension is not None:
        delattr(shell, ATTRIBUTE)
        extension.detach()
