# SPDX-License-Identifier: BSD-3-Clause
"""%perfmonitor_plot --live in a real kernel, with and without somebody there."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbclient import NotebookClient
from traitlets.config import Config

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Kernel, Session

THREADS = "import threading; print([t.name for t in threading.enumerate()].count('jumper-live'))"
VIEW = "application/vnd.jupyter.widget-view+json"


def custom(executed: Any) -> list[dict[str, Any]]:
    """What a page is sent outside of a widget's state."""
    messages = [m for m in executed.messages if m["msg_type"] == "comm_msg"]
    return [m for m in messages if m["content"]["data"].get("method") == "custom"]


def say(kernel: Kernel, comm: str, views: int, missing: float | None = None) -> None:
    """As a page does."""
    content = {"client": "test", "views": views, "missing": missing}
    data = {"comm_id": comm, "data": {"method": "custom", "content": content}}
    client = kernel.client
    client.shell_channel.send(client.session.msg("comm_msg", data))


def all_messages(kernel: Kernel, source: str) -> list[dict[str, Any]]:
    """Every message until the end of a cell, whoever it is for."""
    request = kernel.client.execute(source)
    messages = []
    while True:
        message = kernel.client.get_iopub_msg(timeout=60)
        messages.append(message)
        ours = message["parent_header"].get("msg_id") == request
        if ours and message["content"].get("execution_state") == "idle":
            kernel.reply(request)
            return messages


def documents(messages: list[dict[str, Any]]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    sent = [m for m in messages if m["msg_type"] == "comm_msg" and m["buffers"]]
    return [(m["content"]["data"]["content"], json.loads(bytes(m["buffers"][0]))) for m in sent]


def test_tails_come_while_a_cell_runs(kernel: Kernel) -> None:
    # GIVEN a live view
    kernel("%perfmonitor_start 0.05")
    opened = all_messages(kernel, "%perfmonitor_plot --live 0.25")
    [comm] = [m["content"]["comm_id"] for m in opened if m["msg_type"] == "comm_open"][-1:]
    say(kernel, comm, views=1)
    # WHEN a loop in Python runs
    messages = all_messages(
        kernel, "import time; end = time.time() + 3\nwhile time.time() < end: sum(range(1000))"
    )
    # THEN tails come meanwhile, one after the other, with the running cell
    tails = documents(messages)
    assert len(tails) > 3
    numbers = [content["seq"] for content, _ in tails]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    for (_, before), (_, tail) in pairwise(tails):
        assert tail["from"] <= before["to"] < tail["to"]
    assert tails[-2][1]["cells"]["status"].endswith("r")
    assert tails[-2][1]["panels"] == []
    assert all(level["curves"] for level in tails[-2][1]["levels"])
    # AND what is missing is given when asked for
    say(kernel, comm, views=1, missing=0.5)
    later = documents(all_messages(kernel, "time.sleep(0.5)"))
    assert any(tail["from"] * tail["tick"] <= 0.5 for _, tail in later)
    # AND it ends with the views, and with the monitor
    assert kernel(THREADS).text == "1\n"
    say(kernel, comm, views=0)
    kernel("time.sleep(1)")
    assert kernel(THREADS).text == "0\n"
    say(kernel, comm, views=1)
    assert kernel(THREADS).text == "1\n"
    ended = documents(all_messages(kernel, "%perfmonitor_stop"))
    assert ended[-1][0]["running"] is False
    assert kernel(THREADS).text == "0\n"
    # AND the next start goes on with it
    kernel("%perfmonitor_start 0.05")
    assert kernel(THREADS).text == "1\n"


def test_a_forked_child_is_left_alone(kernel: Kernel) -> None:
    kernel("%perfmonitor_start 0.05")
    kernel("%perfmonitor_plot --live 0.25")
    forked = kernel(
        "import os, multiprocessing as m\n"
        "with m.get_context('fork').Pool(2) as pool: print(sum(pool.map(abs, range(-50, 0))))"
    )
    assert forked.text == "1275\n"
    assert kernel(THREADS).text == "1\n"


def test_the_kernel_ends_quietly(kernel: Kernel, capfd: pytest.CaptureFixture[str]) -> None:
    kernel("%perfmonitor_start 0.05")
    kernel("%perfmonitor_plot --live 0.25")
    kernel.client.shutdown()
    process = kernel.manager.provisioner.process
    assert process.wait(30) == 0
    assert "Error" not in capfd.readouterr().err


def test_unloading_ends_it(kernel: Kernel) -> None:
    kernel("%perfmonitor_start 0.05")
    kernel("%perfmonitor_plot --live 0.25")
    assert kernel(THREADS).text == "1\n"
    kernel("%unload_ext jumper_extension")
    assert kernel(THREADS).text == "0\n"


def test_loading_imports_no_widgets(kernel: Kernel) -> None:
    kernel("%perfmonitor_start 0.05")
    loaded = kernel(
        "import sys; print([n for n in ('anywidget', 'ipywidgets') if n in sys.modules])"
    )
    assert loaded.text == "[]\n"


def test_executed_by_a_program_it_is_a_picture(tmp_path: Path) -> None:
    # GIVEN a notebook that nbclient executes, as nbconvert and papermill do
    sources = (
        "%load_ext jumper_extension",
        "%perfmonitor_start 0.05",
        "%perfmonitor_plot --live",
        "kept = bytearray(50 * 2**20); import time; time.sleep(0.5)",
        "%perfmonitor_stop",
    )
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    book = nbformat.v4.new_notebook(cells=cells)
    config = Config(KernelManager={"transport": "ipc", "ip": str(tmp_path / "ipc")})
    NotebookClient(book, timeout=60, kernel_name="python3", config=config).execute()
    # THEN there is a picture of all of it, and nothing of a widget
    [output] = book.cells[2].outputs
    assert "image/png" in output.data
    assert VIEW not in output.data
    assert "cells 0 to 2" in output.data["text/plain"]
    assert "widgets" not in book.metadata
    assert len(nbformat.writes(book)) < 100_000


@pytest.mark.parametrize(
    ("options", "right"),
    [
        ("--live x", "'x' is not a number of seconds"),
        ("--live 0", "0.25 to 60 seconds"),
        ("--live 1 nan", "5 to 3600 seconds"),
        ("--live -inf", "0.25 to 60 seconds"),
        ("--live 1 60 3", "'3' is one argument too many"),
        ("--live --live", "--live is given twice"),
        ("--live --cell 0", "--live shows what comes"),
        ("--live --metrics cpux", "did you mean cpu?"),
        ("--live --level proces", "choose process"),
    ],
)
def test_mistakes_are_one_line(measured: Session, options: str, right: str) -> None:
    assert right in measured.mistake(f"%perfmonitor_plot {options}")


def test_never_started_and_stopped_are_mistakes(session: Session) -> None:
    assert "%perfmonitor_start" in session.mistake("%perfmonitor_plot --live")
    session("%perfmonitor_start 0.05")
    session("%perfmonitor_stop")
    assert "%perfmonitor_start" in session.mistake("%perfmonitor_plot --live")


def test_a_terminal_shows_how_it_stands(measured: Session) -> None:
    printed = measured("%perfmonitor_plot --live 1 60").splitlines()
    assert printed[0] == "[JUmPER]: a live view needs a notebook; this is how it stands now."
    assert printed[1].startswith("Level process")
