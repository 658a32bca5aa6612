# SPDX-License-Identifier: BSD-3-Clause
"""How long the plot takes in a browser: ten panels of 100,000 points, made and zoomed.

    python bench/python/plot_speed.py [--points 100000] [--panels 10] [--rounds 7]

A document of that size is made here; the plots of the package have fewer points, as the core
leaves out what no screen shows. Needs playwright and chromium.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import shutil
import statistics
import tempfile
from importlib import resources
from pathlib import Path

from playwright.sync_api import sync_playwright

SEVEN_BITS = 127
ARGUMENTS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run")
# Until what was asked for is on the screen.
MADE = """async () => {
  const begin = performance.now();
  const script = document.createElement('script');
  script.textContent = document.getElementById('bundle').textContent;
  document.body.append(script);
  const host = document.querySelector('.jumper-plot');
  while (host.dataset.state !== 'ready') await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return performance.now() - begin;
}"""
ZOOMED = """async (key) => {
  const chart = document.querySelector('.jumper-plot').shadowRoot.querySelector('.chart');
  chart.focus();
  const begin = performance.now();
  chart.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, composed: true }));
  await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return performance.now() - begin;
}"""


def column(numbers: list[int]) -> bytes:
    """A column as core/jumper/report/plot_columns.h describes it."""
    written = bytearray()
    before = 0
    for number in numbers:
        step = number - before
        before = number
        codes = (0, 1) if step == 0 else (2 * step + 1,) if step > 0 else (-2 * step,)
        for code in codes:
            rest = code
            while rest > SEVEN_BITS:
                written.append(rest & SEVEN_BITS | SEVEN_BITS + 1)
                rest >>= 7
            written.append(rest)
    return bytes(written)


def differences(values: list[int]) -> list[int]:
    """Each number less the one before."""
    return [after - before for before, after in zip([0, *values], values, strict=False)]


def document(panels: int, points: int) -> str:
    """A plot with a curve in each of the panels, and fifty cells."""
    chance = random.Random(1)  # noqa: S311 - the same points each time
    cells = 50
    ends = [points // cells * (cell + 1) for cell in range(cells)]
    starts = [end - points // cells for end in ends]
    data = column(differences(starts)) + column(differences(ends))
    data += column([1] * points)
    curves = []
    for panel in range(panels):
        level = 500
        values = []
        for _ in range(points):
            level = min(max(level + chance.randint(-20, 20), 0), 1000)
            values.append(level)
        data += column(values)
        header = {"panel": panel, "curve": 0, "base": 0, "step": 0.1, "extremes": False}
        curves.append(header)
    shown = [
        {"key": f"p{i}", "title": f"Panel {i}", "unit": "percent", "shown": True, "curves": [""]}
        for i in range(panels)
    ]
    return json.dumps(
        {
            "version": 1,
            "title": "as large as asked for",
            "start_ms": 0,
            "tick": 0.01,
            "from": 0,
            "to": points,
            "level": "process",
            "range": None,
            "panels": shown,
            "cells": {"first": 0, "status": "o" * cells, "labels": ["pass"] * cells},
            "levels": [
                {"name": "process", "points": points, "memory_limit": None, "curves": curves}
            ],
            "data": base64.b64encode(data).decode(),
        }
    )


def measure(page_text: str, rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds that it took to be made, and each zoom."""
    made: list[float] = []
    zoomed: list[float] = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "plot.html"
        path.write_text(page_text, encoding="utf-8")
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(ARGUMENTS)
        )
        for _ in range(rounds):
            page = browser.new_page(viewport={"width": 900, "height": 1800})
            page.goto(path.as_uri())
            made.append(page.evaluate(MADE))
            zoomed += [page.evaluate(ZOOMED, key) for key in ("+", "+", "-", "+")]
            page.close()
        browser.close()
    return made, zoomed


def main() -> None:
    """Print the middle of all rounds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--panels", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args()
    script = resources.files("jumper_extension").joinpath("static/plot.js").read_text("ascii")
    page = (
        '<!doctype html><meta charset="utf-8"><body><div class="jumper-plot">'
        f'<script type="application/json">{document(asked.panels, asked.points)}</script></div>'
        f'<script type="text/plain" id="bundle">{script}</script></body>'
    )
    made, zoomed = measure(page, asked.rounds)
    print(f"{asked.panels} panels of {asked.points} points, middle of {asked.rounds} rounds")
    print(f"made:   {statistics.median(made):.0f} ms (goal: under 600 ms)")
    print(f"zoomed: {statistics.median(zoomed):.0f} ms (goal: under 60 ms)")


if __name__ == "__main__":
    main()
