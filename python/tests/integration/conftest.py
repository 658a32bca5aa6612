# SPDX-License-Identifier: BSD-3-Clause
"""Fixtures that need the native core: the loaded extension, real kernels."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

TIMEOUT_S = 60


class Session:
    """The extension in a shell of this process."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell

    def __call__(self, source: str) -> str:
        """Run a cell as a user would, and give what it printed on either stream."""
        printed = io.StringIO()
        with redirect_stdout(printed), redirect_stderr(printed):
            self.shell.run_cell(source, store_history=True)
        return printed.getvalue()

    def mistake(self, source: str) -> str:
        """Run a cell that contains a mistake; the one line that answers it."""
        printed = self(source)
        lines = printed.splitlines()
        assert len(lines) == 1, printed
        assert lines[0].startswith("[JUmPER]: "), printed
        return lines[0]

    @property
    def service(self) -> Any:
        """What the magics work on."""
        return self.shell._jumper_extension.service


@pytest.fixture
def session(shell: InteractiveShell) -> Session:
    """A shell with the extension loaded; nothing has been started."""
    shell.run_line_magic("load_ext", "jumper_extension")
    return Session(shell)


@pytest.fixture
def measured(session: Session) -> Session:
    """Monitoring runs, and three cells were run: 0 starts, 1 works, 2 fails."""
    session("%perfmonitor_start 0.05")
    session("total = sum(range(200_000))")
    session("1/0")
    return session


@dataclass
class Executed:
    """What one execution in a kernel gave."""

    status: str = ""
    ename: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list)

    def _contents(self, kind: str) -> list[dict[str, Any]]:
        return [m["content"] for m in self.messages if m["msg_type"] == kind]

    @property
    def text(self) -> str:
        """What was printed."""
        return "".join(c["text"] for c in self._contents("stream"))

    @property
    def displays(self) -> list[dict[str, Any]]:
        """The displayed bundles, by MIME type."""
        return [c["data"] for c in self._contents("display_data")]

    @property
    def result(self) -> str:
        """The value of the cell's last expression, as text."""
        return "".join(c["data"]["text/plain"] for c in self._contents("execute_result"))


class Kernel:
    """A real kernel in a process of its own."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.client = client

    def __call__(self, source: str, **options: Any) -> Executed:
        """Execute and wait for the end."""
        return self.wait(self.client.execute(source, **options))

    def wait(self, request: str) -> Executed:
        """Collect the messages of a request until its end."""
        executed = Executed()
        for message in self.stream(request):
            executed.messages.append(message)
        content = self.reply(request)
        executed.status = content["status"]
        executed.ename = content.get("ename", "")
        return executed

    def reply(self, request: str) -> dict[str, Any]:
        """The content of the reply to a request."""
        while True:
            reply = self.client.get_shell_msg(timeout=TIMEOUT_S)
            if reply["parent_header"]["msg_id"] == request:
                return reply["content"]

    def stream(self, request: str) -> Iterator[dict[str, Any]]:
        """The messages of a request as they come."""
        while True:
            message = self.client.get_iopub_msg(timeout=TIMEOUT_S)
            if message["parent_header"].get("msg_id") != request:
                continue
            yield message
            if message["content"].get("execution_state") == "idle":
                return

    def history(self) -> list[dict[str, Any]]:
        """The cell history, read without making a cell."""
        path = Path(self.manager.cwd) / "history_of_the_test.json"
        done = self(
            "get_ipython()._jumper_extension.service.monitor.native"
            f".export_cell_history({str(path)!r})",
            store_history=False,
        )
        assert done.status == "ok", done.messages
        return json.loads(path.read_text())


@pytest.fixture(scope="module")
def start_kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    """A context manager that runs a kernel: ipykernel, or the one of `command`."""

    @contextmanager
    def start(command: list[str] | None = None, **environment: str) -> Iterator[Kernel]:
        folder = tmp_path_factory.mktemp("kernel")
        # TCP ports are chosen before the kernel opens them: other tests' kernels can be faster.
        manager = KernelManager(kernel_name="python3", transport="ipc")
        manager.kernel_spec.argv = [
            sys.executable,
            *(command or ["-m", "ipykernel_launcher"]),
            "-f",
            "{connection_file}",
        ]
        manager.connection_file = str(folder / "connection.json")
        manager.cwd = str(folder)
        variables = os.environ | {"IPYTHONDIR": str(folder / "ipython")} | environment
        manager.start_kernel(cwd=str(folder), env=variables)
        client = manager.client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=TIMEOUT_S)
            yield Kernel(manager, client)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)

    return start


@pytest.fixture
def kernel(start_kernel: Callable[..., Any]) -> Iterator[Kernel]:
    """A fresh ipykernel with the extension loaded."""
    with start_kernel() as kernel:
        loaded = kernel("%load_ext jumper_extension")
        assert loaded.status == "ok", loaded.messages
        yield kernel
