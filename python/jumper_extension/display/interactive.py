# SPDX-License-Identifier: BSD-3-Clause
"""The plot that is explored in the notebook: a picture that its own script makes interactive."""

from base64 import b64encode
from collections.abc import Callable
from functools import cache
from html import escape
from importlib import resources

from jumper_extension.display.output import Output
from jumper_extension.native import NativeMonitor, NativePlot

PICTURE_WIDTH = 860  # CSS pixels

Picture = Callable[[], bytes | None]


def show(
    native: NativeMonitor,
    output: Output,
    *,
    cell_range: str | tuple[int, int] | None,
    level: str,
    picture: Picture,
) -> None:
    """Show all levels and cells, `level` and `cell_range` first; in a terminal as text.

    `picture` draws the same as a PNG, if it can. JumperError for an unknown level or range,
    and where nothing was ever measured.
    """
    plot = native.plot(cell_range, level)
    if not output.rich:
        output.text(plot.text().rstrip("\n"))
        return
    png = picture() if plot.has_data else None
    output.plot(html(plot, png), png, PICTURE_WIDTH, plot.text().rstrip("\n"))


@cache
def script() -> str:
    """The front end, built from `frontend/`; it needs nothing from the network."""
    return resources.files("jumper_extension").joinpath("static/plot.js").read_text("ascii")


def html(plot: NativePlot, png: bytes | None) -> str:
    """A fragment for a notebook's output.

    Where scripts do not run, as in an untrusted notebook, it shows the picture, or without
    one the text.
    """
    if png is None:
        still = f"<pre>{escape(plot.text())}</pre>"
    else:
        source = "data:image/png;base64," + b64encode(png).decode("ascii")
        width = f'width="{PICTURE_WIDTH}" style="max-width:100%;height:auto"'
        still = f'<img src="{source}" alt="{escape(plot.title)}" {width}>'
    return (
        f'<div class="jumper-plot" data-lm-suppress-shortcuts="true">{still}'
        f'<script type="application/json">{plot.json()}</script></div>'
        f"<script>{script()}</script>"
    )
