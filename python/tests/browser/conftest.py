# SPDX-License-Identifier: BSD-3-Clause
"""A notebook that was really executed, as a page in a browser that reaches nothing but that page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

CHROMIUM = shutil.which("chromium")
if os.environ.get("CI"):
    from playwright.sync_api import Browser, Page, sync_playwright
else:
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="the browser tests use playwright"
    )
    from playwright.sync_api import Browser, Page, sync_playwright

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
