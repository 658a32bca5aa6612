# SPDX-License-Identifier: BSD-3-Clause
"""%perfmonitor_plot: metrics over time as a picture in the notebook, or in a JPEG file."""

import os
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from jumper_extension.display import interactive, plot_data
from jumper_extension.display.output import Output
from jumper_extension.display.panels import choose
from jumper_extension.loading import plain_path
from jumper_extension.mistakes import quoted
from jumper_extension.native import JumperError, NativeMonitor

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SCREEN_DPI = 144
_CSS_PIXELS_PER_INCH = 96
_FILE_DPI = 200
# The picture beside an interactive plot travels twice: it has to be small, however busy it is.
_INLINE_BYTES = 22_000
_INLINE_FORMS = ((110, 48), (96, 16), (80, 8))  # dots per inch, colours


def show(
    native: NativeMonitor,
    output: Output,
    *,
    metrics: str | Sequence[str] | None,
    cell_range: str | tuple[int, int] | None,
    level: str,
    save_jpeg: str | os.PathLike[str] | None,
) -> None:
    """Show the interactive plot; with metrics or a file, draw just those, show or save them.

    JumperError for an unknown metric, level or range, for a file that cannot be written,
    and where there is nothing to draw or no place to show it.
    """
    if metrics is None and save_jpeg is None:
        interactive.show(
            native,
            output,
            cell_range=cell_range,
            level=level,
            picture=lambda: small_picture(native, cell_range, level),
        )
        return
    panels = choose(metrics)
    if save_jpeg is None and not output.rich:
        raise JumperError(
            "a terminal cannot show this; %perfmonitor_plot shows the plot as text, and "
            "--save-jpeg FILE writes it to a file"
        )
    data = plot_data.collect(native, cell_range, level)
    from jumper_extension.display.figure import draw  # with matplotlib: it takes its time

    figure = draw(panels, data)
    if save_jpeg is not None:
        output.say(f"Plot written to {_save(figure, plain_path(save_jpeg))}")
    if output.rich:
        picture = BytesIO()
        figure.savefig(picture, format="png", dpi=_SCREEN_DPI)
        width = round(figure.get_figwidth() * _CSS_PIXELS_PER_INCH)
        output.image(picture.getvalue(), width, f"<plot: {data.title}>")


def small_picture(
    native: NativeMonitor, cell_range: str | tuple[int, int] | None, level: str
) -> bytes | None:
    """The picture for where scripts do not run, in few colours and bytes."""
    try:
        from matplotlib.figure import Figure  # noqa: F401
        from PIL import Image
    except ImportError:
        return None
    from jumper_extension.display.figure import draw

    try:
        data = plot_data.collect(native, cell_range, level)
    except JumperError:  # the range has no samples: the plot says so
        return None
    figure = draw(choose(("cpu", "memory", "io")), data)
    small = BytesIO()
    for dpi, colours in _INLINE_FORMS:
        drawn, small = BytesIO(), BytesIO()
        figure.savefig(drawn, format="png", dpi=dpi)
        image = Image.open(drawn).convert("RGB").quantize(colours, dither=Image.Dither.NONE)
        image.save(small, format="png", optimize=True)
        if small.tell() <= _INLINE_BYTES:
            break
    return small.getvalue()


def _save(figure: "Figure", path: str) -> str:
    if not path.lower().endswith((".jpg", ".jpeg")):
        path += ".jpg"
    try:
        figure.savefig(path, format="jpeg", dpi=_FILE_DPI)
    except OSError as error:
        raise JumperError(f"cannot write {quoted(path)}: {error.strerror or error}") from error
    return path
