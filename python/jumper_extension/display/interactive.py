# SPDX-License-Identifier: BSD-3-Clause
"""A plot as HTML: a picture that its own script makes interactive."""

from base64 import b64encode
from functools import cache
from html import escape
from typing import Any

from jumper_extension.native import NativePlot

PICTURE_WIDTH = 860  # CSS pixels
# It stands in an output twice, which may not grow beyond 200 kB together with script and data.
INLINE_PICTURE_BYTES = 22_000
_PAGE_PICTURE_BYTES = 150_000

_PAGE_STYLE = (
    ":root{color-scheme:light dark}"
    "body{margin:1.5em auto;max-width:72em;padding:0 1em;font-family:system-ui,sans-serif}"
    "h1{font-size:1.1em}"
)


@cache
def script() -> str:
    """The front end, built from `frontend/`; it needs nothing from the network."""
    from importlib import resources  # with half of the standard library

    return resources.files("jumper_extension").joinpath("static/plot.js").read_text("ascii")


def bundle(plot: NativePlot) -> tuple[dict[str, str], dict[str, Any]]:
    """Every form for a notebook, by MIME type, and what is to be known about them."""
    data, metadata = picture(plot)
    data["text/html"] = _fragment(data["text/html"], plot.json())
    return data, metadata


def picture(plot: NativePlot) -> tuple[dict[str, str], dict[str, Any]]:
    """The same without a script."""
    png = plot.small_picture(PICTURE_WIDTH, INLINE_PICTURE_BYTES) if plot.has_data else None
    data = {"text/html": _still(plot, png), "text/plain": plot.text().rstrip("\n")}
    if png is None:
        return data, {}
    data["image/png"] = b64encode(png).decode("ascii")
    return data, {"image/png": {"width": PICTURE_WIDTH}}


def html(plot: NativePlot, png: bytes | None) -> str:
    """A fragment for a notebook's output.

    Where scripts do not run, as in an untrusted notebook, it shows the picture, or without
    one the text.
    """
    return _fragment(_still(plot, png), plot.json())


def page(plot: NativePlot) -> str:
    """A page of its own, with more detail. It may run its own script, and load nothing."""
    from hashlib import sha256

    digest = b64encode(sha256(script().encode("ascii")).digest()).decode("ascii")
    png = plot.small_picture(PICTURE_WIDTH, _PAGE_PICTURE_BYTES) if plot.has_data else None
    policy = (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'"
    )
    title = escape(plot.title)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>JUmPER: {title}</title>\n<style>{_PAGE_STYLE}</style>\n</head>\n"
        f"<body>\n<h1>{title}</h1>\n{_fragment(_still(plot, png), plot.file())}\n</body>\n</html>\n"
    )


def _still(plot: NativePlot, png: bytes | None) -> str:
    if png is None:
        return f"<pre>{escape(plot.text())}</pre>"
    source = "data:image/png;base64," + b64encode(png).decode("ascii")
    width = f'width="{PICTURE_WIDTH}" style="max-width:100%;height:auto"'
    return f'<img src="{source}" alt="{escape(plot.title)}" {width}>'


def _fragment(still: str, document: str) -> str:
    return (
        f'<div class="jumper-plot" data-lm-suppress-shortcuts="true">{still}'
        f'<script type="application/json">{document}</script></div>'
        f"<script>{script()}</script>"
    )
