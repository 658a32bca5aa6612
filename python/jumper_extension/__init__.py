# SPDX-License-Identifier: BSD-3-Clause
"""JUmPER: what the cells of a notebook, or the parts of a script, cost.

In IPython or Jupyter::

    %load_ext jumper_extension
    %perfmonitor_help

In a script::

    from jumper_extension import Monitor

    with Monitor(interval=0.5) as monitor:
        work()
    print(monitor.report())

Importing starts nothing, writes nothing and configures no logging.
"""

from typing import TYPE_CHECKING

from jumper_extension.answers import ImportedSession, load_session
from jumper_extension.monitor import Monitor
from jumper_extension.native import JumperError, __version__
from jumper_extension.plot import Plot, load_plot

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = [
    "ImportedSession",
    "JumperError",
    "Monitor",
    "Plot",
    "__version__",
    "load_ipython_extension",
    "load_plot",
    "load_session",
    "unload_ipython_extension",
]


def load_ipython_extension(ipython: "InteractiveShell") -> None:
    """Register the magics and the marking of cells. Starts nothing."""
    from jumper_extension.extension import load

    load(ipython)


def unload_ipython_extension(ipython: "InteractiveShell") -> None:
    """Stop the monitor and take magics and hooks away again."""
    from jumper_extension.extension import unload

    unload(ipython)
