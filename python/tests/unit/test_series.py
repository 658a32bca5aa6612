# SPDX-License-Identifier: BSD-3-Clause
import numpy as np
import pytest
from jumper_extension.display import series


def test_rate_of_a_total_is_growth_over_true_time() -> None:
    time = np.array([0.0, 1.0, 3.0])
    edges, rate = series.mean_rates(time, np.array([0.0, 10.0, 50.0]))
    assert edges.tolist() == [0.0, 1.0, 3.0]
    assert rate.tolist() == [10.0, 20.0]


def test_rate_of_a_total_that_fell_is_absent() -> None:
    _, rate = series.mean_rates(np.array([0.0, 1.0, 2.0]), np.array([5.0, 1.0, 2.0]))
    assert np.isnan(rate[0])
    assert rate[1] == 1.0


def test_samples_at_the_same_time_do_not_divide_by_zero() -> None:
    edges, rate = series.mean_rates(np.array([0.0, 1.0, 1.0, 2.0]), np.array([0.0, 1.0, 1.0, 3.0]))
    assert edges.tolist() == [0.0, 1.0, 2.0]
    assert rate.tolist() == [1.0, 2.0]


def test_many_samples_are_averaged_and_nothing_is_lost() -> None:
    rng = np.random.default_rng(7)
    time = np.cumsum(rng.uniform(0.01, 1.0, 20_000))
    total = np.cumsum(rng.exponential(3.0, 20_000))
    edges, rate = series.mean_rates(time, total)
    assert len(rate) <= 1000
    assert (rate * np.diff(edges)).sum() == pytest.approx(total[-1] - total[0])


def test_means_are_accumulated_over_the_time_they_hold() -> None:
    time = np.array([10.0, 11.0, 13.0])
    total = series.accumulated(time, np.array([np.nan, 50.0, 100.0]))
    assert total.tolist() == [0.0, 50.0, 250.0]
    _, rate = series.mean_rates(time, total)
    assert rate.tolist() == [50.0, 100.0]


def test_thinning_keeps_extremes_and_ends() -> None:
    time = np.arange(100_003.0)
    values = np.sin(time / 1000)
    values[51_234] = 99.0
    values[77_777] = -99.0
    x, y = series.thinned(time, values)
    assert len(x) < 3000
    assert (y.max(), y.min()) == (99.0, -99.0)
    assert (x[0], x[-1]) == (0.0, 100_002.0)
    assert (np.diff(x) > 0).all()


def test_thinning_survives_absent_values() -> None:
    values = np.full(10_000, np.nan)
    values[5000] = 3.0
    _, y = series.thinned(np.arange(10_000.0), values)
    assert np.nanmax(y) == 3.0


def test_few_samples_are_kept_as_they_are() -> None:
    time, values = np.array([0.0, 1.0]), np.array([3.0, 4.0])
    x, y = series.thinned(time, values)
    assert x.tolist() == [0.0, 1.0]
    assert y.tolist() == [3.0, 4.0]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [(2.5, 3.5, [2, 3, 4]), (0.0, 5.0, [0, 1, 2, 3, 4, 5]), (3.0, 3.0, [3]), (-9.0, 0.5, [0, 1])],
)
def test_part_reaches_to_the_samples_around_it(
    start: float, end: float, expected: list[int]
) -> None:
    time = np.arange(6.0)
    assert time[series.around(time, start, end)].tolist() == expected
