# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from jumper_extension.magics.commands import BY_NAME
from jumper_extension.magics.completion import Completion, Offer, complete
from jumper_extension.native import NativePlot

if TYPE_CHECKING:
    from pathlib import Path

VALUES = {
    "level": lambda fragment: Offer(
        fragment, [v for v in ("process", "user") if v.startswith(fragment)]
    ),
    "file": lambda fragment: Offer(fragment, ["a.csv"] if "a.csv".startswith(fragment) else []),
}
REPORT = "%perfmonitor_perfreport"
EXPORT = "%perfmonitor_export_perfdata"


@pytest.mark.parametrize(
    ("line", "fragment", "matches"),
    [
        (f"{REPORT} ", "", ["--cell", "--level", "--node", "--text", "--json"]),
        (f"{REPORT} --", "--", ["--cell", "--level", "--node", "--text", "--json"]),
        (f"  {REPORT} --le", "--le", ["--level"]),
        ("perfmonitor_perfreport --le", "--le", ["--level"]),
        (f"{REPORT} --text --level=user --", "--", ["--cell", "--node", "--json"]),
        (f"{REPORT} --level ", "", ["process", "user"]),
        (f"{REPORT} --level u", "u", ["user"]),
        (f"{REPORT} --level=u", "u", ["user"]),
        (f"{REPORT} --level user --j", "--j", ["--json"]),
        (f"{REPORT} --nothing", "--nothing", []),
        (f"{EXPORT} ", "", ["a.csv", "--file", "--level", "--node", "--name"]),
        (f"{EXPORT} a", "a", ["a.csv"]),
        (f"{EXPORT} --file a", "a", ["a.csv"]),
        (f"{EXPORT} --file=x.csv a", "a", []),
        ("%cell_history ", "", ["--node"]),
    ],
)
def test_offers_what_fits(line: str, fragment: str, matches: list[str]) -> None:
    assert complete(line, VALUES) == Offer(fragment, matches)


@pytest.mark.parametrize(
    "line",
    [
        "",
        REPORT,  # the name itself is for IPython to complete
        "%timeit --",
        "x = perfmonitor_perfreport --",
        "cell_history = ",
        "perfmonitor_perfreport + ",
        f"{EXPORT} --name ",  # any name will do
    ],
)
def test_leaves_the_rest_to_others(line: str) -> None:
    assert complete(line, VALUES) is None


class Native:
    """What completion asks of the monitor."""

    cell_count = 25

    def levels(self) -> list[str]:
        return ["process", "user", "system"]


class Service:
    """A service that has such a monitor."""

    def __init__(self) -> None:
        self.monitor = type("Monitor", (), {"native": Native()})()


@pytest.fixture
def offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Completion:
    monkeypatch.chdir(tmp_path)
    for name in ("a.csv", "b.JSON", "c.txt", ".hidden.csv", "with space.csv"):
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "d.csv").touch()
    return Completion(None, Service())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "matches"),
    [
        ("%perfmonitor_plot --level ", ["process", "user", "system"]),
        ("%perfmonitor_plot --metrics ", [key for key, _ in NativePlot.panels()]),
        ("%perfmonitor_plot --metrics memory,cp", ["cpu", "cpu_util", "cpu_summary", "cpu_all"]),
        ("%perfmonitor_plot --cell 2", ["24", "23", "22", "21", "20"]),
        ("%perfmonitor_plot --cell 23:", ["23:", "23:24", "23:23"]),
        ("%perfmonitor_plot --cell -3:", ["-3:", "-3:-1"]),
        ("%perfmonitor_plot --cell :2", [":24", ":23", ":22", ":21", ":20"]),
        ("%perfmonitor_load_perfdata --file ", ["a.csv", "b.JSON", "folder/"]),
        ("%perfmonitor_load_perfdata folder/", ["folder/d.csv"]),
        ("%perfmonitor_load_perfdata no/such/", []),
        ("%perfmonitor_load_perfdata 'a", []),
        ("%perfmonitor_compare 2", ["24", "23", "22", "21", "20"]),
        ("%perfmonitor_compare 2 2", ["24", "23", "22", "21", "20"]),
        ("%perfmonitor_compare . f", ["folder/"]),
        ("%perfmonitor_start ", ["1", "0.5", "0.1", "--interval", "--budget", "--sampled-peak"]),
    ],
)
def test_values(offered: Completion, line: str, matches: list[str]) -> None:
    offer = complete(line, offered._values)
    assert offer is not None
    assert offer.matches[: len(matches)] == matches
    assert bool(offer.matches) == bool(matches)


def test_no_values_are_kept_for_options_that_are_gone() -> None:
    known = set(Completion(None, Service())._values)  # type: ignore[arg-type]
    of_commands = {o.completes or o.name for c in BY_NAME.values() for o in c.options if o.metavar}
    assert known <= of_commands
