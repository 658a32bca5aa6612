# SPDX-License-Identifier: BSD-3-Clause
"""Marks cells where they really run.

In a kernel that is its `do_execute`: it encloses everything that one execution does, also
what a derived kernel (Score-P's, say) runs around or instead of IPython's own execution.
IPython's events mark cells where there is no kernel, and where somebody triggers them by
hand outside an execution.
"""

import functools
import inspect
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakSet

from jumper_extension import cells
from jumper_extension.cell_source import line_magics, only_calls

if TYPE_CHECKING:
    from collections.abc import Container

    from IPython.core.interactiveshell import (
        ExecutionInfo,
        ExecutionResult,
        InteractiveShell,
    )


class CellListener(Protocol):
    """Who is told of cells; the service is one."""

    def begin_cell(
        self, source: str, magics: Sequence[str], wants_report: bool
    ) -> cells.OpenCell | None: ...

    def end_cell(self, cell: cells.OpenCell | None, status: str) -> None: ...

    def end_stale_cell(self) -> None: ...

    @property
    def inherited(self) -> bool: ...


class _Execution:
    """One call of `do_execute`, known by its identity."""


@dataclass(frozen=True, slots=True)
class _Event:
    """A `pre_run_cell` that has not been followed by its `post_run_cell` yet."""

    info: "ExecutionInfo"
    thread: int
    stack_depth: int
    cell: cells.OpenCell | None


def _stack_depth() -> int:
    depth, frame = 0, inspect.currentframe()
    while frame is not None:
        depth, frame = depth + 1, frame.f_back
    return depth


class CellHooks:
    """The hooks of one loaded extension in one shell."""

    def __init__(
        self, shell: "InteractiveShell", listener: CellListener, own_magics: "Container[str]"
    ) -> None:
        """Prepare hooks that tell `listener`; a cell of only `own_magics` gets no report."""
        self._shell = shell
        self._listener = listener
        self._own_magics = own_magics
        self._kernel: Any = getattr(shell, "kernel", None)
        self._active = False
        self._original: Any = None
        self._wrapper: Any = None
        self._lock = threading.Lock()  # guards _executions; subshells execute in threads
        # Weak, so that an execution that an interrupt tore apart does not count for ever.
        self._executions: WeakSet[_Execution] = WeakSet()
        self._events: list[_Event] = []

    def attach(self) -> None:
        """Mark cells from the next one on."""
        self._active = True
        self._shell.events.register("pre_run_cell", self._pre_run_cell)
        self._shell.events.register("post_run_cell", self._post_run_cell)
        if callable(getattr(self._kernel, "do_execute", None)):
            self._original = self._kernel.do_execute
            self._wrapper = self._kernel.do_execute = self._wrap(self._original)

    def detach(self) -> None:
        """Mark nothing any more, and leave the kernel as it was.

        If somebody wrapped `do_execute` after us, our wrapper has to stay; it is then inert.
        """
        self._active = False
        self._shell.events.unregister("pre_run_cell", self._pre_run_cell)
        self._shell.events.unregister("post_run_cell", self._post_run_cell)
        if self._wrapper is None or vars(self._kernel).get("do_execute") is not self._wrapper:
            return
        del self._kernel.do_execute
        if self._kernel.do_execute != self._original:  # somebody wrapped it before us, too
            self._kernel.do_execute = self._original

    def _wrap(self, original: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
        @functools.wraps(original)
        async def do_execute(code: str, silent: bool, *args: Any, **kwargs: Any) -> Any:
            stored = args[0] if args else kwargs.get("store_history", True)
            execution, cell, status = _Execution(), None, cells.OK
            try:
                self._enter(execution)
                if stored and not silent:
                    cell = self._begin(code)
                reply = original(code, silent, *args, **kwargs)
                if inspect.isawaitable(reply):
                    reply = await reply
                status = cells.status_of_reply(reply)
            except BaseException as error:
                status = cells.status_of_error(error)
                raise
            finally:
                self._leave(execution, cell, status)
            return reply

        return do_execute

    def _enter(self, execution: "_Execution") -> None:
        with self._lock:
            if self._active and not self._executions:
                self._listener.end_stale_cell()
            self._executions.add(execution)

    def _leave(self, execution: "_Execution", cell: cells.OpenCell | None, status: str) -> None:
        if self._listener.inherited:  # the cell forked: it and its lock are our parent's
            return
        try:
            with self._lock:
                self._executions.discard(execution)
            self._end(cell, status)
        except KeyboardInterrupt:  # too late for the cell, and must not cost the kernel its reply
            return

    def _pre_run_cell(self, info: "ExecutionInfo") -> None:
        if self._executions or info.silent:
            return
        thread, depth = threading.get_ident(), _stack_depth()
        # A nested execution is deeper in the stack. One that is not shows that an interrupt
        # lost the end of the execution before it.
        while self._events and self._events[-1].thread == thread:
            if depth > self._events[-1].stack_depth:
                break
            self._events.pop()
        if not self._events:
            self._listener.end_stale_cell()
        self._events.append(_Event(info, thread, depth, self._begin(info.raw_cell or "")))

    def _post_run_cell(self, result: "ExecutionResult | None") -> None:
        # IPython ends an empty cell that it never began; and where its event loop was
        # interrupted, it reports with another info object than the one it began with.
        info = getattr(result, "info", None)
        for depth in reversed(range(len(self._events))):
            begun = self._events[depth]
            source = getattr(info, "raw_cell", None)
            if result is None or begun.info is info or begun.info.raw_cell == source:
                del self._events[depth:]
                status = cells.ERROR if result is None else cells.status_of_result(result)
                self._end(begun.cell, status)
                return

    def _begin(self, source: str) -> cells.OpenCell | None:
        if not self._active:
            return None
        known = self._shell.magics_manager.magics["line"]
        wants_report = not only_calls(source, self._own_magics)
        return self._listener.begin_cell(source, line_magics(source, known), wants_report)

    def _end(self, cell: cells.OpenCell | None, status: str) -> None:
        if self._active:
            self._listener.end_cell(cell, status)
