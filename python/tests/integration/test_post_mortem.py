# SPDX-License-Identifier: BSD-3-Clause
"""Kernels that die in every way there is, and what the next one says about it."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Kernel
TIMEOUT_S = 60
READY = "print('ready', flush=True)"


class Notebook:
    """A notebook whose kernels keep their journals in a folder of the test's."""

    def __init__(self, start_kernel: Callable[..., Any], folder: Path, name: str) -> None:
        self._start = start_kernel
        self.folder = folder
        self._environment = {"JUMPER_DIR": str(folder), "JPY_SESSION_NAME": name}

    @contextmanager
    def kernel(self) -> Iterator[Kernel]:
        """A kernel that is monitored."""
        with self._start(**self._environment) as kernel:
            kernel("%load_ext jumper_extension")
            started = kernel("%perfmonitor_start 0.1")
            assert "Monitoring started" in started.text
            yield kernel

    @contextmanager
    def fresh(self) -> Iterator[Kernel]:
        """A kernel in which the extension is loaded."""
        with self._start(**self._environment) as kernel:
            kernel("%load_ext jumper_extension")
            yield kernel

    def told(self) -> list[str]:
        """What the next kernel says when the extension is loaded, besides that it is."""
        with self._start(**self._environment) as kernel:
            lines = kernel("%load_ext jumper_extension").text.splitlines()
        assert all(line.startswith("[JUmPER]: ") for line in lines), lines
        assert "loaded." in lines[0]
        return [line.removeprefix("[JUmPER]: ") for line in lines[1:]]

    def journals(self) -> list[Path]:
        return sorted((self.folder / "sessions").glob("*.journal"))


@pytest.fixture
def notebook(start_kernel: Callable[..., Any], tmp_path: Path) -> Notebook:
    return Notebook(start_kernel, tmp_path / "jumper", "/home/me/analysis.ipynb")


def run_until_ready(kernel: Kernel, body: str) -> None:
    """Execute a cell, and return when it runs."""
    request = kernel.client.execute(f"{READY}\n{body}")
    for message in kernel.stream(request):
        if message["msg_type"] == "stream":
            return
    raise AssertionError("the cell ended before it was ready")


def pid_of(kernel: Kernel) -> int:
    return kernel.manager.provisioner.process.pid


def status_of(kernel: Kernel) -> int:
    """Wait for the kernel's death; its exit status, negative for a signal."""
    return kernel.manager.provisioner.process.wait(TIMEOUT_S)


def test_sigkill(notebook: Notebook) -> None:
    with notebook.kernel() as kernel:
        kernel("x = 1")
        run_until_ready(kernel, "while True: pass")
        os.kill(pid_of(kernel), signal.SIGKILL)
        assert status_of(kernel) == -signal.SIGKILL
    when, memory, cause, hint = notebook.told()
    assert re.fullmatch(
        r"The last session of this notebook died at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d, [\d.]+ [mu]?s "
        r"into cell 2: print\('ready', flush=True\)",
        when,
    )
    assert re.match(r"Memory at the end: [\d.]+ MB of [\d.]+ [GM]B \(.+\)", memory)
    assert re.search(r"Largest processes: \S+ \(pid \d+\) [\d.]+ MB", memory)
    assert cause.startswith("Cause: unknown: nothing was written about it. SIGKILL")
    assert hint == "%perfmonitor_recover loads what was measured until then."


def test_segmentation_fault(notebook: Notebook) -> None:
    with notebook.kernel() as kernel:
        kernel.client.execute("import ctypes\nctypes.string_at(0)")
        assert status_of(kernel) == -signal.SIGSEGV
    when, _, cause, _ = notebook.told()
    assert "into cell 1: import ctypes" in when
    assert cause == "Cause: segmentation fault (SIGSEGV at address 0x0)."


def test_abort(notebook: Notebook) -> None:
    with notebook.kernel() as kernel:
        kernel.client.execute("import os; os.abort()")
        assert status_of(kernel) == -signal.SIGABRT
    assert "Cause: abort()" in notebook.told()[2]


