# SPDX-License-Identifier: BSD-3-Clause

"""Which cells are marked, by a real IPython shell and by kernels that execute in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell
from jumper_extension.cells import OpenCell
from jumper_extension.hooks import CellHooks

OWN = {"perfmonitor_start"}


class Listener:
    """Notes the cells it is told of; one at a time, like the service."""

    def __init__(self) -> None:
        self.inherited = False
        self.cells: list[tuple[str, str]] = []
        self.magics: list[list[str]] = []
        self.reports: list[bool] = []
        self._open: tuple[OpenCell, str] | None = None

    def begin_cell(self, source: str, magics: Sequence[str], wants_report: bool) -> OpenCell | None:
        if self._open is not None or source.isspace() or not source:
            return None
        self.magics.append(list(magics))
        self.reports.append(wants_report)
        cell = OpenCell(len(self.cells), wants_report)
        self._open = (cell, source)
        return cell

    def end_cell(self, cell: OpenCell | None, status: str) -> None:
        if cell is not None and self._open is not None and self._open[0] is cell:
            self.cells.append((self._open[1], status))
            self._open = None

    def end_stale_cell(self) -> None:
        if self._open is not None:
            self.end_cell(self._open[0], "interrupted")


class Kernel:
    """Executes in the shell, as ipykernel does."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.seen: list[dict[str, Any]] = []

    async def do_execute(
        self,
        code: str,
        silent: bool,
        store_history: bool = True,
        user_expressions: Any = None,
        allow_stdin: bool = False,
        *,
        cell_meta: Any = None,
        cell_id: str | None = None,
    ) -> dict[str, Any]:
        self.seen.append({"code": code, "cell_id": cell_id, "cell_meta": cell_meta})
        result = self.shell.run_cell(code, store_history=store_history, silent=silent)
        error = result.error_before_exec or result.error_in_exec
        if error is None:
            return {"status": "ok"}
        return {"status": "error", "ename": type(error).__name__}


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def terminal(shell: InteractiveShell, listener: Listener) -> Iterator[InteractiveShell]:
    hooks = CellHooks(shell, listener, OWN)
    hooks.attach()
    yield shell
    hooks.detach()


@pytest.fixture
def kernel(shell: InteractiveShell) -> Kernel:
    shell.kernel = Kernel(shell)
    return shell.kernel


@pytest.fixture
def execute(
    shell: InteractiveShell, listener: Listener, kernel: Kernel
) -> Iterator[Callable[..., Any]]:
    hooks = CellHooks(shell, listener, OWN)
    hooks.attach()

    def run(code: str, silent: bool = False, store_history: bool = True, **more: Any) -> Any:
        request = {"code": code, "silent": silent, "store_history": store_history, **more}
        return asyncio.run(kernel.do_execute(**request))

    yield run
    hooks.detach()


# In a terminal


def test_terminal_cells_with_their_status(terminal: InteractiveShell, listener: Listener) -> None:
    terminal.run_cell("x = 1")
    terminal.run_cell("1/0")
    terminal.run_cell("syntax error here")
    terminal.run_cell("raise KeyboardInterrupt")
    assert listener.cells == [
        ("x = 1", "ok"),
        ("1/0", "error"),
        ("syntax error here", "error"),
        ("raise KeyboardInterrupt", "interrupted"),
    ]


def test_empty_and_silent_cells_are_none(terminal: InteractiveShell, listener: Listener) -> None:
    terminal.run_cell("")
    terminal.run_cell(" \n ")
    terminal.run_cell("x = 1", silent=True)
    assert listener.cells == []


def test_nested_execution_is_one_cell(terminal: InteractiveShell, listener: Listener) -> None:
    source = (
        "ip = get_ipython()\nip.run_cell('a = 1')\nip.run_cell('')\nip.run_cell('1/0')\nb = a + 1"
    )
    terminal.run_cell(source)
    assert listener.cells == [(source, "ok")]
    assert terminal.user_ns["b"] == 2


def test_nested_execution_of_the_same_source_is_one_cell(
    terminal: InteractiveShell, listener: Listener
) -> None:
    terminal.run_cell("depth = 0")
    source = "depth += 1\nif depth < 3: get_ipython().run_cell(source)"
    terminal.user_ns["source"] = source
    terminal.run_cell(source)
    assert terminal.user_ns["depth"] == 3
    assert listener.cells == [("depth = 0", "ok"), (source, "ok")]


@pytest.mark.parametrize(
    "source",
    ["%%time\nx = 1", "%time x = 1", "%timeit -n1 -r1 pass", "%%timeit -n1 -r1\npass"],
)
def test_timed_cell_is_one_cell(
    terminal: InteractiveShell, listener: Listener, source: str
) -> None:
    terminal.run_cell(source)
    assert listener.cells == [(source, "ok")]
    assert listener.reports == [True]


