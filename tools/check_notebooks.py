#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks that the example notebooks are valid, and committed without outputs."""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat


def problems(path: Path) -> list[str]:
    """What is wrong with one notebook."""
    try:
        notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
        nbformat.validate(notebook)
    except (nbformat.ValidationError, nbformat.reader.NotJSONError) as error:
        return [f"{path}: {str(error).splitlines()[0]}"]
    return [
        f"{path}: cell '{cell.id}' has outputs or a number: clear them"
        for cell in notebook.cells
        if cell.cell_type == "code" and (cell.outputs or cell.execution_count is not None)
    ]


def main(arguments: list[str]) -> int:
    """Checks the notebooks named, or all examples; the exit status is 1 when one is not clean."""
    examples = Path(__file__).resolve().parent.parent / "examples"
    paths = [Path(name) for name in arguments] or sorted(examples.rglob("*.ipynb"))
    found = [problem for path in paths for problem in problems(path)]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
