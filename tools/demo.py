#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Executes a notebook in a real kernel, shows what it reported, and keeps it with its outputs.

    tools/demo.py examples/quickstart.ipynb out/demo

A cell that is to fail carries the tag ``raises-exception``; any other failure ends the run with
status 1, and the notebook is kept as far as it came. The texts shown are the outputs of the cells
whose ids are in SHOWN.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter
from nbformat import NotebookNode

SHOWN = {"report": "The whole notebook", "history": "The cell history"}
EXPECTED_TO_FAIL = "raises-exception"
# Printed, for an unknown magic, with a reply that does not always say that the cell failed.
NOT_EXECUTED = "UsageError"
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def text_of(cell: NotebookNode) -> str:
    """What a cell printed or showed, as text."""
    parts = []
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            parts.append(output.text)
        elif output.output_type in {"display_data", "execute_result"}:
            parts.append(output.data.get("text/plain", "") + "\n")
    return ANSI.sub("", "".join(parts)).strip("\n")


def first_line(cell: NotebookNode) -> str:
    """The first line of a cell's source that is not blank."""
    return next((line for line in cell.source.splitlines() if line.strip()), "")


class Demonstration:
    """A notebook, executed with a line of progress for each cell."""

    def __init__(self, notebook: Path) -> None:
        self.content = nbformat.read(notebook, as_version=4)
        self._folder = notebook.resolve().parent
        self._started = 0.0

    def run(self, log: Path) -> None:
        """Executes all cells; raises CellExecutionError where one fails that should not.

        What the kernel itself prints, and programs that cells start, goes to the file `log`.
        """
        client = NotebookClient(
            self.content,
            timeout=120,
            kernel_name="python3",
            resources={"metadata": {"path": str(self._folder)}},
            on_cell_execute=self._on_start,
            on_cell_executed=self._on_end,
        )
        with log.open("wb") as stream:
            client.execute(stdout=stream, stderr=stream)

    def _on_start(self, cell: NotebookNode, cell_index: int) -> None:  # noqa: ARG002
        self._started = time.monotonic()

    def _on_end(
        self,
        cell: NotebookNode,
        cell_index: int,  # noqa: ARG002
        execute_reply: dict[str, Any],
    ) -> None:
        if cell.cell_type != "code":
            return
        seconds = time.monotonic() - self._started
        status = execute_reply["content"]["status"]
        if status == "error" and EXPECTED_TO_FAIL in cell.metadata.get("tags", []):
            status = "fails as it should"
        number = execute_reply["content"].get("execution_count") or 0
        print(f"  [{number:2}] {seconds:6.2f} s  {first_line(cell)[:60]:<60} {status}", flush=True)

    def problems(self) -> list[str]:
        """What is wrong with the executed cells although none of them failed."""
        found = []
        cells = {cell.id: cell for cell in self.content.cells if cell.cell_type == "code"}
        for cell in cells.values():
            errors = [
                o for o in cell.outputs if o.get("name") == "stderr" and NOT_EXECUTED in o.text
            ]
            found += [f"cell '{cell.id}': {output.text.strip()}" for output in errors]
            failed = any(output.output_type == "error" for output in cell.outputs)
            if EXPECTED_TO_FAIL in cell.metadata.get("tags", []) and not failed:
                found.append(f"cell '{cell.id}' was to fail and did not")
        found += [
            f"cell '{name}' shows no text"
            for name in SHOWN
            if name in cells and not text_of(cells[name])
        ]
        return found

    def show(self) -> None:
        """Prints the outputs worth reading without opening the notebook."""
        for cell in self.content.cells:
            if cell.id in SHOWN:
                print(f"\n{SHOWN[cell.id]} ({first_line(cell)}):\n\n{text_of(cell)}")

    def save(self, folder: Path, name: str) -> list[Path]:
        """Writes the executed notebook and its HTML; gives their places."""
        notebook, page = folder / f"{name}.ipynb", folder / f"{name}.html"
        nbformat.write(self.content, notebook)
        # Nothing in it comes from the network: no formulas, no widgets of others.
        exporter = HTMLExporter(embed_images=True, mathjax_url="", require_js_url="")
        html, _ = exporter.from_notebook_node(self.content, resources={"metadata": {"name": name}})
        page.write_text(html, encoding="utf-8")
        return [notebook, page]


def main(arguments: list[str]) -> int:
    """Runs the demonstration; the exit status is 1 when it did not go as the notebook says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("notebook", type=Path)
    parser.add_argument("folder", type=Path, help="where the executed notebook goes")
    options = parser.parse_args(arguments)
    demonstration = Demonstration(options.notebook)
    problems: list[str] = []
    options.folder.mkdir(parents=True, exist_ok=True)
    print(f"Executing {options.notebook} in a kernel of {sys.executable}:\n", flush=True)
    with tempfile.TemporaryDirectory(prefix="jumper-demo-") as home:
        # The kernel of this environment, and no settings of whoever runs this.
        os.environ |= {
            "IPYTHONDIR": home,
            "JUPYTER_CONFIG_DIR": home,
            "JUPYTER_PREFER_ENV_PATH": "1",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        }
        try:
            demonstration.run(options.folder / "kernel.log")
        except CellExecutionError as error:
            problems.append(ANSI.sub("", str(error)).strip())
    problems += demonstration.problems() if not problems else []
    if not problems:
        demonstration.show()
    saved = demonstration.save(options.folder, options.notebook.stem)
    print("\nThe notebook with all its outputs, reports and the plot:")
    for path in saved:
        print(f"  {path.resolve()}")
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
