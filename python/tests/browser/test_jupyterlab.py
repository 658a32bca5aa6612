# SPDX-License-Identifier: BSD-3-Clause
"""Plot and history in a real JupyterLab and Notebook 7, whose server knows nothing of JUmPER: `make test-lab`."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest

SERVER = Path(os.environ.get("JUMPER_LAB", ".venv-lab")).resolve() / "bin" / "jupyter"
if not SERVER.exists():
    pytest.skip("needs a JupyterLab of its own: make test-lab", allow_module_level=True)

SCREENSHOTS = Path("build/screenshots").resolve()
CELLS = (
    "%load_ext jumper_extension",
    "%perfmonitor_start 0.1",
    "import time; kept = bytearray(50 * 2**20); sum(range(3 * 10**6))",
    "x = '<img src=x onerror=\"window.hacked=1\"></script>'; time.sleep(0.5)",
    "%cell_history",
    "%perfmonitor_plot",
)
TIMEOUT_MS = 60_000
# Without a kernel, running cells opens a dialog.
KERNEL_READY = """const context = jupyterapp.shell.currentWidget.context.sessionContext;
  await context.ready;
  await context.session.kernel.info;"""
DRAWN = """(host) => [...host.shadowRoot.querySelectorAll('canvas')].every((canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value, i) => i % 4 === 3 && value > 0);
})"""


@dataclass
class Server:
    """A running Jupyter server and the folder it shows."""

    url: str
    folder: Path

    def address(self, application: str, notebook: str) -> str:
        """Where the notebook opens."""
        path = f"lab/tree/{notebook}?reset&" if application == "lab" else f"notebooks/{notebook}?"
        return f"{self.url}/{path}token=TOKEN"


def write_notebook(path: Path, outputs: list[Any] | None = None) -> None:
    """A notebook for the kernel under test; with the outputs in its last cell."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in CELLS],
        metadata={"kernelspec": {"name": "tested", "display_name": "Tested", "language": "python"}},
    )
    notebook.cells[-1].outputs = outputs or []
    nbformat.write(notebook, path)


def write_json(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


@pytest.fixture(scope="module", params=["JupyterLab Light", "JupyterLab Dark"])
def theme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def server(theme: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("server")
    folder = home / "notebooks"
    folder.mkdir()
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel = {"argv": argv, "display_name": "Tested", "language": "python"}
    write_json(home / "data/kernels/tested/kernel.json", kernel)
    settings = home / "settings/@jupyterlab"
    write_json(settings / "apputils-extension/themes.jupyterlab-settings", {"theme": theme})
    news = {"fetchNews": "false", "checkForUpdates": False}
    write_json(settings / "apputils-extension/notification.jupyterlab-settings", news)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        str(SERVER),
        "lab",
        "--allow-root",
        "--no-browser",
        f"--ServerApp.port={port}",
        f"--ServerApp.root_dir={folder}",
        "--IdentityProvider.token=TOKEN",
        "--LabApp.expose_app_in_browser=True",
        "--JupyterNotebookApp.expose_app_in_browser=True",
        f"--LabApp.workspaces_dir={home / 'workspaces'}",
    ]
    folders = {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "IPYTHONDIR": str(home / "ipython"),
    }
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, env=os.environ | folders, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(f"{url}/api/status?token=TOKEN", process)
            yield Server(url, folder)
        finally:
            process.terminate()
            process.wait(30)


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert process.poll() is None, "the server has ended"
        try:
            urllib.request.urlopen(url)  # noqa: S310
        except urllib.error.URLError:
            time.sleep(0.2)
        else:
            return
    pytest.fail("the server does not answer")


@pytest.fixture
def page(browser: Any, server: Server) -> Iterator[Any]:
    """A page that reaches the server and nothing else."""
    context = browser.new_context(viewport={"width": 1200, "height": 1400})
    foreign: list[str] = []

    def guard(route: Any) -> None:
        if route.request.url.startswith((server.url, "data:", "blob:")):
            route.continue_()
        else:
            foreign.append(route.request.url)
            route.abort()

    context.route("**/*", guard)
    page = context.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    yield page
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / "jupyterlab_last.png")
    context.close()
    assert foreign == []


