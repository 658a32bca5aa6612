# SPDX-License-Identifier: BSD-3-Clause
"""Known loads against what the kernel of the operating system itself says of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Kernel

BOUND = 0.03
MB = 2**20
GB = 2**30

TWO_CHILDREN_BURN = """
import json, resource, subprocess, sys
def used():
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)
before = used()
burn = "import time\\nwhile time.process_time() < 1.0: pass"
children = [subprocess.Popen([sys.executable, "-S", "-c", burn]) for _ in range(2)]
for child in children:
    child.wait()
print(json.dumps({"cpu_seconds": used() - before}))
"""

ALLOCATES = """
import json, resource
def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()
before = resident()
block = bytearray(b"x") * (500 * 2**20)
print(json.dumps({"peak": resident(), "growth": resident() - before}))
"""

SPIKES = """
import json, resource
def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()
before = resident()
block = b"x" * (512 * 2**20)
peak = resident()
del block
print(json.dumps({"peak": peak, "kept": resident() - before}))
"""

# A C function called with the interpreter's lock held: no Python thread runs for 2 s.
HOLDS_THE_LOCK = """
import ctypes, json, threading, time
turns = []
def take_turns():
    while not stop:
        turns.append(time.perf_counter())
        time.sleep(0.01)
stop = False
thread = threading.Thread(target=take_turns)
thread.start()
begin = time.perf_counter()
ctypes.PyDLL(None).usleep(999_999)
ctypes.PyDLL(None).usleep(999_999)
end = time.perf_counter()
stop = True
thread.join()
print(json.dumps({"begin": begin, "end": end, "turns": sum(begin < turn < end for turn in turns)}))
"""

FORKS_SHORT_CHILDREN = """
import json, os, time
used = 0
for _ in range(500):
    child = os.fork()
    if child == 0:
        while time.process_time() < 0.005:
            pass
        os._exit(0)
    usage = os.wait4(child, 0)[2]
    used += usage.ru_utime + usage.ru_stime
print(json.dumps({"cpu_seconds": used}))
"""

WRITES = """
import json, os
def written():
    with open("/proc/self/io") as io:
        return int(dict(line.split(": ") for line in io)["write_bytes"])
before = written()
block = os.urandom(2**20)
with open("written.bin", "wb") as file:
    for _ in range(100):
        file.write(block)
    file.flush()
    os.fsync(file.fileno())
print(json.dumps({"written": written() - before}))
"""


@pytest.fixture
def cost(kernel: Kernel) -> Any:
    """Runs a cell under a monitor with the default interval: its cost and the truth it printed."""

    def run(source: str) -> tuple[dict[str, Any], dict[str, float]]:
        kernel("%perfmonitor_start")
        done = kernel(source)
        assert done.status == "ok", done.messages
        cell = kernel.history()[-1]
        assert cell["raw_cell"] == source
        return cell, json.loads(done.text)

    return run


def test_cpu_of_two_children(cost: Any, kernel: Kernel) -> None:
    cell, truth = cost(TWO_CHILDREN_BURN)
    assert truth["cpu_seconds"] > 2.0
    assert cell["cpu_seconds"] == pytest.approx(truth["cpu_seconds"], rel=BOUND)
    report = json.loads(kernel("%perfmonitor_perfreport --json --cell 1").text)
    assert report["cpu_seconds"] == pytest.approx(truth["cpu_seconds"], rel=BOUND)


def test_memory_of_a_large_block(cost: Any) -> None:
    cell, truth = cost(ALLOCATES)
    assert truth["growth"] > 499 * MB
    assert cell["memory_peak"] == pytest.approx(truth["peak"] / GB, rel=BOUND)
    assert cell["memory_retained"] == pytest.approx(truth["growth"] / GB, rel=BOUND)


def test_a_spike_between_two_samples(cost: Any) -> None:
    cell, truth = cost(SPIKES)
    assert truth["kept"] < 100 * MB
    assert cell["memory_peak"] == pytest.approx(truth["peak"] / GB, rel=0.01)


def test_short_children_are_found_at_any_interval(kernel: Kernel) -> None:
    kernel("%perfmonitor_start 30")
    truth = json.loads(kernel(FORKS_SHORT_CHILDREN).text)
    # The parent's own work to start them is in the cell as well.
    assert kernel.history()[-1]["cpu_seconds"] > 0.98 * truth["cpu_seconds"]
    assert truth["cpu_seconds"] > 2.4


def test_samples_go_on_while_a_cell_holds_the_interpreters_lock(kernel: Kernel) -> None:
    kernel("%perfmonitor_start 0.05")
    truth = json.loads(kernel(HOLDS_THE_LOCK).text)
    done = kernel(
        f"""
%perfmonitor_export_perfdata
inside = perfdata_df.time.between({truth["begin"]}, {truth["end"]}).sum()
import json; print(json.dumps(int(inside)))
"""
    )
    assert truth["turns"] < 10  # of 200: Python's own threads stood still
    # 40 at the interval; a busy machine may make some of them late, not most of them.
    assert json.loads(done.text.splitlines()[-1]) >= 30


def test_written_bytes(cost: Any) -> None:
    cell, truth = cost(WRITES)
    if truth["written"] < 100 * MB:
        pytest.skip("the folder for temporary files is not on a disk")
    assert cell["io_write_mb"] == pytest.approx(truth["written"] / MB, rel=BOUND)


def test_columns_add_up_to_the_cells(kernel: Kernel) -> None:
    """A cell cost what its samples grew by, counted from the sample at its start."""
    kernel("%perfmonitor_start 0.05")
    kernel("sum(i * i for i in range(3_000_000))")
    done = kernel(
        """
%perfmonitor_export_perfdata
%perfmonitor_export_cell_history
rows = perfdata_df[perfdata_df.cell_index == 1].index
growth = perfdata_df.cpu_seconds[rows[-1]] - perfdata_df.cpu_seconds[rows[0] - 1]
import json; print(json.dumps([float(growth), float(cell_history_df.cpu_seconds[1])]))
"""
    )
    growth, cost = json.loads(done.text.splitlines()[-1])
    assert cost > 0.05
    assert growth == pytest.approx(cost, rel=BOUND)
