# SPDX-License-Identifier: BSD-3-Clause
"""The example notebooks, run as they are in a real kernel: nothing fails, and their claims hold."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from traitlets.config import Config

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
MB_PER_GB = 1024


def rows_of(name: str, folder: Path) -> list[dict[str, Any]]:
    """Run the notebook and one more cell; what the history has of its cells."""
    notebook = nbformat.read(EXAMPLES / f"{name}.ipynb", as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell("%perfmonitor_export_cell_history rows.json"))
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        config=Config(KernelManager={"transport": "ipc", "ip": str(folder / "ipc")}),
        resources={"metadata": {"path": str(folder)}},
    ).execute()
    pictures = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    assert len(pictures) == 1
    rows: list[dict[str, Any]] = json.loads((folder / "rows.json").read_text(encoding="utf-8"))
    assert [row["cell_index"] for row in rows] == list(range(len(rows)))
    return rows


@pytest.mark.timeout(180)
def test_pandas_and_numpy(tmp_path: Path) -> None:
    rows = rows_of("pandas_numpy", tmp_path)
    by_rows, by_columns, smaller = rows[2], rows[3], rows[4]
    assert by_rows["cpu_seconds"] > 5 * by_columns["cpu_seconds"]
    assert smaller["memory_retained"] < 0


@pytest.mark.timeout(180)
def test_multiprocessing(tmp_path: Path) -> None:
    rows = rows_of("multiprocessing", tmp_path)
    alone, pool, programs = rows[2], rows[3], rows[5]
    # The same work, twice; a machine may be faster the second time. Exact is test_processes.py.
    assert pool["cpu_seconds"] > 0.5 * alone["cpu_seconds"]
    # The workers have the parent's 150 MB, which are there once.
    assert pool["memory_peak"] < alone["memory_peak"] + 60 / MB_PER_GB
    assert programs["cpu_seconds"] > 0.1


@pytest.mark.timeout(180)
def test_memory_spike(tmp_path: Path) -> None:
    rows = rows_of("memory_spike", tmp_path)
    kept, whole, pieces, moment, cache = rows[1:6]
    assert kept["memory_retained"] > 180 / MB_PER_GB
    assert whole["memory_peak"] > pieces["memory_peak"] + 300 / MB_PER_GB
    assert moment["memory_peak"] > pieces["memory_peak"] + 450 / MB_PER_GB
    assert moment["memory_retained"] < 20 / MB_PER_GB
    assert cache["memory_retained"] > 150 / MB_PER_GB
