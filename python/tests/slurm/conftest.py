# SPDX-License-Identifier: BSD-3-Clause
"""Kernels that run in jobs of Slurm."""

from __future__ import annotations

import json
import shlex
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from slurm_cluster import Cluster, until

TIMEOUT_S = 60


@dataclass
class Executed:
    """What one execution in a kernel gave."""

    status: str = ""
    text: str = ""
    error: str = ""
    displays: list[dict[str, Any]] = field(default_factory=list)


class JobKernel:
    """An ipykernel that runs in a job."""

    def __init__(
        self, cluster: Cluster, job: int, folder: Path, client: BlockingKernelClient
    ) -> None:
        self.cluster = cluster
        self.job = job
        self.folder = folder
        self.client = client

    def __call__(self, source: str, timeout: float = TIMEOUT_S) -> Executed:
        """Execute, and wait for the end."""
        executed = Executed()

        def collect(message: dict[str, Any]) -> None:
            content = message["content"]
            if message["msg_type"] == "stream":
                executed.text += content["text"]
            elif message["msg_type"] == "display_data":
                executed.displays.append(content["data"])
            elif message["msg_type"] == "error":
                executed.error = "\n".join(content["traceback"])

        reply = self.client.execute_interactive(source, output_hook=collect, timeout=timeout)
        executed.status = reply["content"]["status"]
        return executed

    def journal(self) -> Path:
        """The file into which its session is written."""
        [path] = (self.folder / "jumper").rglob("*.journal")
        return path

    def value(self, expression: str, otherwise: Any = ...) -> Any:
        """A value of the kernel, through JSON; asking is no cell. An error is `otherwise`, if given."""
        expressions = {"value": f"__import__('json').dumps({expression})"}
        request = self.client.execute("", silent=True, user_expressions=expressions)
        while True:
            reply = self.client.get_shell_msg(timeout=TIMEOUT_S)
            if reply["parent_header"].get("msg_id") == request:
                break
        value = reply["content"]["user_expressions"]["value"]
        if value["status"] != "ok" and otherwise is not ...:
            return otherwise
        assert value["status"] == "ok", value
        return json.loads(eval(value["data"]["text/plain"]))  # noqa: S307


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def kernel_in_job(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """A context manager that runs a kernel in a batch job, or in a step of one."""

    @contextmanager
    def start_it(
        cluster: Cluster, *options: str, launcher: str = "exec", after: str = ""
    ) -> Iterator[JobKernel]:
        folder = tmp_path / f"kernel{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        # Nodes are this machine under other names.
        path, ports = write_connection_file(str(folder / "connection.json"), ip="127.0.0.1")
        command = shlex.join([sys.executable, "-m", "ipykernel_launcher", "-f", path])
        script = f"export IPYTHONDIR={folder / 'ipython'} JUMPER_DIR={folder / 'jumper'}\n"
        job = cluster.submit(f"{script}{launcher} {command}\n{after}", *options, cwd=folder)
        client = BlockingKernelClient(connection_file=path)
        client.load_connection_file()
        try:
            # A client that begins too early takes the silence for death.
            listens = until(lambda: is_listening(ports["hb_port"]), TIMEOUT_S)
            assert listens, f"job {job} is {cluster.state(job)}: {cluster.printed(job)}"
            client.start_channels()
            client.wait_for_ready(timeout=TIMEOUT_S)
            yield JobKernel(cluster, job, folder, client)
        finally:
            client.stop_channels()
            cluster.cancel(job)
            cluster.wait(job)

    return start_it
