# SPDX-License-Identifier: BSD-3-Clause
"""The native core under the names the package uses.

The core measures on Linux only. On another platform the package can be installed
without it; the names then come from `elsewhere`, whose monitor says so when started.
"""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING or sys.platform == "linux":
    from jumper_extension._core import Comparison as NativeComparison
    from jumper_extension._core import (
        JumperError,
        SampleTable,
        __version__,
        io_kind,
        last_death,
        post_mortem,
        python_strings,
        read_csv,
        stored_sessions,
        write_file,
    )
    from jumper_extension._core import Monitor as NativeMonitor
    from jumper_extension._core import Plot as NativePlot
    from jumper_extension._core import Report as NativeReport
    from jumper_extension._core import Session as NativeSession
    from jumper_extension._core import compare as compare_native
else:
    try:
        from jumper_extension._core import Comparison as NativeComparison
        from jumper_extension._core import (
            JumperError,
            SampleTable,
            __version__,
            io_kind,
            last_death,
            post_mortem,
            python_strings,
            read_csv,
            stored_sessions,
            write_file,
        )
        from jumper_extension._core import Monitor as NativeMonitor
        from jumper_extension._core import Plot as NativePlot
        from jumper_extension._core import Report as NativeReport
        from jumper_extension._core import Session as NativeSession
        from jumper_extension._core import compare as compare_native
    except ModuleNotFoundError:
        from jumper_extension.elsewhere import (
            JumperError,
            NativeComparison,
            NativeMonitor,
            NativePlot,
            NativeReport,
            NativeSession,
            SampleTable,
            __version__,
            compare_native,
            io_kind,
            last_death,
            post_mortem,
            python_strings,
            read_csv,
            stored_sessions,
            write_file,
        )


def _one_line(error: JumperError) -> list[str]:
    return [f"[JUmPER]: {error}"]


# IPython shows that instead of a traceback, which would tell nothing more.
JumperError._render_traceback_ = _one_line  # type: ignore[attr-defined]

__all__ = [
    "JumperError",
    "NativeComparison",
    "NativeMonitor",
    "NativePlot",
    "NativeReport",
    "NativeSession",
    "SampleTable",
    "__version__",
    "compare_native",
    "io_kind",
    "last_death",
    "post_mortem",
    "python_strings",
    "read_csv",
    "stored_sessions",
    "write_file",
]
