# SPDX-License-Identifier: BSD-3-Clause
"""Processes as Python programs make them, and kernels that hide them: run in interpreters of
their own, against what the kernel of the operating system says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

TIMEOUT_S = 120

# Workers that compute while the parent is sampled a hundred times a second; each tells what it
# used, and which threads it has.
POOL = """
import json, multiprocessing, os, resource, sys, time
from jumper_extension import Monitor

def threads():
    return [open(f"/proc/self/task/{name}/comm").read().strip()
            for name in os.listdir("/proc/self/task")]

def work(number):
    end = time.process_time() + 0.05
    while time.process_time() < end:
        pass
    return threads()

def used():
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)

if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    with Monitor(0.01, budget=0) as monitor:
        time.sleep(0.05)
        sampling = "jumper-sampler" in threads()
        with monitor.cell("pool"):
            before = used()
            with context.Pool(4) as pool:
                found = pool.map(work, range(12))
                pool.close()
                pool.join()
            # What the kernel books on this process for being measured is no work of its own.
            truth = used() - before - monitor.native.stats()["cpu_seconds"]
        still_sampling = "jumper-sampler" in threads()
    print(json.dumps({
        "truth": truth,
        "found": float(monitor.cells()["cpu_seconds"].iloc[-1]),
        "threads": sorted({name for names in found for name in names}),
        "sampling": sampling and still_sampling,
    }))
"""

# 4,096 threads that wait, and one that works.
THREADS = """
import json, os, threading, time
from jumper_extension import Monitor

threading.stack_size(65536)
end = threading.Event()
threads = []
try:
    for _ in range(4096):
        threads.append(threading.Thread(target=end.wait, daemon=True))
        threads[-1].start()
except RuntimeError:
    threads.pop()
with Monitor(0.05) as monitor:
    with monitor.cell("work"):
        before = time.thread_time()
        while time.thread_time() < before + 0.3:
            pass
        truth = time.thread_time() - before
    samples = len(monitor.perfdata())
print(json.dumps({"threads": len(threads), "truth": truth, "samples": samples,
                  "found": float(monitor.cells()["cpu_seconds"].iloc[-1])}), flush=True)
os._exit(0)  # to wake them all takes Python minutes
"""

# As a user whom /proc shows nobody else.
HIDDEN = """
import json, os, time
import pandas, resource  # the other user may not be let into the folder that they are in
from jumper_extension import Monitor

os.setgroups([])
os.setgid(65534)
os.setuid(65534)
with Monitor(0.05) as monitor:
    with monitor.cell("work"):
        child = os.fork()
        if child == 0:
            while time.process_time() < 0.3:
                pass
            os._exit(0)
        _, _, usage = os.wait4(child, 0)
shown = [name for name in os.listdir("/proc") if name.isdigit()]
print(json.dumps({"shown": len(shown), "user": os.getuid(),
                  "truth": usage.ru_utime + usage.ru_stime,
                  "found": float(monitor.cells()["cpu_seconds"].iloc[-1]),
                  "user_processes": float(monitor.perfdata("user")["processes"].max())}))
"""


# More memory than is looked through for shared pages, in two processes.
TOO_LARGE = """
import json, os, time
from jumper_extension import Monitor

block = b"x" * (600 * 2**20)
with Monitor(0.05, budget=0) as monitor:
    with monitor.cell("work"):
        child = os.fork()
        if child == 0:
            time.sleep(0.4)
            os._exit(0)
        time.sleep(0.3)
        text = monitor.report().text()
    os.waitpid(child, 0)
print(json.dumps({"report": text}))
"""


def run(folder: Path, source: str, *arguments: str, under: tuple[str, ...] = ()) -> dict[str, Any]:
    """What a program in an interpreter of its own has to tell."""
    program = folder / "program.py"
    program.write_text(source, encoding="utf-8")
    ran = subprocess.run(
        [*under, sys.executable, str(program), *arguments],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    answer: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return answer


@pytest.mark.parametrize("how", ["fork", "forkserver", "spawn"])
def test_workers_of_multiprocessing_count_in_full(how: str, tmp_path: Path) -> None:
    told = run(tmp_path, POOL, how)
    assert told["sampling"]  # the parent is not lost
    assert "jumper-sampler" not in told["threads"]
    # A fork server outlives the pool: what it and its workers used is not among what the parent
    # waited for, and is found all the same.
    assert told["found"] >= 0.95 * max(told["truth"], 12 * 0.05)
    if how != "forkserver":
        assert told["found"] <= 1.05 * told["truth"] + 0.05


def test_thousands_of_threads_are_one_process(tmp_path: Path) -> None:
    told = run(tmp_path, THREADS)
    if told["threads"] < 4096:
        pytest.skip(f"only {told['threads']} threads can be had here")
    assert told["samples"] > 0
    assert told["found"] == pytest.approx(told["truth"], rel=0.1, abs=0.02)


def can_hide_processes() -> bool:
    return os.getuid() == 0 and bool(shutil.which("unshare")) and bool(shutil.which("mount"))


@pytest.mark.skipif(not can_hide_processes(), reason="only root can mount a /proc that hides")
def test_a_proc_that_hides_other_users(tmp_path: Path) -> None:
    # The shell that stays is root's: a process that the program's own user is not shown.
    shell = 'mount -t proc -o hidepid=2 proc /proc && "$@"; exit $?'
    under = ("unshare", "--mount", "--pid", "--fork", "--", "sh", "-c", shell, "sh")
    told = run(tmp_path, HIDDEN, under=under)
    assert (told["user"], told["shown"]) == (65534, 1)
    assert told["found"] == pytest.approx(told["truth"], rel=0.1, abs=0.02)
    assert 1 <= told["user_processes"] <= 2


def test_the_report_says_whose_shared_pages_were_not_looked_for(tmp_path: Path) -> None:
    told = run(tmp_path, TOO_LARGE)
    note = "memory: shared pages of 2 processes, too large to be looked at"
    assert note in told["report"]
