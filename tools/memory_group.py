# SPDX-License-Identifier: BSD-3-Clause
"""A control group with a memory limit, made for a test or a measurement and removed again."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_MOUNT = Path("/sys/fs/cgroup")


class NoMemoryGroupError(Exception):
    """There can be none on this machine, or for this user; says why."""


class MemoryGroup:
    """Processes in it may use so many bytes together."""

    def __init__(self, folder: Path, version: int) -> None:
        """Wrap a group that was made."""
        self.folder = folder
        self.version = version

    @property
    def procs(self) -> Path:
        """Who writes a pid there puts that process in."""
        return self.folder / "cgroup.procs"

    def limit(self, limit_bytes: int) -> None:
        """Set or change the limit."""
        name = "memory.limit_in_bytes" if self.version == 1 else "memory.max"
        (self.folder / name).write_text(str(limit_bytes))

    def used_bytes(self) -> int:
        """What is in use, pages of files included."""
        name = "memory.usage_in_bytes" if self.version == 1 else "memory.current"
        return int((self.folder / name).read_text())

    def peak_bytes(self) -> int:
        """The most that was in use, pages of files included."""
        name = "memory.max_usage_in_bytes" if self.version == 1 else "memory.peak"
        return int((self.folder / name).read_text())

    def oom_kills(self) -> int:
        """How many processes the kernel killed in it."""
        name = "memory.oom_control" if self.version == 1 else "memory.events"
        lines = (line.split() for line in (self.folder / name).read_text().splitlines())
        return next(int(number) for key, number in lines if key == "oom_kill")

    def command(self, *arguments: str) -> list[str]:
        """A command line that runs the command in the group."""
        script = f'echo $$ > {self.procs} && exec "$@"'
        return ["sh", "-c", script, "sh", *arguments]


def _made(name: str) -> MemoryGroup:
    lines = Path("/proc/self/cgroup").read_text().splitlines()
    groups = [line.split(":", 2) for line in lines]
    own = next((path for _, names, path in groups if "memory" in names.split(",")), None)
    if own is not None:
        version, folders = 1, [_MOUNT / "memory" / own.lstrip("/"), _MOUNT / "memory"]
    else:
        path = next((path for _, names, path in groups if not names), "/")
        version, folders = 2, [_MOUNT / path.lstrip("/"), _MOUNT]
    reason = "no control group of this process has memory limits"
    for folder in folders:
        made = folder / name
        try:
            made.mkdir()
        except OSError as error:
            reason = f"cannot make a control group in {folder}: {error.strerror}"
            continue
        if version == 1 or (made / "memory.max").exists():
            return MemoryGroup(made, version)
        made.rmdir()
        reason = f"groups in {folder} have no memory limits of their own"
    raise NoMemoryGroupError(reason)


@contextmanager
def memory_group(limit_bytes: int) -> Iterator[MemoryGroup]:
    """Make one, or NoMemoryGroupError. At the end, who is in it is ended."""
    group = _made(f"jumper-test-{os.getpid()}-{time.monotonic_ns()}")
    try:
        try:
            group.limit(limit_bytes)
            group.oom_kills()
        except (OSError, StopIteration) as error:
            raise NoMemoryGroupError(f"cannot set a memory limit here: {error}") from error
        yield group
    finally:
        for _ in range(500):
            with suppress(OSError):
                group.folder.rmdir()
                break
            for pid in group.procs.read_text().split():
                with suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            time.sleep(0.01)
