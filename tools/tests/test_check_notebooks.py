# SPDX-License-Identifier: BSD-3-Clause
"""Notebooks with outputs are found."""

from __future__ import annotations

from pathlib import Path

import check_notebooks
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output


def saved(path: Path, cell: nbformat.NotebookNode) -> str:
    nbformat.write(new_notebook(cells=[cell]), path)
    return str(path)


def test_a_clean_notebook_passes(tmp_path: Path) -> None:
    assert check_notebooks.main([saved(tmp_path / "a.ipynb", new_code_cell("1 + 1"))]) == 0


@pytest.mark.parametrize(
    "cell",
    [
        new_code_cell("1 + 1", id="sum", execution_count=3),
        new_code_cell("1 + 1", id="sum", outputs=[new_output("stream", text="2")]),
    ],
)
def test_what_was_executed_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], cell: nbformat.NotebookNode
) -> None:
    assert check_notebooks.main([saved(tmp_path / "a.ipynb", cell)]) == 1
    assert "cell 'sum' has outputs" in capsys.readouterr().out


def test_what_is_no_notebook_of_this_format_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{}]}')

    assert check_notebooks.main([str(path)]) == 1
    assert str(path) in capsys.readouterr().out


def test_the_examples_are_clean() -> None:
    assert check_notebooks.main([]) == 0
