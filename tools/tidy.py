#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs clang-tidy on the sources of the core and the command, several at a time.

A source that passed is not looked at again until it, a header of ours that it includes, its compile
command, the checks or clang-tidy itself change. Tests and bindings are left out: the macros of
their frameworks cost most of the time and bring most of the noise.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shlex
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INCLUDE_ROOTS = (ROOT, ROOT / "core")
CHECKED = (ROOT / "core", ROOT / "cli")
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


@cache
def included(path: Path) -> frozenset[Path]:
    """The files of ours that a file includes itself."""
    found = set()
    for name in INCLUDE.findall(path.read_text(encoding="utf-8")):
        for base in (path.parent, *INCLUDE_ROOTS):
            if (base / name).is_file():
                found.add((base / name).resolve())
                break
    return frozenset(found)


def with_all_included(path: Path) -> list[Path]:
    """A file and all files of ours that come with it."""
    found: set[Path] = set()
    waiting = [path]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting += included(current)
    return sorted(found)


class Tidy:
    """clang-tidy with its settings, and what already passed them."""

    def __init__(self, build: Path) -> None:
        self._program = Path(sys.executable).with_name("clang-tidy")
        self._build = build
        self._passed = build.parent / "tidy"
        self._passed.mkdir(parents=True, exist_ok=True)
        version = subprocess.run(
            [self._program, "--version"], check=True, capture_output=True
        ).stdout
        self._base = hashlib.sha256(version + (ROOT / ".clang-tidy").read_bytes()).hexdigest()

    def key(self, path: Path, command: str) -> str:
        """Changes with everything that the outcome depends on."""
        key = hashlib.sha256(f"{self._base}\n{command}\n".encode())
        for file in with_all_included(path):
            key.update(f"{file.relative_to(ROOT)}\n".encode())
            key.update(file.read_bytes())
        return key.hexdigest()

    def has_passed(self, key: str) -> bool:
        """Whether this exact state passed before."""
        return (self._passed / key).exists()

    def check(self, path: Path, key: str) -> str:
        """What clang-tidy has to say about a file; empty when it passes."""
        done = subprocess.run(
            [
                self._program,
                "--quiet",
                f"-p={self._build}",
                # The compile commands are g++'s; its library uses what it deprecates.
                "--extra-arg=-Wno-unknown-warning-option",
                "--extra-arg=-Wno-deprecated-declarations",
                path,
            ],
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode == 0:
            (self._passed / key).touch()
            return ""
        return done.stdout + done.stderr


def sources(build: Path) -> dict[Path, str]:
    """The sources to check, with their compile commands."""
    database = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    found = {}
    for entry in database:
        path = (Path(entry["directory"]) / entry["file"]).resolve()
        if not any(path.is_relative_to(root) for root in CHECKED):
            continue
        if path.stem.endswith(("_test", "_bench")) or path.is_relative_to(ROOT / "core/testing"):
            continue
        found[path] = entry.get("command") or shlex.join(entry["arguments"])
    return found


def main(arguments: list[str]) -> int:
    """Checks what changed; the exit status is 1 when something is found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=Path("build/dev"))
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    start = time.monotonic()
    tidy = Tidy(options.build.resolve())
    keys = {
        path: tidy.key(path, command) for path, command in sorted(sources(options.build).items())
    }
    waiting = {path: key for path, key in keys.items() if not tidy.has_passed(key)}
    print(f"clang-tidy: {len(waiting)} of {len(keys)} files to check", flush=True)
    failed = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        for number, (path, words) in enumerate(
            zip(waiting, pool.map(tidy.check, waiting.keys(), waiting.values()), strict=True), 1
        ):
            print(f"[{number}/{len(waiting)}] {path.relative_to(ROOT)}", flush=True)
            if words:
                failed += 1
                print(words, flush=True)
    print(f"clang-tidy: {failed} files with findings, {time.monotonic() - start:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
