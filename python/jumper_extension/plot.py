# SPDX-License-Identifier: BSD-3-Clause
"""A plot as a Python object: shows itself, goes into files, and comes back from one."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from jumper_extension.display import interactive
from jumper_extension.loading import plain_path
from jumper_extension.mistakes import quoted
from jumper_extension.native import JumperError, NativePlot, write_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

StrPath = str | os.PathLike[str]

SUFFIXES = (".svg", ".png", ".jpg", ".pdf", ".html", ".csv", ".json")
_FILE_SCALE = 2.0
_MOST_BYTES = 64_000_000


class Plot:
    """CPU, memory and I/O over time, with the cells. Shows itself in a notebook.

    Immutable: it keeps showing what was measured up to the moment it was made. Can be pickled
    and copied.
    """

    __slots__ = ("native",)

    def __init__(self, native: NativePlot) -> None:
        """Wrap what the native core collected."""
        self.native = native

    @property
    def title(self) -> str:
        """Level, cells and duration, in one line."""
        return self.native.title

    def text(self, width: int = 60) -> str:
        """The plot for a terminal, curves `width` characters wide; no newline at its end."""
        return self.native.text(width).rstrip("\n")

    def save(self, file: StrPath) -> str:
        """Write what is seen first to a file, and give its path.

        The suffix says what is written: a picture (.svg, .png, .jpg, .pdf), an interactive page
        that needs nothing else (.html), a table of the curves (.csv), or the plot itself for
        `load_plot` (.json). JumperError, and any old file as it was, where that cannot be.
        """
        path = plain_path(file)
        write_file(path, self._content(path))
        return path

    def _content(self, path: str) -> bytes:
        plot = self.native
        match os.path.splitext(path)[1].lower():
            case ".svg" | ".pdf" as suffix:
                return plot.draw(suffix[1:])
            case ".png" | ".jpg" | ".jpeg" as suffix:
                return plot.draw(suffix[1:], scale=_FILE_SCALE)
            case ".html" | ".htm":
                return interactive.page(plot).encode()
            case ".csv":
                return plot.csv().encode()
            case ".json":
                return plot.file().encode()
        *most, last = SUFFIXES
        raise JumperError(f"{quoted(path)} should end in {', '.join(most)} or {last}")

    def to_matplotlib(self) -> "Figure":
        """What is seen first as a matplotlib figure, to go on from. Needs matplotlib."""
        try:
            from jumper_extension.display.figure import draw
        except ModuleNotFoundError as error:
            if not (error.name or "").startswith("matplotlib"):
                raise
            raise JumperError(
                "matplotlib is not installed: pip install matplotlib. The plot itself does not "
                "need it: save('plot.svg') writes a picture"
            ) from error
        return draw(self.native.chart())

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, str], dict[str, Any]]:
        """Every form there is; the front end chooses."""
        return interactive.bundle(self.native)

    def __repr__(self) -> str:
        """The text, so that a terminal shows the plot."""
        return self.text()

    def __reduce__(self) -> tuple[Callable[[bytes], "Plot"], tuple[bytes]]:
        return _from_document, (self.native.file().encode(),)


def _from_document(document: bytes) -> Plot:
    return Plot(NativePlot.load(document))


def load_plot(file: StrPath) -> Plot:
    """The plot in a file that `--pickle`, or `save` with the suffix .json, wrote.

    Such a file holds numbers and texts only: nothing in it is executed, whoever wrote it.
    JumperError for anything else; pickles above all, as those execute what is in them.
    """
    path = plain_path(file)
    document = _read(path)
    if _is_pickle(document):
        raise JumperError(
            f"{quoted(path)} is a pickle and is not loaded, as loading one can execute anything; "
            "%perfmonitor_plot --pickle FILE writes a safe file now"
        )
    try:
        return _from_document(document)
    except JumperError as error:
        raise JumperError(f"cannot load {quoted(path)}: {error}") from None


def _read(path: str) -> bytes:
    if os.path.exists(path) and not os.path.isfile(path):
        raise JumperError(f"cannot load {quoted(path)}: it is not a file")
    try:
        with open(path, "rb") as opened:
            document = opened.read(_MOST_BYTES + 1)
    except OSError as error:
        raise JumperError(f"cannot load {quoted(path)}: {error.strerror or error}") from error
    if len(document) > _MOST_BYTES:
        raise JumperError(
            f"cannot load {quoted(path)}: it is larger than {_MOST_BYTES // 10**6} MB"
        )
    return document


def _is_pickle(document: bytes) -> bool:
    """Whether it begins as pickles do, or ends as all of them do."""
    return document.startswith(b"\x80") or (
        document.endswith(b".") and not document.lstrip().startswith(b"{")
    )
