# SPDX-License-Identifier: BSD-3-Clause
"""What a plot can show: one table of panels, and choosing from it by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from jumper_extension.mistakes import unknown


class Shape(Enum):
    """How a column's values stand in time."""

    GAUGE = "the value at the moment of the sample"
    TOTAL = "grows; shown as growth per second"
    MEAN = "the mean since the sample before"


@dataclass(frozen=True, slots=True)
class Curve:
    """One column of the performance data."""

    column: str
    label: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Panel:
    """Curves that share an axis."""

    key: str
    title: str
    curves: tuple[Curve, ...]
    aliases: tuple[str, ...] = ()


PANELS = (
    Panel(
        "cpu",
        "CPU (%)",
        (Curve("cpu_util_avg", "", Shape.MEAN),),
        ("cpu_util", "cpu_summary", "cpu_all"),
    ),
    Panel("memory", "Memory (GB)", (Curve("memory", "", Shape.GAUGE),), ("mem",)),
    Panel(
        "io",
        "I/O (MB/s)",
        (Curve("io_read_mb", "read", Shape.TOTAL), Curve("io_write_mb", "written", Shape.TOTAL)),
        ("io_read", "io_write", "io_read_mb", "io_write_mb"),
    ),
    Panel(
        "io_count",
        "I/O calls (1/s)",
        (
            Curve("io_read_count", "reading", Shape.TOTAL),
            Curve("io_write_count", "writing", Shape.TOTAL),
        ),
        ("io_read_count", "io_write_count"),
    ),
    Panel("processes", "Processes", (Curve("processes", "", Shape.GAUGE),)),
)
_DEFAULT = ("cpu", "memory", "io", "processes")


def choose(metrics: str | Sequence[str] | None) -> list[Panel]:
    """The panels named in a list or in a comma-separated text; the usual ones for None.

    JumperError for a name that is not known.
    """
    names: Sequence[str] = metrics.split(",") if isinstance(metrics, str) else metrics or _DEFAULT
    by_name = {name: panel for panel in PANELS for name in (panel.key, *panel.aliases)}
    chosen: list[Panel] = []
    for name in (name.strip() for name in names):
        panel = by_name.get(name)
        if panel is None:
            raise unknown("metric", name, [panel.key for panel in PANELS])
        if panel not in chosen:
            chosen.append(panel)
    return chosen
