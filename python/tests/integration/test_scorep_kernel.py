# SPDX-License-Identifier: BSD-3-Clause
"""The Score-P kernel from PyPI, with a package in Score-P's place that only runs the script."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Kernel

# Like the real one, it starts itself anew before it runs the script.
STUB_MAIN = """
import os, runpy, sys
if "SCOREP_STUB_RESTARTED" not in os.environ:
    os.environ["SCOREP_STUB_RESTARTED"] = "1"
    os.execve(sys.executable, [sys.executable, "-m", "scorep", *sys.argv[1:]], os.environ)
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""

INSTRUMENTED = """%%execute_with_scorep
import time
while time.process_time() < 1.5: pass
used_by_the_child = time.process_time()"""

# Leaves nothing behind that could not be pickled: the kernel hands all variables to the child.
USED = """
import resource
usage = resource.getrusage(resource.RUSAGE_SELF)
print(usage.ru_utime + usage.ru_stime)
"""


@pytest.fixture(scope="module")
def scorep_kernel(
    start_kernel: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kernel]:
    """A Score-P kernel with the extension loaded."""
    folder = tmp_path_factory.mktemp("scorep")
    package = folder / "packages" / "scorep"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text(STUB_MAIN)
    command = folder / "bin" / "scorep"
    command.parent.mkdir()
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    environment = {
        "PYTHONPATH": str(package.parent),
        "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
        "SCOREP_EXPERIMENT_DIRECTORY": str(folder / "experiment"),
    }
    with start_kernel(["-m", "scorep_jupyter.kernel"], **environment) as kernel:
        loaded = kernel("%load_ext jumper_extension")
        assert loaded.status == "ok", loaded.messages
        yield kernel


def test_instrumented_cell_is_one_cell_with_its_childs_work(scorep_kernel: Kernel) -> None:
    kernel = scorep_kernel
    kernel("%perfmonitor_start")
    before = json.loads(kernel(USED).text)
    done = kernel(INSTRUMENTED)
    assert done.status == "ok", done.messages
    after = json.loads(kernel(USED).text)
    child = json.loads(kernel("print(used_by_the_child)").text)
    assert child >= 1.5
    history = kernel.history()
    assert [cell["raw_cell"] for cell in history] == [
        "%perfmonitor_start",
        USED,
        INSTRUMENTED,
        USED,
        "print(used_by_the_child)",
    ]
    assert [cell["status"] for cell in history] == ["ok"] * 5
    cost = history[2]["cpu_seconds"]
    assert cost >= child
    # What the child does after it looked at its clock is not in `child`.
    assert cost == pytest.approx(child + after - before, abs=0.15)


def test_reports_in_the_scorep_kernel(scorep_kernel: Kernel) -> None:
    kernel = scorep_kernel
    kernel("%perfmonitor_enable_perfreports")
    done = kernel(INSTRUMENTED)
    reports = [data for data in done.displays if "Performance Report" in data["text/plain"]]
    assert len(reports) == 1
    assert "scorep" in Path(kernel.manager.kernel_spec.argv[2]).name
    kernel("%perfmonitor_disable_perfreports")
    assert kernel("%perfmonitor_stop").text.startswith("[JUmPER]: Monitoring stopped")
