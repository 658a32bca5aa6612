#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Puts what the benchmarks left in out/bench together: a table of what was promised, and a page.

Every promise has a line, with what was measured and whether it holds. What was not measured is
said to be so. With --markdown docs/overhead.md the page of the documentation is written.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from peer_goals import Line, duration
from peer_report import goal_table, page, piped, plain

MICROSECONDS = {"ns": 1e-3, "us": 1.0, "ms": 1e3, "s": 1e6}
OURS = "jumper-extension (this)"
PEER = "jumper-extension 0.4.1"
# Less than this is asked of what is added to an empty extension, in the unit of the file.
ADDED_GOALS = {
    "load": ("%load_ext, over an empty extension", 60.0, "ms"),
    "hooks_shell": ("an empty cell in a shell, over an empty extension", 500.0, "us"),
    "hooks_kernel": ("an empty cell in a kernel, over an empty extension", 500.0, "us"),
}


def read(path: Path) -> dict[str, Any]:
    """A file of results; empty where there is none."""
    if not path.exists():
        return {}
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def added_lines(folder: Path) -> Iterator[Line]:
    """What the extension adds to one that does nothing."""
    for name, (what, limit, unit) in ADDED_GOALS.items():
        rows = {row["name"]: row for row in read(folder / f"{name}.json").get("rows", [])}
        if OURS not in rows:
            yield Line(what, "not measured", goal=f"under {limit:g} {unit}")
            continue
        ours = rows[OURS]["added"]["median"]
        peer = rows[PEER]["added"]["median"] if PEER in rows else None
        yield Line(
            what,
            f"{ours:.3g} {unit}",
            f"0.4.1: {peer:.3g} {unit}" if peer else "",
            f"{peer / ours:.3g}" if peer else "",
            f"under {limit:g} {unit}",
            ours < limit,
        )


def benchmarks_of(core: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """By name; of repetitions the cheapest, which other work on the machine disturbed least."""
    found: dict[str, dict[str, Any]] = {}
    for case in core.get("benchmarks", []):
        if case.get("run_type") == "aggregate" or case.get("error_occurred"):
            continue
        name = case["run_name"].removesuffix("/iterations:1")
        if name not in found or case["cpu_time"] < found[name]["cpu_time"]:
            found[name] = case
    return found


def cpu_microseconds(case: Mapping[str, Any]) -> float:
    """CPU time of one round."""
    return float(case["cpu_time"]) * MICROSECONDS[case["time_unit"]]


def core_lines(cases: Mapping[str, Mapping[str, Any]]) -> Iterator[Line]:
    """What the core's own benchmarks were promised to need."""
    for what, names, limit_us in (
        (
            "a plot's 1,000 buckets over 10 M samples",
            ["thousand_buckets_of_10_million_rows/0", "thousand_buckets_of_10_million_rows/1"],
            1e3,
        ),
        ("a report over 1,000 cells and 1 M samples", ["report_of_the_whole_session"], 50e3),
    ):
        found = [cpu_microseconds(cases[name]) for name in names if name in cases]
        yield Line(
            what,
            duration(max(found)) if found else "not measured",
            goal=f"under {duration(limit_us)}",
            holds=max(found) < limit_us if found else None,
        )
    sizes = [case["bytes_per_tick"] for name, case in cases.items() if "bytes_per_tick" in case]
    yield Line(
        "memory of a tick of 40 columns, after compaction",
        f"{max(sizes):.3g} bytes" if sizes else "not measured",
        goal="under 60 bytes",
        holds=max(sizes) < 60 if sizes else None,  # noqa: PLR2004 - as promised
    )


def hot_table(cases: Mapping[str, Mapping[str, Any]]) -> list[list[str]]:
    """Ticks and sources in a tight loop."""
    rows = [["", "CPU time"]]
    for name, case in cases.items():
        if name.startswith(("full_tick/", "source/", "bare_system_call", "append")):
            rows.append([name, duration(cpu_microseconds(case))])
    return rows


def main(arguments: list[str]) -> int:
    """Print the table; write the page where one is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("out/bench"), help="where the results are")
    parser.add_argument("--markdown", type=Path, help="write the page")
    options = parser.parse_args(arguments)
    peers = read(options.out / "peers.json")
    cases = benchmarks_of(read(options.out / "core.json"))
    lines = [Line(**line) for line in peers.get("table", [])]
    lines += [*added_lines(options.out), *core_lines(cases)]
    print(plain(goal_table(lines)))
    failures = peers.get("failures", ["nothing of other monitors: bench_peers.py did not run"])
    for failure in failures:
        print(f"\n  not measured: {failure}")
    broken = sum(line.holds is False for line in lines)
    promised = sum(line.holds is not None for line in lines)
    print(f"\n{promised - broken} of {promised} hold")
    if options.markdown:
        if not peers:
            print("overhead: there is no peers.json to write a page of", file=sys.stderr)
            return 1
        text = page(peers, lines, piped(hot_table(cases)))
        options.markdown.write_text(text, encoding="utf-8")
        print(f"wrote {options.markdown}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
