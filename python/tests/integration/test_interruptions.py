# SPDX-License-Identifier: BSD-3-Clause
"""What hits a running cell: interrupts, forks, concurrent executions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Executed, Kernel


def interrupt_when_it_runs(kernel: Kernel, source: str) -> Executed:
    """Execute a cell that prints when it is ready, and interrupt it then."""
    request = kernel.client.execute(source)
    for message in kernel.stream(request):
        if message["msg_type"] == "stream":
            break
    kernel.manager.interrupt_kernel()
    return kernel.wait(request)


@pytest.mark.parametrize(
    "body",
    ["while True: pass", "time.sleep(60)", "subprocess.run(['sleep', '60'])"],
    ids=["loop", "sleep", "child"],
)
def test_interrupted_cell(kernel: Kernel, body: str) -> None:
    kernel("%perfmonitor_fast_setup")
    kernel("import time, subprocess")
    done = interrupt_when_it_runs(kernel, f"print('ready', flush=True)\n{body}")
    assert done.ename == "KeyboardInterrupt"
    assert len(done.displays) == 1  # its report
    assert len(kernel("x = 1").displays) == 1
    assert [cell["status"] for cell in kernel.history()][-2:] == ["interrupted", "ok"]


def test_interrupted_coroutine(kernel: Kernel) -> None:
    kernel("import asyncio")
    # ipykernel notices the signal when its event loop wakes up.
    body = "for _ in range(600):\n    await asyncio.sleep(0.1)"
    done = interrupt_when_it_runs(kernel, f"print('ready', flush=True)\n{body}")
    assert done.ename == "CancelledError"
    kernel("x = 1")
    assert [cell["status"] for cell in kernel.history()] == ["ok", "interrupted", "ok"]


FORKS = {
    "os.fork": """
import os
pid = os.fork()
if pid == 0:
    get_ipython().run_cell("in_child = 1", store_history=True)
    os._exit(7)
_, status = os.waitpid(pid, 0)
os.waitstatus_to_exitcode(status)
""",
    "fork and magics": """
import os, io, contextlib
read, write = os.pipe()
pid = os.fork()
if pid == 0:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        for line in ("perfmonitor_stop", "perfmonitor_start", "perfmonitor_perfreport --text"):
            get_ipython().run_line_magic(line.split()[0], " ".join(line.split()[1:]))
    os.write(write, said.getvalue().encode())
    os._exit(7 if len(os.listdir("/proc/self/task")) == 1 else 8)
os.close(write)
said = os.fdopen(read).read()
_, status = os.waitpid(pid, 0)
assert said and all(line.startswith("[JUmPER]: ") for line in said.splitlines()), said
os.waitstatus_to_exitcode(status)
""",
    "multiprocessing": """
import multiprocessing
with multiprocessing.get_context("fork").Pool(2) as pool:
    assert pool.map(abs, range(-4, 0)) == [4, 3, 2, 1]
7
""",
    "sys.exit in the child": """
import os, sys
pid = os.fork()
if pid == 0:
    try:
        sys.exit(7)
    except SystemExit as end:
        os._exit(end.code)
_, status = os.waitpid(pid, 0)
os.waitstatus_to_exitcode(status)
""",
}


@pytest.mark.parametrize("source", FORKS.values(), ids=FORKS)
def test_fork_in_a_cell(kernel: Kernel, source: str) -> None:
    kernel("%perfmonitor_fast_setup")
    done = kernel(source)
    assert done.status == "ok", done.messages
    assert done.result == "7"
    assert len(done.displays) == 1
    assert len(kernel("x = 1").displays) == 1
    assert kernel("%perfmonitor_stop").text.startswith("[JUmPER]: Monitoring stopped")
    history = kernel.history()
    assert [cell["raw_cell"] for cell in history][1:3] == [source, "x = 1"]
    assert all(cell["status"] == "ok" for cell in history)


def test_child_that_ends_the_interpreter(kernel: Kernel) -> None:
    """Finalizers that run at the exit of a fork must not touch the parent's monitor."""
    kernel("%perfmonitor_start 0.05")
    source = """
import os, weakref
pid = os.fork()
if pid == 0:
    weakref.finalize._exitfunc()
    os._exit(7)
_, status = os.waitpid(pid, 0)
os.waitstatus_to_exitcode(status)
"""
    assert kernel(source).result == "7"
    assert kernel("%perfmonitor_stop").text.startswith("[JUmPER]: Monitoring stopped")


def subshell(kernel: Kernel) -> str:
    """Create a subshell; skip where the kernel has none."""
    info: Any = kernel.client.kernel_info(reply=True, timeout=60)
    if "kernel subshells" not in info["content"].get("supported_features", []):
        pytest.skip("this ipykernel has no subshells")
    session = kernel.client.session
    request = session.msg("create_subshell_request", {})
    kernel.client.control_channel.send(request)
    reply = kernel.client.get_control_msg(timeout=60)
    return reply["content"]["subshell_id"]


def test_execution_in_a_subshell_belongs_to_the_open_cell(kernel: Kernel) -> None:
    kernel("%perfmonitor_fast_setup")
    kernel("import threading; go = threading.Event()")
    identifier = subshell(kernel)
    main = kernel.client.execute("print('ready', flush=True)\ngo.wait(60)")
    for message in kernel.stream(main):
        if message["msg_type"] == "stream":
            break
    content = {"code": "go.set(); y = 1", "silent": False, "store_history": True}
    message = kernel.client.session.msg("execute_request", content)
    message["header"]["subshell_id"] = identifier
    kernel.client.shell_channel.send(message)
    statuses = {}
    for _ in range(2):
        reply = kernel.client.get_shell_msg(timeout=60)
        statuses[reply["parent_header"]["msg_id"]] = reply["content"]["status"]
    assert statuses == {main: "ok", message["header"]["msg_id"]: "ok"}
    kernel("x = y")
    sources = [cell["raw_cell"] for cell in kernel.history()]
    assert sources[2:] == ["print('ready', flush=True)\ngo.wait(60)", "x = y"]
