# SPDX-License-Identifier: BSD-3-Clause
"""The check of GPUs tells a right measurement from a wrong one, and that there is nothing to check."""

from __future__ import annotations

import math
from collections.abc import Callable

import gpu_check
import gpu_loads
import gpu_verdicts
import pytest
from gpu_check import ENERGY, MEMORY, POWER, UTILIZATION, Course, judge
from gpu_verdicts import Samples, Span, Verdict

MIB = 2**20
COURSE = Course(
    idle=Span(0, 6),
    compute=Span(6.1, 14.1),
    copy=Span(16, 24),
    allocate=Span(26, 26.02),
    kept=Span(26.1, 29.9),
    given_back=Span(30, 36),
)
TIMES = [*[float(second) for second in range(37)], 6.1, 14.1, 26.02]


def made(value: Callable[[float], float]) -> Samples:
    return sorted((time, value(time)) for time in TIMES)


def in_span(span: Span, value: float, otherwise: float = 0.0) -> Callable[[float], float]:
    return lambda time: value if span.begin <= time <= span.end else otherwise


def right() -> dict[tuple[str, str], Samples]:
    """What a monitor that is right measures of the course: 300 W under load, 60 W else."""

    def energy(time: float) -> float:
        loaded = min(max(time - 6.1, 0), 8)
        return 60 * time + 240 * loaded

    def memory(time: float) -> float:
        return 1000 * MIB + (512 * MIB if 26.02 <= time < 30 else 0)

    return {
        ("system", UTILIZATION): made(in_span(COURSE.compute, 99)),
        ("process", UTILIZATION): made(in_span(COURSE.compute, 98)),
        ("system", MEMORY): made(memory),
        ("process", MEMORY): made(memory),
        ("system", POWER): made(in_span(COURSE.compute, 300, 60)),
        ("system", ENERGY): made(energy),
    }


def other() -> dict[tuple[str, str], Samples]:
    return {
        ("system", UTILIZATION): made(in_span(COURSE.compute, 99)),
        ("process", UTILIZATION): made(lambda _: 0.0),
    }


def failed(verdicts: list[Verdict]) -> list[str]:
    return [verdict.what for verdict in verdicts if verdict.passed is False]


def test_a_right_measurement_passes() -> None:
    verdicts = judge(right(), other(), COURSE)
    assert failed(verdicts) == []
    assert sum(verdict.passed is True for verdict in verdicts) == 12
    assert gpu_verdicts.exit_status(verdicts) == 0


@pytest.mark.parametrize(
    ("key", "value", "finds"),
    [
        (("system", UTILIZATION), lambda _: 0.0, ["utilization of the card, computing"]),
        (("system", UTILIZATION), lambda _: 99.0, ["utilization of the card, idle"]),
        (("process", UTILIZATION), lambda _: 50.0, ["utilization by this process, computing"]),
        (
            ("process", MEMORY),
            lambda _: 5.0 * MIB,
            ["memory of this process over the cell", "memory of this process given back"],
        ),
        (("system", ENERGY), lambda time: 0.3 * time, ["energy, against power times time"]),
    ],
)
def test_a_wrong_measurement_is_found(
    key: tuple[str, str], value: Callable[[float], float], finds: list[str]
) -> None:
    verdicts = judge({**right(), key: made(value)}, other(), COURSE)
    assert failed(verdicts) == finds
    assert gpu_verdicts.exit_status(verdicts) == 1


def test_work_booked_on_an_idle_process_is_found() -> None:
    wrong = {**other(), ("process", UTILIZATION): made(in_span(COURSE.compute, 99))}
    assert failed(judge(right(), wrong, COURSE)) == ["utilization by the idle process"]


def test_an_edge_without_a_reading_is_found() -> None:
    late = [(time + 0.4, value) for time, value in right()["system", ENERGY]]
    assert failed(judge({**right(), ("system", ENERGY): late}, other(), COURSE)) == [
        "energy was read at the cell's begin, off by",
        "energy was read at the cell's end, off by",
    ]


def test_what_was_not_measured_neither_passes_nor_fails() -> None:
    verdicts = judge({}, {}, COURSE)
    assert {verdict.passed for verdict in verdicts} == {None}
    assert gpu_verdicts.exit_status(verdicts) == 1


