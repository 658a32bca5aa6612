# SPDX-License-Identifier: BSD-3-Clause
"""The memory forecast and the guard, in a real kernel within a control group with a real limit."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from memory_group import MemoryGroup, NoMemoryGroupError, memory_group

if TYPE_CHECKING:
    from conftest import Kernel

MB = 2**20
# With JUMPER_TEST_REAL_OOM=1, 100 MB/s into 2 GB; else less, which takes half as long.
REAL = bool(os.environ.get("JUMPER_TEST_REAL_OOM"))
LIMIT_MB, RATE_MB = (2048, 100) if REAL else (768, 60)
FORETOLD_S = 3

GROW = f"""
import json, time
from pathlib import Path
GROUP, LIMIT = {{group!r}}, {LIMIT_MB} * 2**20
native = get_ipython()._jumper_extension.service.monitor.native
def used():
    name = "memory.usage_in_bytes" if Path(GROUP, "memory.usage_in_bytes").exists() else "memory.current"
    return int(Path(GROUP, name).read_text())
def grow(until, step_mb=2, said=None):
    kept, begin = [], time.perf_counter()
    while used() < until:
        kept.append(b"x" * (step_mb * 2**20))
        if said is not None and native.memory_warning:
            said.append((time.perf_counter() - begin, native.memory_warning))
        time.sleep(max(len(kept) * step_mb / {RATE_MB} - (time.perf_counter() - begin), 0))
    return time.perf_counter() - begin
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
def limited(start_kernel: Callable[..., Any], group: MemoryGroup) -> Iterator[Kernel]:
    """A kernel in that group, the extension loaded."""
    enter = f"import os; open({str(group.procs)!r}, 'w').write(str(os.getpid()))"
    launch = "import runpy; runpy.run_module('ipykernel_launcher', run_name='__main__')"
    command = ["-c", f"{enter}; {launch}"]
    with start_kernel(command) as kernel:
        assert kernel("%load_ext jumper_extension").status == "ok"
        assert kernel(GROW.replace("{group!r}", repr(str(group.folder)))).status == "ok"
        assert used_mb(group) < LIMIT_MB / 2
        yield kernel


def used_mb(group: MemoryGroup) -> float:
    return group.used_bytes() / MB


@pytest.mark.timeout(300)
def test_the_limit_is_foretold(limited: Kernel) -> None:
    """Without the guard nothing is interrupted; the cell ends by itself shortly before the limit."""
    limited("%perfmonitor_start")
    done = limited(
        "said = []\ntook = grow(0.97 * LIMIT, said=said)\nprint(json.dumps([took, said]))"
    )
    assert done.status == "ok", done.messages
    took, said = json.loads(done.text)
    at, text = said[0]
    sys.stderr.write(f"foretold {took - at:.1f} s before 97 % of the limit: {text}\n")
    assert text.startswith("memory limit reached in about ")
    assert took - at >= FORETOLD_S
    assert "less than 1 s" in said[-1][1]
    # It is measured against the group's limit, and exported with the rest.
    limited("%perfmonitor_export_perfdata --name df")
    highest = float(limited("print(df['memory_against_limit_bytes'].max())").text)
    assert 0.9 * LIMIT_MB < highest / MB < 1.01 * LIMIT_MB


@pytest.mark.timeout(300)
def test_the_guard_interrupts_the_cell_and_the_session_survives(
    limited: Kernel, group: MemoryGroup
) -> None:
    limited("%perfmonitor_start --oom-guard")
    limited("precious = list(range(1000))")
    done = limited("grow(1e18)")
    assert done.status == "error"
    assert done.ename == "KeyboardInterrupt"
    [line] = [line for line in done.text.splitlines() if "--oom-guard" in line]
    sys.stderr.write(f"{line}\n")
    assert f"of {LIMIT_MB / 1024:.2f} GB" in line
    assert "of the memory limit were in use, growing by" in line
    assert limited("print(sum(precious))").text == "499500\n"
    assert group.oom_kills() == 0
    assert [cell["status"] for cell in limited.history()][-2:] == ["interrupted", "ok"]
    # And again: once per cell. What the cell before had is kept by its traceback.
    limited("import sys; sys.last_traceback = sys.last_value = sys.last_exc = None")
    again = limited("grow(1e18)")
    assert again.ename == "KeyboardInterrupt"
    assert again.text.count("--oom-guard") == 1


@pytest.mark.timeout(300)
def test_without_the_guard_the_kernel_is_killed(limited: Kernel, group: MemoryGroup) -> None:
    """That the limit is real: what the guard prevents."""
    limited("%perfmonitor_start")
    limited.client.execute("grow(1e18, step_mb=64)")
    limited.manager.provisioner.process.wait(timeout=120)  # type: ignore[union-attr]
    assert group.oom_kills() >= 1


@pytest.mark.timeout(300)
def test_a_cell_that_stays_below_is_left_alone(limited: Kernel) -> None:
    limited("%perfmonitor_start --oom-guard")
    for source in (
        "took = grow(0.75 * LIMIT)",
        "x = b'x' * (LIMIT // 2); del x",
        "y = [0] * 10**6",
    ):
        done = limited(source)
        assert done.status == "ok", done.messages
        assert "oom-guard" not in done.text