def test_sigterm_names_its_sender(notebook: Notebook) -> None:
    with notebook.kernel() as kernel:
        run_until_ready(kernel, "while True: pass")
        os.kill(pid_of(kernel), signal.SIGTERM)
        assert status_of(kernel) == -signal.SIGTERM
    _, _, cause, _ = notebook.told()
    name = Path("/proc/self/comm").read_text().strip()
    assert cause.startswith(f"Cause: it was ended by SIGTERM, sent by {name} (pid {os.getpid()}, ")
    assert "its parent" in cause


def test_out_of_memory(
    start_kernel: Callable[..., Any], tmp_path: Path, memory_group: Path
) -> None:
    environment = {"JUMPER_DIR": str(tmp_path / "jumper"), "JPY_SESSION_NAME": "/home/me/big.ipynb"}
    with start_kernel(**environment) as kernel:
        (memory_group / "cgroup.procs").write_text(str(pid_of(kernel)))
        kernel("%load_ext jumper_extension")
        kernel("%perfmonitor_start 0.1")
        run_until_ready(
            kernel,
            "import time\nkept = []\n"
            "while True: kept.append(bytearray(b'x') * (4 << 20)); time.sleep(0.03)",
        )
        assert status_of(kernel) == -signal.SIGKILL
    when, memory, cause, _ = Notebook(
        start_kernel, tmp_path / "jumper", environment["JPY_SESSION_NAME"]
    ).told()
    assert "into cell 1: print('ready'" in when
    assert re.search(r"of 300\.0 MB \(cgroup .+\), rising by [\d.]+ MB/s", memory)
    assert cause.startswith(
        "Cause: out of memory: Linux killed it (oom_kill of its control group rose from 0 to 1"
    )


def test_a_clean_end_is_not_told(notebook: Notebook) -> None:
    with notebook.kernel() as kernel:
        kernel("x = 1")
        kernel.manager.shutdown_kernel()  # as a front end does it: it is asked to end
    assert notebook.told() == []


def test_a_stopped_session_is_not_told(notebook: Notebook) -> None:
    with notebook.kernel() as kernel:
        kernel("%perfmonitor_stop")
        os.kill(pid_of(kernel), signal.SIGKILL)
        status_of(kernel)
    assert notebook.told() == []


def test_two_kernels_at_once(start_kernel: Callable[..., Any], tmp_path: Path) -> None:
    folder = tmp_path / "jumper"
    one = Notebook(start_kernel, folder, "/home/me/one.ipynb")
    two = Notebook(start_kernel, folder, "/home/me/two.ipynb")
    with one.kernel() as first, two.kernel() as second:
        assert len(one.journals()) == 2
        # Neither has died, for a second kernel of the same notebook either.
        assert one.told() == []
        os.kill(pid_of(first), signal.SIGKILL)
        status_of(first)
        assert "Cause: unknown" in one.told()[2]
        assert two.told() == []
        assert second("x = 1").status == "ok"


def test_the_folder_tells_where_no_notebook_is_known(
    start_kernel: Callable[..., Any], tmp_path: Path
) -> None:
    with start_kernel(JUMPER_DIR=str(tmp_path / "jumper")) as kernel:
        kernel(f"%cd {tmp_path}")
        kernel("%load_ext jumper_extension")
        kernel("%perfmonitor_start 0.1")
        os.kill(pid_of(kernel), signal.SIGKILL)
        status_of(kernel)
    with start_kernel(JUMPER_DIR=str(tmp_path / "jumper")) as kernel:
        assert "died" not in kernel("%load_ext jumper_extension").text
        kernel("%unload_ext jumper_extension")
        kernel(f"%cd {tmp_path}")
        told = kernel("%load_ext jumper_extension").text
        assert "[JUmPER]: The last session in this folder died at" in told


def test_files_are_their_owners_alone(notebook: Notebook) -> None:
    with notebook.kernel():
        (journal,) = notebook.journals()
        assert stat.S_IMODE(journal.stat().st_mode) == 0o600
        assert stat.S_IMODE(journal.parent.stat().st_mode) == 0o700


