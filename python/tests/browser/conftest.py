# SPDX-License-Identifier: BSD-3-Clause
"""Notebooks that were really executed, as pages in a browser, and JupyterLab itself."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from traitlets.config import Config

CHROMIUM = shutil.which("chromium")
if os.environ.get("CI"):
    from playwright.sync_api import Browser, Locator, Page, sync_playwright
else:
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="the browser tests use playwright"
    )
    from playwright.sync_api import Browser, Locator, Page, sync_playwright

    if CHROMIUM is None:
        pytest.skip("no chromium here: tools/setup_system.sh browser", allow_module_level=True)

SCREENSHOTS = Path("build/screenshots").resolve()
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HOSTILE = (
    's = \'<img src=x onerror="window.hacked=1"></script><script>window.hacked=1</script>'
    "<!-- \u202e'; sum(range(4 * 10**6))"
)
CELLS = (
    "%load_ext jumper_extension",
    "%perfmonitor_start 0.1",
    "import time\nkept = bytearray(80 * 2**20)\nsum(range(5 * 10**6))",
    "time.sleep(0.6)",
    "1/0",
    HOSTILE,
    "open('file.bin', 'wb').write(kept); time.sleep(0.3)",
    "%perfmonitor_plot",
)


def execute(sources: tuple[str, ...], folder: Path) -> nbformat.NotebookNode:
    """The notebook of these cells with their outputs, from a kernel of this environment."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    NotebookClient(
        notebook,
        timeout=120,
        allow_errors=True,
        kernel_name="python3",
        config=Config(KernelManager={"transport": "ipc", "ip": str(folder / "ipc")}),
        resources={"metadata": {"path": str(folder)}},
    ).execute()
    return notebook


def to_html(notebook: nbformat.NotebookNode, theme: str = "light") -> str:
    """The notebook as nbconvert writes it, with nothing from the network."""
    exporter = HTMLExporter(embed_images=True, mathjax_url="", require_js_url="", theme=theme)
    html: str = exporter.from_notebook_node(notebook)[0]
    return html


@pytest.fixture(scope="session")
def run_as_page(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[tuple[str, ...]], Callable[..., str]]:
    """Runs the cells; gives the notebook as a page, in the theme asked for."""

    def run(sources: tuple[str, ...]) -> Callable[..., str]:
        return partial(to_html, execute(sources, tmp_path_factory.mktemp("notebook")))

    return run


@pytest.fixture(scope="session")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> nbformat.NotebookNode:
    return execute(CELLS, tmp_path_factory.mktemp("notebook"))


@pytest.fixture(scope="session")
def page_of(notebook: nbformat.NotebookNode) -> Callable[..., str]:
    """The notebook as a page, in the theme asked for."""
    return partial(to_html, notebook)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser; for one module, as other tests may not run inside playwright's event loop."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


@dataclass
class Opened:
    """A page, and what went wrong on it."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def screenshot(self, name: str) -> None:
        """Keep a picture of the whole page in build/screenshots."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Open HTML as a page; fails afterwards if the page asked another host or had an error."""
    opened: list[Opened] = []

    def open_it(html: str, javascript: bool = True, width: int = 1000) -> Opened:
        path = tmp_path / f"page{len(opened)}.html"
        path.write_text(html, encoding="utf-8")
        context = browser.new_context(
            java_script_enabled=javascript, viewport={"width": width, "height": 900}
        )
        made = Opened(context.new_page())

        def guard(route: object) -> None:
            url = route.request.url  # type: ignore[attr-defined]
            if url == path.as_uri():
                route.continue_()  # type: ignore[attr-defined]
            else:
                made.requests.append(url)
                route.abort()  # type: ignore[attr-defined]

        context.route("**/*", guard)
        made.page.on("pageerror", lambda error: made.errors.append(str(error)))
        made.page.goto(path.as_uri())
        opened.append(made)
        return made

    yield open_it
    for made in opened:
        made.page.context.close()
        assert made.requests == [], "the page needs nothing but itself"
        assert made.errors == []


# ---- a real JupyterLab and Notebook 7

LAB = Path(os.environ.get("JUMPER_LAB", ".venv-lab")).resolve() / "bin" / "jupyter"
LAB_TIMEOUT_MS = 60_000
# Without a kernel, running cells opens a dialog.
KERNEL_READY = """const context = jupyterapp.shell.currentWidget.context.sessionContext;
  await context.ready;
  await context.session.kernel.info;"""


