# SPDX-License-Identifier: BSD-3-Clause
"""The IPython shell of a script: for the cells that use more than Python."""

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from IPython.core import page
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from jumper_extension.extension import ATTRIBUTE
from jumper_extension.magics.perfmonitor_magics import PerfmonitorMagics

if TYPE_CHECKING:
    from jumper_extension.magics.adapter import PerfmonitorMagicAdapter


class ScriptShell(InteractiveShell):
    """Runs magics and commands for a script: without history, prompts and pager."""

    def system(self, cmd: str) -> None:
        """Run a command with the script's own output, in the order of the script."""
        sys.stdout.flush()
        self.system_raw(cmd)  # type: ignore[no-untyped-call]


def make_shell(adapter: "PerfmonitorMagicAdapter", module: ModuleType, owner: Any) -> None:
    """Make the shell that get_ipython() gives from now on, on the variables of `module`."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = ScriptShell.instance(user_module=module, config=config)
    pager = page.as_hook(page.display_page)
    shell.set_hook("show_in_pager", pager, 90)  # type: ignore[no-untyped-call]
    PerfmonitorMagics(shell, adapter).register()
    setattr(shell, ATTRIBUTE, owner)  # %load_ext jumper_extension has nothing to do
