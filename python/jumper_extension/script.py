# SPDX-License-Identifier: BSD-3-Clause
"""What scripts written by %end_write_script run on."""

import ast
import asyncio
import atexit
import builtins
import inspect
import linecache
import os
import sys
from collections.abc import Sequence
from typing import Any

from jumper_extension import cells
from jumper_extension.magics.adapter import PerfmonitorMagicAdapter
from jumper_extension.magics.commands import BY_NAME
from jumper_extension.native import JumperError
from jumper_extension.service import PerfmonitorService


class Script:
    """The monitor of a script, and its cells.

    However the script ends, its samples and its cells are exported: an exception ends the
    open cell with it, and passes on, so that Python shows it and exits with 1.
    """

    def __init__(self, namespace: dict[str, Any], name: str) -> None:
        """Serve the script whose globals are `namespace`; `name` begins the names of its files."""
        self._namespace = namespace
        # As in a notebook. With it, multiprocessing would import the script in new processes,
        # and so run it again there.
        namespace.pop("__file__", None)
        self._stem = os.path.join(os.getcwd(), name)
        self._service = PerfmonitorService()
        self._adapter = PerfmonitorMagicAdapter(self._service)
        self._loop: asyncio.Runner | None = None
        self._cell: cells.OpenCell | None = None
        self._number = -1
        self._done = False
        self._pid = os.getpid()
        vars(builtins)["_jumper"] = self  # %reset takes it out of the script's globals
        atexit.register(self.finish)

    def start(self, interval: float, budget: float = 0.5, exact_peak: bool = True) -> None:
        """Start the monitor."""
        self._service.start_monitoring(interval, budget, not exact_peak)

    def report_cells(self, level: str, text: bool = False) -> None:
        """Report after each cell."""
        self._service.enable_perfreports(level, text=text)

    def use_ipython(self) -> None:
        """Make the shell that magics, shell escapes and display() need; nothing is kept of it."""
        from jumper_extension.script_shell import make_shell

        make_shell(self._adapter, sys.modules["__main__"], self)

    def detach(self) -> None:
        """What %unload_ext asks for: nothing, since the script goes on being measured."""

    def begin(self, source: str, magics: Sequence[str] = (), report: bool = True) -> None:
        """Begin a cell."""
        self._number += 1
        self._cell = self._service.begin_cell(source, magics, report)

    def end(self) -> None:
        """End it."""
        cell, self._cell = self._cell, None
        self._service.end_cell(cell, cells.OK)

    def command(self, name: str, line: str = "") -> None:
        """Run a command of ours, as its magic does."""
        self._namespace.update(self._adapter.run(BY_NAME[name], line))

    def run(self, code: str) -> None:
        """Run a cell that cannot stand in the script: it awaits, or is no Python."""
        name = f"<cell {self._number}>"
        linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        compiled = compile(code, name, "exec", flags=flags, dont_inherit=True)
        if self._loop is None:
            self._loop = asyncio.Runner()
        self._loop.run(self._awaited(compiled))

    async def _awaited(self, compiled: Any) -> None:
        """Run the cell within the event loop, as a kernel does."""
        made = eval(compiled, self._namespace)  # noqa: S307 - the cell is the user's own
        if inspect.iscoroutine(made):
            await made

    def finish(self) -> None:
        """Stop, and write the samples and the cells; once."""
        if self._done or os.getpid() != self._pid:
            return
        self._done = True
        if self._cell is not None:
            self._service.settings.perfreports.enabled = False
            error = getattr(sys, "last_value", None)
            status = cells.ERROR if error is None else cells.status_of_error(error)
            self._service.end_cell(self._cell, status)
        if self._service.measured.running:
            self._service.stop_monitoring()
        if self._service.measured.native.started:
            self._service.export_perfdata(f"{self._stem}_perfdata.csv")
        self._service.export_cell_history(f"{self._stem}_cell_history.csv")
        if self._loop is not None:
            self._loop.close()


__all__ = ["JumperError", "Script"]