def test_a_line_has_measured_and_expected() -> None:
    line = gpu_verdicts.line_of(gpu_verdicts.at_least("busy", 42.0, 90))
    assert line.startswith("FAIL busy")
    assert "42.0 %   expected at least 90 %" in line


def test_counters_and_gauges_over_a_span() -> None:
    samples = [(0.0, 0.0), (2.0, 20.0), (4.0, 20.0)]
    assert gpu_verdicts.growth(samples, Span(1, 4)) == 10
    assert gpu_verdicts.integral(samples, Span(1, 4)) == 15 + 40
    assert gpu_verdicts.growth(samples, Span(1, 5)) is None
    assert gpu_verdicts.growth(samples, Span(-1, 4)) is None
    assert gpu_verdicts.integral([], Span(1, 4)) is None


def test_nan_is_no_sample() -> None:
    assert gpu_verdicts.samples_of([1, 2, 3], [5, math.nan, 7]) == [(1, 5), (3, 7)]


def test_the_card_is_found_by_its_place() -> None:
    cards = [{"bus_id": "0000:17:00.0"}, {"bus_id": "00000000:CA:00.0"}, {}]
    assert gpu_check.card_number(cards, "0000:ca:00.0") == 1
    assert gpu_check.card_number(cards, "00000000:17:00.0") == 0
    assert gpu_check.card_number(cards, "0001:17:00.0") is None
    assert gpu_check.card_number(cards, "") is None
    assert gpu_check.card_number(cards[:1], "") == 0
    assert gpu_check.card_number([], "0000:17:00.0") is None


class Table:
    names = ("time_ns", "system/gpu_utilization_ratio/1", "process/memory_used_bytes")

    def column(self, name: str) -> list[float]:
        return {
            "time_ns": [1e9, 2e9],
            "system/gpu_utilization_ratio/1": [math.nan, 0.5],
        }[name]


def test_series_are_taken_from_the_samples() -> None:
    assert gpu_check.series_of(Table(), 1) == {("system", UTILIZATION): [(2.0, 50.0)]}
    assert gpu_check.series_of(Table(), 0) == {}


class Native:
    def __init__(self, cards: object) -> None:
        self._cards = cards

    def resources(self) -> dict[str, object]:
        return {} if self._cards is None else {"gpus": self._cards}


class Monitor:
    def __init__(self, cards: object) -> None:
        self.native = Native(cards)


class Memory:
    def __init__(self, *numbers: int) -> None:
        self.names = [
            "time_ns",
            f"system/{MEMORY}",
            *[f"system/{MEMORY}/{number}" for number in numbers],
        ]


def test_the_loaded_card_is_the_one_that_is_judged() -> None:
    cards = [{"bus_id": "0000:17:00.0"}, {"bus_id": "0000:CA:00.0"}]
    assert gpu_check.find_card(Monitor(cards), Memory(0, 1), "0000:ca:00.0") == 1
    assert gpu_check.find_card(Monitor(cards), Memory(0, 1), "0000:cb:00.0") is None
    assert gpu_check.find_card(Monitor(None), Memory(2, 1), "0000:ca:00.0") == 1
    assert gpu_check.find_card(Monitor(cards), Memory(0, 1), "") == 0
    assert gpu_check.find_card(Monitor(None), Memory(), "0000:ca:00.0") is None


def test_without_a_gpu_it_says_so_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def none() -> gpu_loads.Loads:
        raise gpu_loads.NoGpuError("libcuda.so.1 cannot be opened")

    monkeypatch.setattr(gpu_check, "find_loads", none)
    assert gpu_check.main([]) == 2
    output = capsys.readouterr().out
    assert output == "[JUmPER]: nothing to check: no GPU (libcuda.so.1 cannot be opened)\n"


def test_every_way_to_load_says_why_it_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(why: str) -> Callable[[], gpu_loads.Loads]:
        def kind() -> gpu_loads.Loads:
            raise gpu_loads.NoGpuError(why)

        return kind

    for name in ("TorchLoads", "CupyLoads", "CudaLoads"):
        monkeypatch.setattr(gpu_loads, name, refuse(name))
    with pytest.raises(gpu_loads.NoGpuError, match="TorchLoads; CupyLoads; CudaLoads"):
        gpu_loads.find_loads()