# Where no journal can be written: monitoring goes on, and says so in one line.


def monitored_without_journal(start_kernel: Callable[..., Any], folder: Path) -> str:
    """Monitor in a kernel that cannot write there; the line that says so."""
    with start_kernel(JUMPER_DIR=str(folder)) as kernel:
        loaded = kernel("%load_ext jumper_extension").text.splitlines()
        assert len(loaded) == 1
        started = kernel("%perfmonitor_start 0.1").text.splitlines()
        assert kernel("x = sum(range(10**6))").text == ""
        assert "Performance Report" in kernel("%perfmonitor_perfreport --text").text
    assert "Monitoring started" in started[0]
    assert len(started) == 2
    assert started[1].startswith("[JUmPER]: ")
    return started[1]


def test_a_folder_open_to_others(start_kernel: Callable[..., Any], tmp_path: Path) -> None:
    sessions = tmp_path / "sessions"
    sessions.mkdir()
    sessions.chmod(0o755)
    assert "chmod 700" in monitored_without_journal(start_kernel, tmp_path)
    assert list(sessions.iterdir()) == []


def test_a_folder_that_is_a_file(start_kernel: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "jumper").write_text("mine")
    assert "Not a directory" in monitored_without_journal(start_kernel, tmp_path / "jumper")
    assert (tmp_path / "jumper").read_text() == "mine"


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    """A small file system in memory; skipped where none can be mounted."""
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_read_only_folder(start_kernel: Callable[..., Any], tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "size=1m,mode=700,ro"):
        line = monitored_without_journal(start_kernel, tmp_path / "disk")
    assert "Read-only file system" in line


def fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(b"x" * 4096)
        except OSError as error:
            assert error.errno == errno.ENOSPC  # noqa: PT017 (that it happens is what ends this)


