#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Checks that dependencies of the C++ code point one way, and what else a grep can check.

Prints ``file:line: message`` for each breach and exits with 1 when there is one. Run it from
anywhere; with an argument it checks that folder instead of the checkout it lies in.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

# A folder may include the folders above it in this list, and itself. Folders on one line are
# siblings and know nothing of each other.
LAYERS: list[list[str]] = [
    ["core/jumper/base"],
    ["core/jumper/metric"],
    ["core/jumper/kernfs"],
    ["core/jumper/procfs", "core/jumper/cgroup", "core/jumper/gpu"],
    ["core/jumper/source"],
    ["core/jumper/sampler"],
    ["core/jumper/store"],
    ["core/jumper/cells"],
    ["core/jumper/journal"],
    ["core/jumper/nodes"],
    ["core/jumper/analysis"],
    ["core/jumper/report", "core/jumper/session", "core/jumper/plot"],
    ["core/jumper/monitor"],
    ["cli", "python/bindings"],
]
RANK = {folder: rank for rank, folders in enumerate(LAYERS) for folder in folders}

# Code that serves tests and measurements: never shipped, so it may see every layer.
TEST_SUPPORT = "core/testing"
TEST_ROOMS = (TEST_SUPPORT, "bench", "fuzz")
TEST_SUFFIXES = ("_test.cpp", "_bench.cpp", "_fuzz.cpp")

SOURCE_ROOTS = ("core", "cli", "python/bindings", "bench", "fuzz")
INCLUDE_ROOTS = (".", "core")
PYTHON_HEADERS = re.compile(r"(?:Python\.h|nanobind/.*|pybind11/.*)")
STREAM_HEADERS = frozenset({"iostream", "print", "syncstream"})

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"(?P<quoted>[^"]+)"|<(?P<angled>[^>]+)>)')
SPDX = "// SPDX-License-Identifier: BSD-3-Clause"
# Calls a library must not make: printing is its caller's, and so is ending the process.
PRINTING = re.compile(
    r"(?<![\w.>])(?:std\s*::\s*|::\s*)?(?:v?f?printf|f?puts|f?putc|putchar|perror|psignal)\s*\("
    r"|\bstd\s*::\s*(?:cout|cerr|clog|print|println)\b"
)
ENDING = re.compile(
    r"(?<![\w.>:])(?:std\s*::\s*|::\s*)?(?:abort|exit|_exit|_Exit|quick_exit|terminate)\s*\("
    r"|(?<![\w.>])assert\s*\("
)