def open_notebook(page: Any, address: str) -> None:
    page.goto(address)
    page.wait_for_function("window.jupyterapp")
    page.evaluate("async () => { await jupyterapp.restored; }")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    page.evaluate(f"async () => {{ {KERNEL_READY} }}")


def check_history(page: Any, theme: str) -> None:
    """Its keys are its own, too, and its code has the colours of the theme."""
    history = page.locator(".jumper-history[data-state=ready]")
    cells = page.locator(".jp-Cell").count()
    numbers = history.locator("tbody td:first-child")
    before = numbers.all_inner_texts()  # the kernel may be one that ran the notebook before
    assert len(before) >= 3
    history.locator("th button").first.focus()
    for key in ("a", "b", "x", "Enter"):  # Enter would begin to edit the cell
        page.keyboard.press(key)
    assert numbers.all_inner_texts() == before[::-1]
    history.locator("input").focus()
    page.keyboard.type("bytearray")
    assert page.locator(".jp-Cell").count() == cells
    assert "1" in numbers.locator("visible=true").all_inner_texts()
    assert numbers.locator("visible=true").count() < len(before)
    code = history.locator("tbody td:last-child code").first
    light = "(e) => getComputedStyle(e).color.match(/\\d+/g).slice(0, 3).every((v) => v > 150)"
    assert code.evaluate(light) == theme.endswith("Dark")


@pytest.mark.timeout(400)
@pytest.mark.parametrize("application", ["lab", "notebook"])
def test_plot_in_the_application(page: Any, server: Server, theme: str, application: str) -> None:
    # GIVEN a notebook that is run there
    write_notebook(server.folder / "run.ipynb")
    open_notebook(page, server.address(application, "run.ipynb"))
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells'); }")
    plot = page.locator(".jumper-plot[data-state=ready]")
    plot.wait_for()
    # THEN the plot is drawn, in the colours of the theme
    plot.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    assert plot.evaluate(DRAWN)
    has_dark = "dark" in plot.locator(".plot").get_attribute("class")
    assert has_dark == theme.endswith("Dark")
    # AND its keys are its own: in a notebook, A, B and X insert and cut cells
    cells = page.locator(".jp-Cell").count()
    view = plot.get_attribute("data-view")
    plot.locator(".chart").first.focus()
    for key in ("a", "b", "x", "ArrowRight", "ArrowDown", "+"):
        page.keyboard.press(key)
    assert page.locator(".jp-Cell").count() == cells
    assert plot.get_attribute("data-view") != view
    assert page.evaluate("window.hacked") is None
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{application}_{theme.rsplit(maxsplit=1)[-1].lower()}.png")
    check_history(page, theme)
    # AND it is there again when the saved notebook is opened anew
    page.evaluate("async () => { await jupyterapp.commands.execute('docmanager:save'); }")
    open_notebook(page, server.address(application, "run.ipynb"))
    plot.wait_for()
    assert plot.evaluate(DRAWN)


@pytest.mark.timeout(400)
def test_untrusted_notebook_shows_the_picture(
    page: Any, server: Server, notebook: nbformat.NotebookNode
) -> None:
    # GIVEN a notebook that came from elsewhere, with its outputs
    outputs = notebook.cells[-1].outputs
    write_notebook(server.folder / "untrusted.ipynb", outputs)
    open_notebook(page, server.address("lab", "untrusted.ipynb"))
    # THEN no script has run, and the picture is there
    picture = page.locator(".jumper-plot img")
    picture.wait_for()
    assert picture.bounding_box()["height"] > 100
    assert page.locator(".jumper-plot").get_attribute("data-state") is None
