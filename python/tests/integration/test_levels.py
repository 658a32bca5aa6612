# SPDX-License-Identifier: BSD-3-Clause
"""The levels that only some processes have: a real control group, in a real kernel."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from memory_group import MemoryGroup, NoMemoryGroupError, memory_group

if TYPE_CHECKING:
    from conftest import Kernel

MB = 2**20
LIMIT_MB = 400
HELD_MB, WRITTEN_MB, BURNT_S = 100, 40, 0.5

LOAD = f"""
import os, subprocess, sys, time
held = b"x" * ({HELD_MB} * 2**20)
with open({{file!r}}, "wb") as file:
    file.write(held[: {WRITTEN_MB} * 2**20])
    file.flush()
    os.fsync(file.fileno())
burn = "import time\\nwhile time.process_time() < {BURNT_S}: pass"
subprocess.run([sys.executable, "-c", burn], check=True)
time.sleep(0.3)
"""


@pytest.fixture
def group() -> Iterator[MemoryGroup]:
    """A group with the limit."""
    try:
        with memory_group(LIMIT_MB * MB) as group:
            yield group
    except NoMemoryGroupError as error:
        pytest.skip(str(error))


@pytest.fixture
def inside(start_kernel: Callable[..., Any], group: MemoryGroup) -> Iterator[Kernel]:
    """A kernel in a group below that one, which has no limit of its own."""
    enter = f"import os; open({str(group.procs)!r}, 'w').write(str(os.getpid()))"
    launch = "import runpy; runpy.run_module('ipykernel_launcher', run_name='__main__')"
    with start_kernel(["-c", f"{enter}; {launch}"]) as kernel:
        assert kernel("%load_ext jumper_extension").status == "ok"
        yield kernel


@pytest.mark.timeout(180)
def test_a_container_is_counted_as_a_whole(inside: Kernel, tmp_path: Path) -> None:
    """Memory without files, files apart, CPU time and I/O of all in it, and its limit."""
    inside("%perfmonitor_start 0.1 --budget 0")
    done = inside(LOAD.replace("{file!r}", repr(str(tmp_path / "written"))))
    assert done.status == "ok", done.messages
    shown = inside("%perfmonitor_perfreport --cell -1 --level container --text").text
    assert "level container" in shown
    assert "File cache" in shown
    told = inside(
        "import json; _n = get_ipython()._jumper_extension.service.monitor.native\n"
        "_r = json.loads(_n.report((1, 1), 'container').json())\n"
        "print(json.dumps([_n.levels(), _r]))"
    )
    levels, report = json.loads(told.text)
    assert levels == ["process", "user", "system", "container"]
    assert report["memory_limit_bytes"] == LIMIT_MB * MB
    assert HELD_MB * MB < report["memory_bytes"]["maximum"] < LIMIT_MB * MB
    assert report["group"]["file_cache_bytes"]["maximum"] >= WRITTEN_MB * MB
    assert report["cpu_seconds"] >= BURNT_S
    assert report["io_write_bytes"] >= WRITTEN_MB * MB
    assert report["processes_max"] >= 2


@pytest.mark.timeout(180)
def test_its_columns_travel(inside: Kernel, tmp_path: Path) -> None:
    """Tables, plots and whole sessions have the level, and so has what reads them again."""
    inside("%perfmonitor_start 0.1")
    assert inside("import time; held = bytes(20 * 2**20); time.sleep(0.5)").status == "ok"
    inside(f"%export_session {tmp_path}/session.zip")
    done = inside(
        "from jumper_extension import load_session\n"
        f"_s = load_session('{tmp_path}/session.zip')\n"
        "_d = _s.perfdata('container')\n"
        "print(_s.native.levels(), sorted(_d.columns), _d['memory'].max() > 0.02)\n"
        "print(_s.report(level='container').text())"
    )
    assert done.status == "ok", done.messages
    assert "'container'" in done.text
    for column in ("memory_file_cache", "memory_highest", "processes", "cpu_util_avg"):
        assert f"'{column}'" in done.text
    assert "True" in done.text
    assert f"{LIMIT_MB / 1024:.2f}" in done.text


def test_a_level_that_is_not_there_says_why(start_kernel: Callable[..., Any]) -> None:
    """One line, and what would be right."""
    with start_kernel() as kernel:
        kernel("%load_ext jumper_extension")
        kernel("%perfmonitor_start")
        shown = kernel("%perfmonitor_perfreport --level slurm")
        assert shown.status == "ok"
        text = shown.text or str(shown.messages)
        assert "only inside a Slurm job" in text
        assert "choose process, user" in text