@dataclass(frozen=True, order=True)
class Breach:
    """One rule broken at one place."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def folder_of(path: str) -> str | None:
    """The room of the list that a file lies in; None outside all of them."""
    rooms = [*RANK, *TEST_ROOMS]
    matching = [room for room in rooms if path.startswith(room + "/")]
    return max(matching, key=len, default=None)


def is_test(path: str) -> bool:
    """Whether a file is a test, a benchmark, a fuzzer, or what these share."""
    return path.endswith(TEST_SUFFIXES) or folder_of(path) in TEST_ROOMS


def without_comments_and_strings(text: str) -> str:
    """The text with comments and literals blanked, line breaks kept."""

    def blank(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", match.group())

    pattern = (
        r'R"(?P<mark>[^\s()\\]{0,16})\(.*?\)(?P=mark)"'
        r"|//[^\n]*|/\*.*?\*/"
        r'|"(?:\\.|[^"\\\n])*"'
        r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'"
    )
    return re.sub(pattern, blank, text, flags=re.DOTALL)


def resolve(root: Path, includer: str, included: str) -> str | None:
    """Where a quoted include points, as a path in the checkout; None when it is not ours."""
    bases = [str(PurePosixPath(includer).parent), *INCLUDE_ROOTS]
    for base in bases:
        candidate = root / base / included
        if candidate.is_file():
            return candidate.resolve().relative_to(root.resolve()).as_posix()
    # A header that does not exist (yet, or any more) is judged by the folder that it names.
    if included.startswith(("cli/", "python/bindings/")):
        return included
    if included.startswith(("jumper/", "testing/")):
        return f"core/{included}"
    return None


def check_target(includer: str, target: str) -> str | None:
    """What is wrong with `includer` including `target`, both paths in the checkout."""
    here, there = folder_of(includer), folder_of(target)
    if there is None:
        return f"includes {target}, which lies in no known folder (LAYERS in {Path(__file__).name})"
    if there == here or here in TEST_ROOMS:
        return None
    if there in TEST_ROOMS:
        tests_only = f"shipped code includes {target}, which is for tests only"
        return None if is_test(includer) else tests_only
    return check_layers(here, there)


def check_layers(here: str | None, there: str) -> str | None:
    """What is wrong with code in the room `here` including a header of the room `there`."""
    if here is None or RANK[there] < RANK[here]:
        return None
    if RANK[there] == RANK[here]:
        return f"{here} and {there} are siblings and must not include each other"
    return f"{here} must not include {there}: dependencies point the other way"


def check_include(root: Path, path: str, quoted: str | None, angled: str | None) -> str | None:
    """What is wrong with one include of the file `path`."""
    name = quoted or angled or ""
    core = path.startswith("core/")
    if PYTHON_HEADERS.fullmatch(name) and not path.startswith("python/"):
        return f"{name}: only python/bindings may know of Python"
    if core and not is_test(path) and name in STREAM_HEADERS:
        return f"<{name}>: the core does not print"
    if angled is not None:
        return f'write our own header as "{name}"' if name.startswith("jumper/") else None
    target = resolve(root, path, name)
    if target is None:
        return f'"{name}" is not a file of ours: write <{name}> for the system\'s'
    return check_target(path, target)


def check_header(lines: list[str]) -> list[tuple[int, str]]:
    """What is wrong with the first lines of a header."""
    breaches = []
    if not lines or lines[0] != SPDX:
        breaches.append((1, f"a header opens with '{SPDX}'"))
    code = [
        (number, line.strip())
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.lstrip().startswith("//")
    ]
    first, text = code[0] if code else (1, "")
    if text != "#pragma once":
        breaches.append((first, "'#pragma once' comes first, after the comments"))
    comments = [
        line
        for line in lines[: first - 1]
        if line.startswith("// ") and "SPDX-License-Identifier" not in line
    ]
    if not comments:
        breaches.append((1, "a header says in one to five lines what it is for"))
    return breaches


def check_file(root: Path, path: str) -> list[Breach]:
    """All breaches in one file."""
    text = (root / path).read_text(encoding="utf-8")
    lines = text.splitlines()
    breaches: list[Breach] = []
    if folder_of(path) is None:
        breaches.append(Breach(path, 1, "lies in no known folder"))
    if path.endswith(".h"):
        breaches += [Breach(path, line, message) for line, message in check_header(lines)]
    for number, line in enumerate(lines, 1):
        if match := INCLUDE.match(line):
            message = check_include(root, path, match["quoted"], match["angled"])
            if message:
                breaches.append(Breach(path, number, message))
    if path.startswith("core/") and not is_test(path):
        for number, line in enumerate(without_comments_and_strings(text).splitlines(), 1):
            if PRINTING.search(line):
                breaches.append(Breach(path, number, "the core does not print"))
            if ENDING.search(line):
                breaches.append(Breach(path, number, "the core does not end the process"))
    return breaches


def check_tree(root: Path) -> tuple[int, list[Breach]]:
    """The number of files looked at, and the breaches in them."""
    paths = sorted(
        path.relative_to(root).as_posix()
        for source_root in SOURCE_ROOTS
        for path in (root / source_root).rglob("*")
        if path.suffix in {".h", ".cpp"} and path.is_file()
    )
    return len(paths), sorted(breach for path in paths for breach in check_file(root, path))


def main(arguments: list[str]) -> int:
    """Checks the tree; the exit status is 1 when a rule is broken."""
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    count, breaches = check_tree(root)
    for breach in breaches:
        print(breach)
    print(f"check_includes: {count} files, {len(breaches)} breaches", file=sys.stderr)
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