def test_cell_magics_are_noted(terminal: InteractiveShell, listener: Listener) -> None:
    terminal.run_cell("x = '''\n%\n'''\n%time x\n%pwd")
    assert listener.magics == [["time x", "pwd"]]


def test_own_magics_want_no_report(terminal: InteractiveShell, listener: Listener) -> None:
    terminal.register_magic_function(lambda line: None, "line", "perfmonitor_start")
    terminal.run_cell("%perfmonitor_start 0.1\n# measures\n")
    terminal.run_cell("%perfmonitor_start 0.1\nx = 1")
    assert listener.reports == [False, True]


def test_interrupted_event_loop_ends_the_cell(
    terminal: InteractiveShell, listener: Listener
) -> None:
    # IPython then reports with another info object than the one it began with.
    begun = ExecutionInfo("await x", True, False, True, None)
    ended = ExecutionInfo("await x", True, False, True, None)
    result = ExecutionResult(ended)
    result.error_in_exec = KeyboardInterrupt()
    terminal.events.trigger("pre_run_cell", begun)
    terminal.events.trigger("post_run_cell", result)
    assert listener.cells == [("await x", "interrupted")]


def test_a_cell_that_never_ended_does_not_swallow_the_next(
    terminal: InteractiveShell, listener: Listener
) -> None:
    terminal.events.trigger("pre_run_cell", ExecutionInfo("lost", True, False, True, None))
    terminal.events.trigger("post_run_cell", None)
    terminal.run_cell("x = 1")
    assert listener.cells == [("lost", "error"), ("x = 1", "ok")]


def test_events_triggered_by_hand_make_a_cell(
    terminal: InteractiveShell, listener: Listener
) -> None:
    info = ExecutionInfo("plot(1:10)", True, False, True, None)
    terminal.events.trigger("pre_run_cell", info)
    terminal.events.trigger("post_run_cell", ExecutionResult(info))
    assert listener.cells == [("plot(1:10)", "ok")]


def test_detached_hooks_mark_nothing(shell: InteractiveShell, listener: Listener) -> None:
    hooks = CellHooks(shell, listener, OWN)
    hooks.attach()
    hooks.detach()
    shell.run_cell("x = 1")
    assert listener.cells == []


# In a kernel


def test_kernel_cells_with_their_status(execute: Callable[..., Any], listener: Listener) -> None:
    assert execute("x = 1") == {"status": "ok"}
    assert execute("1/0")["ename"] == "ZeroDivisionError"
    execute("raise KeyboardInterrupt")
    assert listener.cells == [
        ("x = 1", "ok"),
        ("1/0", "error"),
        ("raise KeyboardInterrupt", "interrupted"),
    ]


def test_arguments_reach_the_kernel_untouched(execute: Callable[..., Any], kernel: Kernel) -> None:
    execute("x = 1", cell_id="abc", cell_meta={"k": 1}, allow_stdin=True)
    assert kernel.seen == [{"code": "x = 1", "cell_id": "abc", "cell_meta": {"k": 1}}]


def test_helper_executions_are_no_cells(
    execute: Callable[..., Any], listener: Listener, kernel: Kernel
) -> None:
    execute("x = 1", silent=True)
    execute("y = 1", store_history=False)
    execute("")
    execute("  ")
    assert [request["code"] for request in kernel.seen] == ["x = 1", "y = 1", "", "  "]
    assert listener.cells == []


def test_store_history_by_position(
    execute: Callable[..., Any], listener: Listener, kernel: Kernel
) -> None:
    asyncio.run(kernel.do_execute("x = 1", False, False))
    asyncio.run(kernel.do_execute("y = 1", False, True))
    asyncio.run(kernel.do_execute("z = 1", False))
    assert [source for source, _ in listener.cells] == ["y = 1", "z = 1"]


def test_kernel_that_runs_helper_cells_of_its_own(
    shell: InteractiveShell, listener: Listener
) -> None:
    class Derived(Kernel):
        async def do_execute(self, code: str, silent: bool, *args: Any, **kwargs: Any) -> Any:
            await super().do_execute("before = 1", silent, store_history=False)
            reply = await super().do_execute(code.partition("\n")[2], silent, *args, **kwargs)
            await super().do_execute("after = before", silent, store_history=False)
            return reply

    shell.kernel = Derived(shell)
    hooks = CellHooks(shell, listener, OWN)
    hooks.attach()
    asyncio.run(shell.kernel.do_execute("%%instrumented\nx = 1", False))
    hooks.detach()
    assert shell.user_ns["after"] == 1
    assert listener.cells == [("%%instrumented\nx = 1", "ok")]


