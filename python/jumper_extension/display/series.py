# SPDX-License-Identifier: BSD-3-Clause
"""Curves from samples. Plain numpy; times are seconds on the monotonic clock."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_BINS = 800  # about as many as a plot has pixels


def mean_rates(time: Array, total: Array) -> tuple[Array, Array]:
    """Edges (n + 1) and mean growth per second between them (n) of something cumulative.

    Between two samples the growth is taken as steady. Not finer than the samples, nor than
    a plot can show; NaN where the total is absent or was reset.
    """
    edges = time if len(time) <= _BINS else np.linspace(time[0], time[-1], _BINS + 1)
    edges = np.unique(edges)
    growth = np.diff(np.interp(edges, time, total))
    growth[growth < 0] = np.nan
    return edges, growth / np.diff(edges)


def accumulated(time: Array, mean_since_before: Array) -> Array:
    """The integral over time of values that each hold since the sample before."""
    steps = np.diff(time, prepend=time[:1]) * mean_since_before
    steps[:1] = 0.0
    return np.cumsum(steps)


def thinned(time: Array, values: Array) -> tuple[Array, Array]:
    """The curve with at most a few points per pixel; every extreme is kept."""
    bucket = len(time) // _BINS
    if bucket <= 1:
        return time, values
    rows = len(time) // bucket
    folded = values[: rows * bucket].reshape(rows, bucket)
    filled = np.where(np.isnan(folded), -np.inf, folded)
    first = np.arange(rows) * bucket
    keep = np.concatenate([first + filled.argmax(axis=1), first + folded.argmin(axis=1)])
    keep = np.unique(np.concatenate([keep, [0], np.arange(rows * bucket, len(time))]))
    return time[keep], values[keep]


def around(time: Array, start: float, end: float) -> slice:
    """The samples from `start` to `end`, with one more on either side where there is one."""
    first = int(np.searchsorted(time, start, side="right")) - 1
    last = int(np.searchsorted(time, end, side="left"))
    return slice(max(first, 0), last + 1)
