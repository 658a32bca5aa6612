# SPDX-License-Identifier: BSD-3-Clause
"""A /proc of our own: in a new pid namespace only the processes of the benchmark exist.

So the numbers of processes are exact, and a monitor that changes the priority of every process of
its user changes no one else's.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, NoReturn

from process_tree import all_pids

INSIDE = "JUMPER_BENCH_NAMESPACE"
PR_CAPBSET_DROP = 24
LAST_CAPABILITY = 63
# A user whom nothing that runs here belongs to, as a rule.
STRANGER = 65533


def namespace_command() -> tuple[list[str], str]:
    """What starts a command in a new pid namespace, and how; empty, and why not, without one."""
    if shutil.which("unshare") is None:
        return [], "there is no unshare(1)"
    command = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
    why = ""
    for more, how in [
        ([], "in a pid namespace of its own"),
        (["--user", "--map-root-user"], "in a pid and user namespace of its own"),
    ]:
        tried = subprocess.run(
            [*command, *more, "true"], check=False, capture_output=True, text=True
        )
        if tried.returncode == 0:
            return [*command, *more], how
        why = (tried.stderr.strip().splitlines() or ["unshare failed"])[-1]
    return [], why


def enter(script: str, arguments: Sequence[str], idle_processes: str, strangers: int) -> str:
    """Run the script again in a namespace, and do not return; or give the reason why not.

    Called inside, it tells how it was entered, as ``in ...``. There are then that many processes
    of another user, where we may start them: every machine has some that a scan of /proc meets.
    """
    if INSIDE not in os.environ:
        command, how = namespace_command()
        if not command:
            return f"on the shared /proc ({how})"
        done = subprocess.run(
            [*command, sys.executable, script, *arguments],
            check=False,
            env=os.environ | {INSIDE: how},
        )
        sys.exit(done.returncode)
    if os.getpid() == 1:
        # The strangers' parent must be a stranger: who follows a user's processes may follow all
        # their descendants. So they are the first process's, and so is what measures.
        keep_open = start_strangers(idle_processes, strangers)
        child = os.fork()
        if child != 0:
            be_init(child)
        for file in keep_open:
            file.close()
    return os.environ[INSIDE]


def start_strangers(idle_processes: str, count: int) -> list[IO[str]]:
    """Processes of another user, this one included; gives what keeps them alive while open."""
    if count < 2:  # noqa: PLR2004 - this one and their parent
        return []
    started = subprocess.Popen(
        [idle_processes, str(STRANGER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    if started.stdin is None or started.stdout is None:
        return []
    try:
        started.stdin.write(f"{count - 2}\n")
        started.stdin.flush()
        started.stdout.readline()
    except BrokenPipeError:
        return []  # we may not become another user
    return [started.stdin, started.stdout]


def be_init(child: int) -> NoReturn:
    """What the first process of a pid namespace does: wait for all that end, until `child` does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(OSError):  # where there is one user only
        os.setresgid(STRANGER, STRANGER, STRANGER)
        os.setresuid(STRANGER, STRANGER, STRANGER)
    while True:
        pid, status = os.wait()
        if pid == child:
            os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def count_strangers() -> int:
    """How many there are."""
    found = 0
    for pid in all_pids():
        with suppress(FileNotFoundError):
            found += os.stat(f"/proc/{pid}").st_uid == STRANGER
    return found


def is_private() -> bool:
    """Whether nobody else's processes are to be seen."""
    return INSIDE in os.environ


def drop_privileges() -> None:
    """In a child, before exec: gives up all capabilities, as the user of a notebook has none.

    Without the right to it (not root) there is nothing to give up.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in range(LAST_CAPABILITY + 1):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
