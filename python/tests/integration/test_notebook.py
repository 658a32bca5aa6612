# SPDX-License-Identifier: BSD-3-Clause
"""Notebooks executed in a real ipykernel."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from jumper_extension.display import history
from nbclient import NotebookClient
from traitlets.config import Config

if TYPE_CHECKING:
    from conftest import Kernel


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """An executed notebook: its cells by name."""
    sources = {
        "load": "%load_ext jumper_extension",
        "enable": "%perfmonitor_enable_perfreports --interval 0.05",
        "work": "total = sum(range(300_000))\ntotal",
        "fail": "1/0",
        "blank": "  ",
        "nested": "get_ipython().run_cell('inner = 1'); get_ipython().run_cell('1/0'); inner",
        "time": "%%time\nx = 1",
        "timeit": "%timeit -n1 -r1 sum(range(1000))",
        "await": "import asyncio\nawait asyncio.sleep(0.01)",
        "write": "with open('inner.ipynb', 'w') as f: f.write(inner_notebook)",
        "run": "%run inner.ipynb",
        "off": "%perfmonitor_disable_perfreports",
        "report": "%perfmonitor_perfreport",
        "text": "%perfmonitor_perfreport --text --cell 1",
        "history": "%cell_history",
        "plot": "%perfmonitor_plot",
        "direct": "%perfmonitor_plot --metrics memory,processes --cell 1 --level user --save p.html",
        "object": "get_ipython()._jumper_extension.service.monitor.plot('cpu', cells='1')",
        "frame": "%perfmonitor_export_cell_history\ncell_history_df.to_json('h.json')",
    }
    inner = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("a = 1"), nbformat.v4.new_code_cell("b = a + 1")]
    )
    sources["write"] = f"inner_notebook = {nbformat.writes(inner)!r}\n" + sources["write"]
    folder = tmp_path_factory.mktemp("notebook")
    cells = [nbformat.v4.new_code_cell(source) for source in sources.values()]
    book = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(
        book,
        timeout=60,
        allow_errors=True,
        config=Config(KernelManager={"transport": "ipc", "ip": str(folder / "ipc")}),
        resources={"metadata": {"path": str(folder)}},
    ).execute()
    return dict(zip(sources, book.cells, strict=True)) | {"folder": folder}


def shown(cell: Any) -> list[dict[str, Any]]:
    return [output.data for output in cell.outputs if output.output_type == "display_data"]


def printed(cell: Any) -> str:
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def test_loading_prints_one_line(notebook: dict[str, Any]) -> None:
    assert printed(notebook["load"]).startswith("[JUmPER]: ")
    assert printed(notebook["load"]).count("\n") == 1


@pytest.mark.parametrize("name", ["work", "nested", "time", "timeit", "await", "write", "run"])
def test_one_report_in_each_cell(notebook: dict[str, Any], name: str) -> None:
    reports = [data for data in shown(notebook[name]) if "text/html" in data]
    assert len(reports) == 1
    assert "Performance Report" in reports[0]["text/plain"]


def test_the_value_of_a_cell_stays(notebook: dict[str, Any]) -> None:
    results = [o for o in notebook["work"].outputs if o.output_type == "execute_result"]
    assert results[0].data["text/plain"] == str(sum(range(300_000)))


def test_a_failing_cell_shows_its_error_and_a_report(notebook: dict[str, Any]) -> None:
    kinds = [output.output_type for output in notebook["fail"].outputs]
    assert kinds == ["error", "display_data"]


@pytest.mark.parametrize("name", ["blank", "enable", "off"])
def test_no_report_where_there_is_nothing_to_report(notebook: dict[str, Any], name: str) -> None:
    assert shown(notebook[name]) == []


def test_reports_asked_for(notebook: dict[str, Any]) -> None:
    [data] = shown(notebook["report"])
    assert data["text/html"].lstrip().startswith("<")
    assert "<script" not in data["text/html"]
    assert shown(notebook["text"]) == []
    assert "Performance Report" in printed(notebook["text"])


def test_history_is_a_table(notebook: dict[str, Any]) -> None:
    [data] = shown(notebook["history"])
    table, _, script = data["text/html"].partition("<script>")
    assert "<table" in table
    assert "<script" not in table
    assert script == f"{history.script()}</script>"
    # Ten tables in a notebook are 100 kB with their styles, 30 kB of them code.
    assert len(script) < 3_000
    assert "Code" in data["text/plain"]


def test_plot_has_all_forms_that_front_ends_show(notebook: dict[str, Any]) -> None:
    [output] = [o for o in notebook["plot"].outputs if o.output_type == "display_data"]
    picture = base64.b64decode(output.data["image/png"])
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", picture[16:24])
    assert width > output.metadata["image/png"]["width"]
    assert height > 500
    html = output.data["text/html"]
    assert output.data["image/png"] in html, "where scripts do not run, the picture is shown"
    assert 'class="jumper-plot"' in html
    assert output.data["text/plain"].startswith("Level process, cells 0 to ")
    assert "CPU" in output.data["text/plain"]
    assert sum(map(len, output.data.values())) < 200_000


def test_direct_plot_shows_and_writes_what_was_asked_for(notebook: dict[str, Any]) -> None:
    [data] = shown(notebook["direct"])
    assert sorted(data) == ["image/png", "text/html", "text/plain"]
    assert data["text/plain"].startswith("Level user, cell 1, ")
    assert '"key":"memory"' in data["text/html"]
    assert '"key":"cpu"' not in data["text/html"]
    assert printed(notebook["direct"]) == "[JUmPER]: Plot written to p.html\n"
    assert (notebook["folder"] / "p.html").read_text().startswith("<!doctype html>")


def test_a_plot_object_shows_itself(notebook: dict[str, Any]) -> None:
    [output] = [o for o in notebook["object"].outputs if o.output_type == "execute_result"]
    assert sorted(output.data) == ["image/png", "text/html", "text/plain"]
    assert output.data["text/plain"].startswith("Level process, cell 1, ")
    assert output.metadata["image/png"]["width"] == 860


def test_every_cell_is_in_the_history_once(notebook: dict[str, Any]) -> None:
    import pandas as pd

    frame = pd.read_json(notebook["folder"] / "h.json", dtype=False)
    expected = [
        (cell.source, "error" if name == "fail" else "ok")
        for name, cell in notebook.items()
        if name not in ("load", "blank", "frame", "folder")
    ]
    assert list(zip(frame["raw_cell"], frame["status"], strict=True)) == expected
    assert frame["cell_index"].tolist() == list(range(len(expected)))


def test_helper_executions_are_no_cells(kernel: Kernel) -> None:
    kernel("x = 1", store_history=False)
    kernel("y = 1", silent=True)
    kernel("z = x + y")
    assert [cell["raw_cell"] for cell in kernel.history()] == ["z = x + y"]


def test_user_expressions_and_count_are_untouched(kernel: Kernel) -> None:
    request = kernel.client.execute("x = 41", user_expressions={"v": "x + 1"})
    reply = kernel.reply(request)
    assert reply["user_expressions"]["v"]["data"]["text/plain"] == "42"
    assert reply["execution_count"] == 2


def test_magics_and_hooks_vanish_on_unload(kernel: Kernel) -> None:
    kernel("%perfmonitor_start 0.05")
    assert kernel("%unload_ext jumper_extension").status == "ok"
    assert kernel("%perfmonitor_stop").ename == "UsageError"
    done = kernel("'do_execute' in vars(get_ipython().kernel)")
    assert done.result == "False"


def test_loading_again_starts_afresh(kernel: Kernel) -> None:
    kernel("%perfmonitor_fast_setup")
    kernel("x = 1")
    assert kernel("%reload_ext jumper_extension").text.count("[JUmPER]: loaded") == 1
    assert kernel("y = 1").displays == []
    kernel("%perfmonitor_fast_setup")
    assert len(kernel("z = 1").displays) == 1
    kernel("%unload_ext jumper_extension")
    kernel("%load_ext jumper_extension")
    kernel("w = 1")
    assert [cell["raw_cell"] for cell in kernel.history()] == ["w = 1"]


def test_reloading_stops_the_sampler(kernel: Kernel) -> None:
    threads = "import os; len(os.listdir('/proc/self/task'))"
    idle = kernel(threads).result
    for _ in range(3):
        kernel("%perfmonitor_start 0.05")
        assert int(kernel(threads).result) == int(idle) + 1
        kernel("%reload_ext jumper_extension")
    assert kernel(threads).result == idle


def test_html_and_text_in_a_notebook_without_history(start_kernel: Callable[..., Any]) -> None:
    with start_kernel(["-m", "ipykernel_launcher", "--HistoryManager.enabled=False"]) as kernel:
        kernel("%load_ext jumper_extension")
        kernel("%perfmonitor_fast_setup")
        [data] = kernel("x = 1").displays
        assert set(data) == {"text/html", "text/plain"}