def test_a_disk_that_becomes_full(start_kernel: Callable[..., Any], tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with mounted(disk, "size=1m,mode=700"), start_kernel(JUMPER_DIR=str(disk)) as kernel:
        kernel("%load_ext jumper_extension")
        assert len(kernel("%perfmonitor_start 0.05").text.splitlines()) == 1
        # WHEN somebody else fills it
        fill(disk)
        # THEN the next cell says so, once, whatever its source
        said = []
        for cell in ("'" + "x" * 9000 + "'", "y = 1", "z = 1"):
            said += kernel(cell).text.splitlines()
        assert len(said) == 1, said
        assert "No space left on device" in said[0]
        assert "Performance Report" in kernel("%perfmonitor_perfreport --text").text


def test_a_folder_that_vanishes(notebook: Notebook) -> None:
    with notebook.kernel() as kernel:
        (journal,) = notebook.journals()
        journal.unlink()
        journal.parent.rmdir()
        assert kernel("x = sum(range(10**6))").status == "ok"
        assert "Performance Report" in kernel("%perfmonitor_perfreport --text").text
    assert notebook.told() == []


# Nothing of it is inherited, and nobody else's handlers are lost.

MONITORED = """
import jumper_extension
from jumper_extension.journal import JournalSettings
monitor = jumper_extension.Monitor(0.1, journal=JournalSettings())
monitor.start()
assert monitor.native.journal_path, monitor.native.journal_problem
"""


def run_python(source: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *options, "-c", MONITORED + source],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def test_faulthandler_prints_its_traceback() -> None:
    crash = "import ctypes; ctypes.string_at(0)"
    for done in (
        run_python(crash, "-X", "faulthandler"),
        run_python(f"import faulthandler; faulthandler.enable()\n{crash}"),
    ):
        assert done.returncode == -signal.SIGSEGV
        assert "Fatal Python error: Segmentation fault" in done.stderr
        assert "string_at" in done.stderr


def test_workers_are_terminated_as_ever() -> None:
    done = run_python("""
import multiprocessing, time, subprocess, signal
for method in ("fork", "spawn", "forkserver"):
    if __name__ != "__main__": break
    worker = multiprocessing.get_context(method).Process(target=time.sleep, args=(60,))
    worker.start()
    time.sleep(0.3)
    worker.terminate()
    worker.join()
    assert worker.exitcode == -15, (method, worker.exitcode)
def signals(command):
    status = subprocess.run(command, capture_output=True, text=True).stdout
    return [line for line in status.splitlines() if line.startswith(("SigIgn", "SigBlk"))]
before = signals(["cat", "/proc/self/status"])
monitor.stop()
assert signals(["cat", "/proc/self/status"]) == before
sleeper = subprocess.Popen(["sleep", "60"])
monitor.start()
sleeper.terminate()
assert sleeper.wait() == -15
""")
    assert done.returncode == 0, done.stderr


def test_handlers_of_python_stay() -> None:
    done = run_python("""
import os, signal, sys
seen = []
signal.signal(signal.SIGTERM, lambda number, frame: seen.append(number))
os.kill(os.getpid(), signal.SIGTERM)
assert seen == [signal.SIGTERM]
monitor.stop()
os.kill(os.getpid(), signal.SIGTERM)
assert seen == [signal.SIGTERM] * 2
monitor.start()
os.kill(os.getpid(), signal.SIGTERM)
assert seen == [signal.SIGTERM] * 3
# A shell that puts a job into the background has it ignored.
assert signal.getsignal(signal.SIGQUIT) in (signal.SIG_DFL, signal.SIG_IGN)
sys.exit(7)
""")
    assert done.returncode == 7, done.stderr


# What was measured is there again.


def test_recover_loads_the_session_that_died(notebook: Notebook, tmp_path: Path) -> None:
    with notebook.kernel() as kernel:
        kernel("kept = bytearray(10**8)")
        run_until_ready(kernel, "while True: pass")
        os.kill(pid_of(kernel), signal.SIGKILL)
        status_of(kernel)
    (journal,) = notebook.journals()
    session_id = journal.stem
    with notebook.fresh() as kernel:
        lines = kernel("%perfmonitor_recover").text.splitlines()
        assert f"Session {session_id} died at" in lines[0]
        assert f"journal {journal}: 3 cells" in lines[3]
        report = kernel("%perfmonitor_perfreport --text").text
        assert "3 cells" in report
        assert kernel("%perfmonitor_plot").displays
        assert kernel("%cell_history").displays
        out = tmp_path / "cells.json"
        kernel(f"%perfmonitor_export_cell_history {out}")
        assert [cell["status"] for cell in json.loads(out.read_text())] == ["ok", "ok", "killed"]
        # By the beginning of its id as well, and not by one that nobody has.
        assert session_id in kernel(f"%perfmonitor_recover {session_id[:-2]}").text
        assert "no session begins with '1999'" in kernel("%perfmonitor_recover 1999").text
        (row,) = kernel("%perfmonitor_recover --list").text.splitlines()[1:]
        assert re.match(rf"{session_id}  died .*/home/me/analysis.ipynb", row)
        # Nothing of it is in the way of measuring.
        assert "Monitoring started" in kernel("%perfmonitor_start").text
        assert "running" in kernel("%perfmonitor_recover --list").text


def test_recover_where_there_is_nothing(notebook: Notebook) -> None:
    with notebook.fresh() as kernel:
        (line,) = kernel("%perfmonitor_recover").text.splitlines()
        assert line.startswith("[JUmPER]: there is no earlier session here")
        assert "no session was written down" in kernel("%perfmonitor_recover --list").text


def test_recover_a_session_that_is_damaged(notebook: Notebook) -> None:
    with notebook.kernel() as kernel:
        kernel("x = 1")
        os.kill(pid_of(kernel), signal.SIGKILL)
        status_of(kernel)
    (journal,) = notebook.journals()
    journal.write_bytes(b"\0" * 5000)
    with notebook.fresh() as kernel:
        assert "unreadable" in kernel("%perfmonitor_recover --list").text
        (line,) = kernel(f"%perfmonitor_recover {journal.stem}").text.splitlines()
        assert line.startswith("[JUmPER]: cannot read the journal ")
