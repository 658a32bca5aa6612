# SPDX-License-Identifier: BSD-3-Clause
"""What samples of a GPU say, and whether that is what a known load makes: pure functions.

Samples are pairs of a time in seconds and a value; a value that was not measured is left out.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

Samples = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Span:
    """A time from begin to end, in seconds of the samples' clock."""

    begin: float
    end: float

    def without_ramps(self, head: float, tail: float = 0.0) -> Span:
        """The same without its first and last seconds, in which a driver's averages lag."""
        return Span(min(self.begin + head, self.end), max(self.end - tail, self.begin))


@dataclass(frozen=True)
class Verdict:
    """One line of the check. `passed` is None for what cannot be judged here."""

    what: str
    measured: str
    expected: str
    passed: bool | None


def samples_of(times: Iterable[float], values: Iterable[float]) -> list[tuple[float, float]]:
    """Times and values of equal length, without what was not measured."""
    return [(t, v) for t, v in zip(times, values, strict=True) if not math.isnan(v)]


def within(samples: Samples, span: Span) -> list[float]:
    """The values of the samples that were taken in the span."""
    return [value for time, value in samples if span.begin <= time <= span.end]


def mean(samples: Samples, span: Span) -> float | None:
    """The mean of the samples in the span; None where there are none."""
    values = within(samples, span)
    return sum(values) / len(values) if values else None


def value_at(samples: Samples, time: float, tolerance: float) -> float | None:
    """The value of the sample nearest to a time, if there is one within the tolerance."""
    best = min(samples, key=lambda sample: abs(sample[0] - time), default=None)
    return best[1] if best is not None and abs(best[0] - time) <= tolerance else None


def interpolated(samples: Samples, time: float) -> float | None:
    """A counter's value at a time between two samples; None outside of them."""
    place = bisect_right(samples, time, key=lambda sample: sample[0])
    if place == 0:
        return None
    before = samples[place - 1]
    if before[0] == time:
        return before[1]
    if place == len(samples):
        return None
    after = samples[place]
    share = (time - before[0]) / (after[0] - before[0])
    return before[1] + share * (after[1] - before[1])


def integral(samples: Samples, span: Span) -> float | None:
    """What a gauge adds up to over the span, straight from sample to sample.

    None unless samples lie before or at its begin and at or behind its end.
    """
    begin = interpolated(samples, span.begin)
    end = interpolated(samples, span.end)
    if begin is None or end is None:
        return None
    points = [(span.begin, begin)]
    points += [sample for sample in samples if span.begin < sample[0] < span.end]
    points.append((span.end, end))
    return sum((right[0] - left[0]) * (left[1] + right[1]) / 2 for left, right in pairwise(points))


def growth(samples: Samples, span: Span) -> float | None:
    """By how much a counter grew over the span; None where it was not measured around it."""
    begin = interpolated(samples, span.begin)
    end = interpolated(samples, span.end)
    return None if begin is None or end is None else end - begin


def _absent(what: str, expected: str) -> Verdict:
    return Verdict(what, "not measured", expected, None)


def at_least(what: str, measured: float | None, least: float, unit: str = "%") -> Verdict:
    """Passes from `least` on; both are in `unit`."""
    expected = f"at least {least:g} {unit}"
    if measured is None:
        return _absent(what, expected)
    return Verdict(what, f"{measured:.1f} {unit}", expected, measured >= least)


def at_most(what: str, measured: float | None, most: float, unit: str = "%") -> Verdict:
    """Passes up to `most`; both are in `unit`."""
    expected = f"at most {most:g} {unit}"
    if measured is None:
        return _absent(what, expected)
    return Verdict(what, f"{measured:.1f} {unit}", expected, measured <= most)


def close_to(
    what: str,
    measured: float | None,
    wanted: float | None,
    *,
    share: float,
    unit: str,
    room: float = 0,
) -> Verdict:
    """Passes within a share of what is wanted, or within `room`, whichever is more."""
    if wanted is None:
        return _absent(what, "nothing to compare with")
    tolerance = max(abs(wanted) * share, room)
    expected = f"{wanted:.1f} +- {tolerance:.1f} {unit}"
    if measured is None:
        return _absent(what, expected)
    passed = abs(measured - wanted) <= tolerance
    return Verdict(what, f"{measured:.1f} {unit}", expected, passed)


def line_of(verdict: Verdict) -> str:
    """One line for a person, in columns."""
    word = {True: "pass", False: "FAIL", None: "n/a"}[verdict.passed]
    return f"{word:<5}{verdict.what:<52}{verdict.measured:>16}   expected {verdict.expected}"


def exit_status(verdicts: Sequence[Verdict]) -> int:
    """0: all that could be judged passed, and something could; else 1."""
    judged = [verdict.passed for verdict in verdicts if verdict.passed is not None]
    return 0 if judged and all(judged) else 1
