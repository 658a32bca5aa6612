# SPDX-License-Identifier: BSD-3-Clause
"""%perfmonitor_plot: all there is, to explore; or certain metrics, and in files."""

import os
from collections.abc import Sequence

from jumper_extension.display import interactive
from jumper_extension.display.output import Output
from jumper_extension.display.panels import choose
from jumper_extension.loading import plain_path
from jumper_extension.native import NativeMonitor, NativeSession, write_file
from jumper_extension.nodes import ALL_NODES, asked, level_of
from jumper_extension.plot import Plot, StrPath


def make(
    native: NativeMonitor | NativeSession,
    *,
    metrics: str | Sequence[str] | None,
    cell_range: str | tuple[int, int] | None,
    level: str | None,
    node: str | None = None,
    exact: bool = False,
) -> Plot:
    """A plot of all levels and cells, `level` and `cell_range` first; of `node` or all nodes.

    With metrics, or if it is to be `exact`: of just that level, those cells and metrics.
    JumperError for an unknown metric, level or range, and where nothing was ever measured.
    """
    if node == ALL_NODES:
        plot = native.nodes_plot(cell_range, level)
    else:
        answers = asked(native, node)
        plot = answers.plot(cell_range, level_of(answers, level))
    if metrics is None and not exact:
        return Plot(plot)
    return Plot(plot.select([] if metrics is None else choose(metrics)))


def show(
    native: NativeMonitor | NativeSession,
    output: Output,
    *,
    metrics: str | Sequence[str] | None,
    cell_range: str | tuple[int, int] | None,
    level: str | None,
    node: str | None = None,
    save: StrPath | None = None,
    save_jpeg: StrPath | None = None,
    pickle_file: StrPath | None = None,
) -> None:
    """Show the plot, after writing it to the files that were asked for.

    JumperError as for `make`, and for a file that cannot be written; then nothing is shown.
    """
    files = (save, save_jpeg, pickle_file)
    exact = any(file is not None for file in files)
    plot = make(native, metrics=metrics, cell_range=cell_range, level=level, node=node, exact=exact)
    if save is not None:
        output.say(f"Plot written to {plot.save(save)}")
    if save_jpeg is not None:
        output.say(
            f"Plot written to {plot.save(_with_suffix(save_jpeg, '.jpg', ('.jpg', '.jpeg')))}"
        )
    if pickle_file is not None:
        path = _with_suffix(pickle_file, ".json")
        write_file(path, plot.native.file().encode())
        output.say(
            f"Plot written to {path} (JSON, not a pickle): "
            f"jumper_extension.load_plot({path!r}) reads it"
        )
    if output.rich:
        output.bundle(*interactive.bundle(plot.native))
    elif not exact:
        output.text(plot.text())


def _with_suffix(file: StrPath, suffix: str, known: Sequence[str] = ()) -> str:
    """The path; with the suffix, if it has none, or none of those that are known."""
    path = plain_path(file)
    own = os.path.splitext(path)[1].lower()
    if own in known or (own and not known) or os.path.isdir(path) or path.endswith(os.sep):
        return path
    return path + suffix
