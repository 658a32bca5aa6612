# SPDX-License-Identifier: BSD-3-Clause
"""What is measured: extensions, each in its environment, and how results are summed up and kept."""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
EMPTY = "empty_extension"
OURS = "jumper_extension"


@dataclass(frozen=True)
class Subject:
    """An extension in an environment; `baseline` is what it is compared with in the same one."""

    name: str
    python: str
    extension: str
    baseline: str | None = None


def subjects(peer_python: str | None) -> list[Subject]:
    """The extensions to measure; the peer's only where its environment is named."""
    found = [
        Subject("empty extension", sys.executable, EMPTY),
        Subject("jumper-extension (this)", sys.executable, OURS, "empty extension"),
    ]
    if peer_python:
        found += [
            Subject("empty, peer's environment", peer_python, EMPTY),
            Subject("jumper-extension 0.4.1", peer_python, OURS, "empty, peer's environment"),
        ]
    return found


@contextmanager
def clean_environment() -> Iterator[dict[str, str]]:
    """Environment variables for a measured process: an empty home, byte code kept, no settings."""
    with tempfile.TemporaryDirectory(prefix="jumper-bench-") as home:
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTHON", "IPYTHON", "JUPYTER", "JUMPER"))
        }
        yield environment | {
            "HOME": home,
            "IPYTHONDIR": f"{home}/ipython",
            "JUPYTER_CONFIG_DIR": f"{home}/jupyter",
            "PYTHONPATH": str(HERE),
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            "TERM": "dumb",
        }


@dataclass(frozen=True)
class Spread:
    """A series of measurements in brief."""

    median: float
    low: float
    high: float
    runs: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The median and the quartiles around it."""
        if len(values) == 1:
            return cls(values[0], values[0], values[0], 1)
        low, median, high = statistics.quantiles(values, n=4, method="inclusive")
        return cls(median, low, high, len(values))

    def __str__(self) -> str:
        return f"{self.median:9.2f}  ({self.low:.2f} to {self.high:.2f})"


def paired_differences(values: Sequence[float], baseline: Sequence[float]) -> list[float]:
    """What was added in each round: neighbours in time, so that drift cancels out."""
    return [value - base for value, base in zip(values, baseline, strict=True)]


def report(
    title: str,
    unit: str,
    measured: dict[str, list[float]],
    subject_list: Sequence[Subject],
    into: Path,
) -> None:
    """Print a table of one measurement, and keep it with every value as JSON."""
    print(
        f"\n{title}\n  {'':28}{unit + ', median (quartiles)':34}added to the baseline", flush=True
    )
    rows = []
    for subject in subject_list:
        values = measured[subject.name]
        row: dict[str, object] = {"name": subject.name, "values": values, **vars(Spread.of(values))}
        added = ""
        if subject.baseline:
            spread = Spread.of(paired_differences(values, measured[subject.baseline]))
            row["added"] = {"baseline": subject.baseline, **vars(spread)}
            added = str(spread)
        rows.append(row)
        print(f"  {subject.name:28}{Spread.of(values)!s:34}{added}", flush=True)
    into.parent.mkdir(parents=True, exist_ok=True)
    content = {"title": title, "unit": unit, "machine": machine(), "rows": rows}
    into.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def machine() -> dict[str, object]:
    """What the numbers depend on; nothing that names the machine."""
    return {
        "cpus": len(os.sched_getaffinity(0)),
        "kernel": ".".join(platform.release().split(".")[:2]),
        "python": platform.python_version(),
        "architecture": platform.machine(),
    }
