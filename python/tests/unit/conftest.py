# SPDX-License-Identifier: BSD-3-Clause
"""Plot documents made by hand, as core/jumper/report/plot_document.h describes them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

PANELS = [
    {"key": "cpu", "title": "CPU", "unit": "percent", "shown": True, "curves": [""]},
    {"key": "memory", "title": "Memory", "unit": "bytes", "shown": True, "curves": [""]},
    {"key": "io", "title": "I/O", "unit": "bytes/s", "shown": True, "curves": ["read", "written"]},
]


def column(numbers: Sequence[int]) -> bytes:
    """Numbers as differences, seven bits at a time (core/jumper/report/plot_columns.h)."""
    out = bytearray()
    before = 0
    for number in numbers:
        change = number - before
        before = number
        code = (2 * change if change > 0 else -2 * change - 1) + 1 if change else 0
        while code >= 128:
            out.append(code % 128 + 128)
            code //= 128
        out.append(code)
        if not change:
            out.append(1)
    return bytes(out)


def make(
    curves: Sequence[tuple[int, int, Sequence[int]]], labels: Sequence[str] = (), **more: Any
) -> dict[str, Any]:
    """A document: curves as (panel, curve, values), a point and for each label a cell a second."""
    points = len(curves[0][2]) if curves else 0
    steps = [0, *[10_000] * (points - 1)] if points else []
    starts = [0, *[20_000] * (len(labels) - 1)] if labels else []
    data = column(starts) + column([5_000, *starts[1:]] if labels else []) + column(steps)
    data += b"".join(column(values) for _, _, values in curves)
    headers = [
        {"panel": panel, "curve": place, "base": 0.0, "step": 1.0, "extremes": False}
        for panel, place, _ in curves
    ]
    level = {"name": "process", "points": points, "memory_limit": None, "curves": headers}
    document = {
        "format": "jumper-plot",
        "version": 1,
        "title": "not read",
        "start_ms": 1_700_000_000_000,
        "tick": 1e-4,
        "from": 0,
        "to": 10_000 * max(points - 1, 0),
        "level": "process",
        "selection": False,
        "range": None,
        "panels": PANELS,
        "cells": {"first": 0, "status": "o" * len(labels), "labels": list(labels)},
        "levels": [level],
        "data": base64.b64encode(data).decode(),
    }
    return document | more


@pytest.fixture(scope="session")
def plot_document() -> Callable[..., bytes]:
    """Make a document of curves and cells; other fields by their names."""

    def made(*arguments: Any, **more: Any) -> bytes:
        return json.dumps(make(*arguments, **more)).encode()

    return made


@pytest.fixture(scope="session")
def noisy_hour(plot_document: Callable[..., bytes]) -> bytes:
    """An hour at 1 Hz at three levels, in which every value is another, with 60 cells."""
    noise = np.random.default_rng(1).integers(0, 16_383, (4, 3600)).tolist()
    places = ((0, 0), (1, 0), (2, 0), (2, 1))
    curves = [(*place, values) for place, values in zip(places, noise, strict=True)]
    document = json.loads(plot_document(curves, ["x = work()  # a line of a cell"] * 60))
    names = ("process", "user", "system")
    document["levels"] = [document["levels"][0] | {"name": name} for name in names]
    data = base64.b64decode(document["data"])
    cells = len(column([0, *[20_000] * 59])) + len(column([5_000, *[20_000] * 59]))
    document["data"] = base64.b64encode(data[:cells] + 3 * data[cells:]).decode()
    return json.dumps(document).encode()