@dataclass
class Lab:
    """A running Jupyter server and the folder it shows."""

    url: str
    folder: Path
    theme: str
    # Of a plot: whether all its canvases show something.
    drawn: str = """(host) => [...host.shadowRoot.querySelectorAll('canvas')].every((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return data.some((value, i) => i % 4 === 3 && value > 0);
    })"""

    def write(
        self,
        name: str,
        sources: Sequence[str],
        outputs: Sequence[Any] = (),
        kernel_name: str = "tested",
    ) -> None:
        """A notebook for the kernel under test; with the outputs in its last cell."""
        kernel = {"name": kernel_name, "display_name": kernel_name, "language": "python"}
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(source) for source in sources],
            metadata={"kernelspec": kernel},
        )
        notebook.cells[-1].outputs = list(outputs)
        nbformat.write(notebook, self.folder / name)

    def open(self, page: Page, name: str, application: str = "lab") -> None:
        """Open a notebook, and wait for its kernel."""
        path = f"lab/tree/{name}?reset&" if application == "lab" else f"notebooks/{name}?"
        page.goto(f"{self.url}/{path}token=TOKEN")
        self.wait_until_ready(page)

    def end_kernels(self) -> None:
        """End all kernels: the next test, or the same one again, is to have its own."""
        sessions = f"{self.url}/api/sessions"
        with urllib.request.urlopen(f"{sessions}?token=TOKEN") as answer:  # noqa: S310
            running = json.load(answer)
        for session in running:
            url = f"{sessions}/{session['id']}?token=TOKEN"
            urllib.request.urlopen(urllib.request.Request(url, method="DELETE")).close()  # noqa: S310

    def wait_until_ready(self, page: Page) -> None:
        """Until the notebook is there and its kernel answers."""
        page.wait_for_function("window.jupyterapp")
        page.evaluate("async () => { await jupyterapp.restored; }")
        page.locator(".jp-Notebook .jp-Cell").first.wait_for()
        page.evaluate(f"async () => {{ {KERNEL_READY} }}")

    def command(self, page: Page, name: str) -> None:
        """Run a command of the application, to its end."""
        page.evaluate(f"async () => {{ await jupyterapp.commands.execute('{name}'); }}")

    def screenshot(self, page: Page | Locator, name: str) -> None:
        """Keep a picture of a page or a part of it in build/screenshots; the theme is in its name."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        theme = self.theme.rsplit(maxsplit=1)[-1].lower()
        page.screenshot(path=SCREENSHOTS / f"{name}_{theme}.png")


def write_json(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


THEMES = ("JupyterLab Light", "JupyterLab Dark")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """In both themes, but for what is marked as looking the same in both."""
    if "theme" in metafunc.fixturenames:
        once = metafunc.definition.get_closest_marker("one_theme") is not None
        metafunc.parametrize("theme", THEMES[: 1 if once else 2], indirect=True, scope="module")


@pytest.fixture(scope="module")
def theme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def lab_launcher() -> tuple[list[str], dict[str, str]]:
    """What stands before the server's command, and its environment; a module may have its own."""
    return [], dict(os.environ)


@pytest.fixture(scope="module")
def lab(
    theme: str,
    lab_launcher: tuple[list[str], dict[str, str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Lab]:
    if not LAB.exists():
        pytest.skip("needs a JupyterLab of its own: make test-lab")
    home = tmp_path_factory.mktemp("server")
    folder = home / "notebooks"
    folder.mkdir()
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel = {"argv": argv, "display_name": "tested", "language": "python"}
    write_json(home / "data/kernels/tested/kernel.json", kernel)
    # The same environment, with an older ipykernel in front of its own.
    older = {"env": {"PYTHONPATH": str(LAB.parent.parent / "ipykernel6")}}
    write_json(home / "data/kernels/tested-ipykernel6/kernel.json", kernel | older)
    settings = home / "settings/@jupyterlab"
    write_json(settings / "apputils-extension/themes.jupyterlab-settings", {"theme": theme})
    news = {"fetchNews": "false", "checkForUpdates": False}
    write_json(settings / "apputils-extension/notification.jupyterlab-settings", news)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    launcher, environment = lab_launcher
    command = [
        *launcher,
        str(LAB),
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
            command, env=environment | folders, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(f"{url}/api/status?token=TOKEN", process)
            yield Lab(url, folder, theme)
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
def page(browser: Browser, lab: Lab) -> Iterator[Page]:
    """A page that reaches the server and nothing else."""
    context = browser.new_context(viewport={"width": 1200, "height": 1400})
    foreign: list[str] = []

    def guard(route: Any) -> None:
        if route.request.url.startswith((lab.url, "data:", "blob:")):
            route.continue_()
        else:
            foreign.append(route.request.url)
            route.abort()

    context.route("**/*", guard)
    page = context.new_page()
    page.set_default_timeout(LAB_TIMEOUT_MS)
    yield page
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / "jupyterlab_last.png")
    context.close()
    lab.end_kernels()
    assert foreign == []