def test_kernel_that_forwards_and_triggers_events_by_hand(
    shell: InteractiveShell, listener: Listener
) -> None:
    class Forwarding:
        def do_execute(self, code: str, silent: bool, **kwargs: Any) -> dict[str, Any]:
            info = ExecutionInfo(code, True, silent, True, None)
            shell.events.trigger("pre_run_cell", info)
            shell.events.trigger("post_run_cell", ExecutionResult(info))
            return {"status": "error", "ename": "Exception"}

    shell.kernel = Forwarding()
    hooks = CellHooks(shell, listener, OWN)
    hooks.attach()
    reply = asyncio.run(shell.kernel.do_execute("plot(1:10)", False, store_history=True))
    hooks.detach()
    assert reply == {"status": "error", "ename": "Exception"}
    assert listener.cells == [("plot(1:10)", "error")]


def test_kernel_that_raises_still_ends_the_cell(
    shell: InteractiveShell, listener: Listener
) -> None:
    class Raising:
        async def do_execute(self, code: str, silent: bool) -> None:
            raise KeyboardInterrupt if code == "interrupt" else ValueError

    shell.kernel = Raising()
    hooks = CellHooks(shell, listener, OWN)
    hooks.attach()
    with pytest.raises(ValueError):  # noqa: PT011 - the very one that was raised
        asyncio.run(shell.kernel.do_execute("fail", False))
    coroutine = shell.kernel.do_execute("interrupt", False)
    with pytest.raises(KeyboardInterrupt):
        coroutine.send(None)
    hooks.detach()
    assert listener.cells == [("fail", "error"), ("interrupt", "interrupted")]


def test_concurrent_execution_belongs_to_the_open_cell(
    shell: InteractiveShell, listener: Listener
) -> None:
    class Concurrent:
        async def do_execute(self, code: str, silent: bool) -> dict[str, Any]:
            await asyncio.sleep(0)
            if code == "long":
                await self.release.wait()
            else:
                self.release.set()
            return {"status": "ok"}

    async def both() -> None:
        shell.kernel.release = asyncio.Event()
        await asyncio.gather(
            shell.kernel.do_execute("long", False), shell.kernel.do_execute("short", False)
        )

    shell.kernel = Concurrent()
    hooks = CellHooks(shell, listener, OWN)
    hooks.attach()
    asyncio.run(both())
    hooks.detach()
    assert listener.cells == [("long", "ok")]


def test_the_parent_of_a_fork_keeps_its_cell(
    execute: Callable[..., Any], listener: Listener, kernel: Kernel
) -> None:
    kernel.shell.user_ns["listener"] = listener
    execute("listener.inherited = True  # as in the child of os.fork()")
    assert listener.cells == []


def test_detaching_restores_do_execute(
    shell: InteractiveShell, listener: Listener, kernel: Kernel
) -> None:
    original = kernel.do_execute
    hooks = CellHooks(shell, listener, OWN)
    hooks.attach()
    assert kernel.do_execute != original
    hooks.detach()
    assert kernel.do_execute == original
    assert "do_execute" not in vars(kernel)


def test_detaching_restores_a_wrapper_of_somebody_else(
    shell: InteractiveShell, listener: Listener, kernel: Kernel
) -> None:
    original = kernel.do_execute

    async def theirs(*args: Any, **kwargs: Any) -> Any:
        return await original(*args, **kwargs)

    kernel.do_execute = theirs
    hooks = CellHooks(shell, listener, OWN)
    hooks.attach()
    hooks.detach()
    assert kernel.do_execute is theirs


def test_detaching_under_a_wrapper_of_somebody_else(
    shell: InteractiveShell, listener: Listener, kernel: Kernel
) -> None:
    hooks = CellHooks(shell, listener, OWN)
    hooks.attach()
    ours = kernel.do_execute

    async def theirs(*args: Any, **kwargs: Any) -> Any:
        return await ours(*args, **kwargs)

    kernel.do_execute = theirs
    hooks.detach()
    again = CellHooks(shell, listener, OWN)
    again.attach()
    asyncio.run(kernel.do_execute("x = 1", False))
    again.detach()
    assert kernel.do_execute is theirs
    assert listener.cells == [("x = 1", "ok")]


def test_unloading_inside_a_cell(
    shell: InteractiveShell, listener: Listener, kernel: Kernel
) -> None:
    hooks = CellHooks(shell, listener, OWN)
    hooks.attach()
    shell.user_ns["unload"] = hooks.detach
    reply = asyncio.run(kernel.do_execute("unload()", False))
    assert reply == {"status": "ok"}
    assert listener.cells == []
    asyncio.run(kernel.do_execute("x = 1", False))
    assert listener.cells == []


def test_an_interrupt_after_the_cell_does_not_cost_the_reply(
    shell: InteractiveShell, kernel: Kernel
) -> None:
    class Interrupted(Listener):
        def end_cell(self, cell: OpenCell | None, status: str) -> None:
            raise KeyboardInterrupt

    hooks = CellHooks(shell, Interrupted(), OWN)
    hooks.attach()
    assert asyncio.run(kernel.do_execute("x = 1", False)) == {"status": "ok"}
    hooks.detach()
