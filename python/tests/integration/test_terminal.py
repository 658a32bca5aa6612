# SPDX-License-Identifier: BSD-3-Clause
"""IPython in a process of its own, fed through its standard input."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

COMMAND = [
    "-m",
    "IPython",
    "--simple-prompt",
    "--no-banner",
    "--no-confirm-exit",
    "--colors=nocolor",
]
Run = Callable[..., list[str]]


@pytest.fixture
def ipython(tmp_path: Path) -> Run:
    """Types lines into a fresh IPython; gives what was printed, input by input."""

    def run(*lines: str) -> list[str]:
        environment = os.environ | {"IPYTHONDIR": str(tmp_path / "ipython"), "TERM": "dumb"}
        done = subprocess.run(
            [sys.executable, *COMMAND],
            input="\n".join(("%load_ext jumper_extension", *lines, "exit()", "")),
            text=True,
            capture_output=True,
            timeout=120,
            cwd=tmp_path,
            env=environment,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return re.split(r"\nIn \[\d+\]: ", done.stdout)[1:-1]

    return run


def test_the_quick_start(ipython: Run, tmp_path: Path) -> None:
    loaded, started, work, report, history, stopped, *exported = ipython(
        "%perfmonitor_start 0.1",
        "sum(range(1000))",
        "%perfmonitor_perfreport",
        "%cell_history",
        "%perfmonitor_stop",
        "%perfmonitor_export_perfdata my_performance.csv --level system",
        "%perfmonitor_export_cell_history my_cells.json",
    )[:8]
    for line in (loaded, started, stopped, *exported):
        assert line.startswith("[JUmPER]: ")
        assert "\n" not in line.strip()
    assert "499500" in work
    assert report.splitlines()[1] == "Performance Report"
    assert "sum(range(1000))" in history
    assert (tmp_path / "my_performance.csv").stat().st_size > 0
    assert (tmp_path / "my_cells.json").stat().st_size > 0


def test_reports_follow_cells_as_text(ipython: Run) -> None:
    _, _, value, failure, interrupted, blank, *_ = ipython(
        "%perfmonitor_enable_perfreports",
        "'the value'",
        "1/0",
        "import signal; signal.raise_signal(signal.SIGINT)",
        "   ",
        "%perfmonitor_stop",
    )
    for printed in (value, failure, interrupted):
        assert printed.count("Performance Report") == 1
    assert value.index("the value") < value.index("Performance Report")
    assert "ZeroDivisionError" in failure
    assert "KeyboardInterrupt" in interrupted
    assert "Performance Report" not in blank


def test_statuses(ipython: Run) -> None:
    *_, statuses = ipython(
        "x = 1",
        "1/0",
        "import signal; signal.raise_signal(signal.SIGINT)",
        "%perfmonitor_export_cell_history",
        "list(cell_history_df.status)",
    )
    assert "['ok', 'error', 'interrupted']" in statuses


def test_leaving_while_the_monitor_runs(ipython: Run) -> None:
    """No crash, nothing on standard error: the fixture looks at both."""
    assert len(ipython("%perfmonitor_start 0.05", "%perfmonitor_enable_perfreports")) == 3


def test_unload_and_load_again(ipython: Run) -> None:
    printed = ipython(
        "%perfmonitor_fast_setup",
        "%unload_ext jumper_extension",
        "x = 1",
        "'perfmonitor_stop' in get_ipython().magics_manager.magics['line']",
        "%load_ext jumper_extension",
        "%load_ext jumper_extension",
        "%perfmonitor_fast_setup",
        "y = 1",
        "%cell_history",
    )
    assert "Performance Report" not in printed[3]
    assert "False" in printed[4]
    assert printed[5].startswith("[JUmPER]: loaded")
    assert "already loaded" in printed[6]
    assert printed[8].count("Performance Report") == 1
    assert "y = 1" in printed[9]
    assert "x = 1" not in printed[9]


def test_forked_child_is_quiet(ipython: Run) -> None:
    *_, forked, after, stopped = ipython(
        "%perfmonitor_fast_setup",
        "import os; pid = os.fork(); pid or os._exit(3); os.waitpid(pid, 0)[1] >> 8",
        "x = 1",
        "%perfmonitor_stop",
    )
    assert forked.count("Performance Report") == 1
    assert ": 3" in forked
    assert after.count("Performance Report") == 1
    assert stopped.startswith("[JUmPER]: Monitoring stopped")
