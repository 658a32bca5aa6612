# SPDX-License-Identifier: BSD-3-Clause
"""The cell history in a notebook: a whole table, and a small script to sort and filter it."""

from functools import cache
from importlib import resources

from jumper_extension.display.output import Output
from jumper_extension.native import NativeMonitor, NativeSession


def show(native: NativeMonitor | NativeSession, output: Output) -> None:
    """Show the finished cells; in a terminal as text."""
    output.document(html(native), native.history_text().rstrip("\n"))


@cache
def script() -> str:
    """What sorts, filters and opens; it needs nothing from the network."""
    return resources.files("jumper_extension").joinpath("static/history.js").read_text("ascii")


def html(native: NativeMonitor | NativeSession) -> str:
    """A fragment for a notebook's output.

    The script is small enough to come with every table: so each stays whole when others are
    deleted, or are shown on a page of their own.
    """
    return f"{native.history_html()}<script>{script()}</script>"
