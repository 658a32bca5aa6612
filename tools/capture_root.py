#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Captures the files of /proc and /sys that our readers read, as data for their tests.

    tools/capture_root.py debian12-2cpu

writes core/testdata/debian12-2cpu/{proc,sys,machine.json}, which a ``KernelRoot`` can be opened on.
Bytes are the kernel's own, but for what would tell whose machine it was: names of control groups
and of network interfaces are replaced, and files that hold host names, user names, command lines
or environments are not in the lists below. An empty folder (``slaves`` of a disk) is made, though
git does not keep it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

Changer = Callable[[str], str]

PROC_FILES = [
    "stat",
    "meminfo",
    "loadavg",
    "diskstats",
    "vmstat",
    "uptime",
    "net/dev",
    "pressure/cpu",
    "pressure/io",
    "pressure/memory",
    "pressure/irq",
    "sys/kernel/ns_last_pid",
    "sys/kernel/pid_max",
]
PID_FILES = [
    "stat",
    "statm",
    "status",
    "io",
    "schedstat",
    "smaps_rollup",
    "cgroup",
    "mountinfo",
    "limits",
    "oom_score_adj",
]
TASK_FILES = ["children", "stat", "schedstat"]
SYS_FILES = [
    "devices/system/cpu/online",
    "devices/system/cpu/possible",
    "devices/system/cpu/present",
    "devices/system/node/online",
    "kernel/mm/transparent_hugepage/enabled",
]
BLOCK_FILES = [
    "dev",
    "size",
    "stat",
    "removable",
    "hidden",
    "partition",
    "start",
    "queue/rotational",
    "queue/logical_block_size",
    "queue/hw_sector_size",
]
CGROUP_FILES = [
    # version 2
    "cgroup.controllers",
    "cpu.stat",
    "cpu.max",
    "cpu.weight",
    "cpu.pressure",
    "cpuset.cpus.effective",
    "io.stat",
    "io.pressure",
    "memory.current",
    "memory.max",
    "memory.high",
    "memory.peak",
    "memory.stat",
    "memory.events",
    "memory.swap.current",
    "memory.swap.max",
    "memory.pressure",
    "pids.current",
    "pids.max",
    # version 1
    "cpu.cfs_quota_us",
    "cpu.cfs_period_us",
    "cpuacct.usage",
    "cpuacct.usage_percpu",
    "cpuacct.stat",
    "cpuset.cpus",
    "cpuset.effective_cpus",
    "memory.usage_in_bytes",
    "memory.max_usage_in_bytes",
    "memory.limit_in_bytes",
    "memory.memsw.limit_in_bytes",
    "memory.failcnt",
    "memory.oom_control",
    "blkio.throttle.io_service_bytes",
    "blkio.throttle.io_serviced",
]

# Parts of control-group paths that every machine of a kind has; all others are renamed.
COMMON_GROUP = re.compile(
    r"(?:system|user|machine|session|app|init|user-\d+|kubepods[\w-]*)\.(?:slice|scope)"
    r"|user@\d+\.service|session-\d+\.scope"
    r"|slurm(?:stepd)?(?:\.scope|\.service)?|uid_\d+|job_\d+|step_\w+|task_\w+|user|slurm"
    r"|docker|kubepods|lxc|init\.scope"
)
COMMON_INTERFACE = re.compile(
    r"(?:lo|(?:eth|wlan|ifb|bond|ib|tun|tap|docker|virbr)\d*|en[ops]\w{1,8})"
)


class Disguise:
    """Replaces names that could tell whose machine it was, the same name always alike."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], str] = {}

    def _stand_in(self, kind: str, name: str) -> str:
        known = [key for key in self._names if key[0] == kind]
        return self._names.setdefault((kind, name), f"{kind}{len(known) + 1}")

    def group_path(self, path: str) -> str:
        """A control group's path with its private parts renamed."""
        parts = path.split("/")
        return "/".join(
            part
            if part in {"", ".", ".."} or COMMON_GROUP.fullmatch(part)
            else self._stand_in("group", part)
            for part in parts
        )

    def cgroup(self, text: str) -> str:
        """The content of /proc/PID/cgroup."""
        lines = []
        for line in text.splitlines():
            hierarchy, controllers, path = line.split(":", 2)
            lines.append(f"{hierarchy}:{controllers}:{self.group_path(path)}\n")
        return "".join(lines)

    def mountinfo(self, text: str) -> str:
        """The content of /proc/PID/mountinfo: mounts of /proc, /sys and control groups only."""
        lines = []
        for line in text.splitlines():
            fields = line.split(" ")
            kind = fields[fields.index("-") + 1]
            if kind in {"cgroup", "cgroup2"}:
                fields[3] = self.group_path(fields[3])
            elif (
                kind not in {"proc", "sysfs"}
                or fields[3] != "/"
                or fields[4] not in {"/proc", "/sys"}
            ):
                continue
            lines.append(" ".join(fields) + "\n")
        return "".join(lines)

    def net_dev(self, text: str) -> str:
        """The content of /proc/net/dev; names stay right-aligned."""

        def rename(match: re.Match[str]) -> str:
            name = match["name"]
            if COMMON_INTERFACE.fullmatch(name):
                return match.group()
            stand_in = self._stand_in("net", name)
            return f"{stand_in:>{len(match['space']) + len(name)}}:"

        return re.sub(r"^(?P<space> *)(?P<name>[^\s:|]+):", rename, text, flags=re.MULTILINE)


class Capture:
    """Copies single files of one /proc and /sys into a folder."""

    def __init__(self, proc: Path, sys_root: Path, target: Path) -> None:
        self._proc = proc
        self._sys = sys_root
        self._target = target
        self._disguise = Disguise()

    def run(self, pid: int) -> int:
        """Captures everything; gives the number of files written."""
        for name in PROC_FILES:
            change = self._disguise.net_dev if name == "net/dev" else None
            self._copy(self._proc / name, f"proc/{name}", change)
        self._process(pid)
        for name in SYS_FILES:
            self._copy(self._sys / name, f"sys/{name}")
        self._block_devices()
        self._control_groups(pid)
        return sum(path.is_file() and not path.is_symlink() for path in self._target.rglob("*"))

    def _write(self, name: str, text: str) -> None:
        path = self._target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="surrogateescape", newline="")

    def _read(self, path: Path) -> str | None:
        """The content of a file; None when this machine does not have or show it."""
        try:
            return path.read_bytes().decode("utf-8", errors="surrogateescape")
        except OSError:
            return None

    def _copy(self, source: Path, name: str, change: Changer | None = None) -> None:
        text = self._read(source)
        if text is not None:
            self._write(name, change(text) if change else text)

    def _process(self, pid: int) -> None:
        changes: dict[str, Changer] = {
            "cgroup": self._disguise.cgroup,
            "mountinfo": self._disguise.mountinfo,
        }
        for name in PID_FILES:
            self._copy(self._proc / str(pid) / name, f"proc/{pid}/{name}", changes.get(name))
        for task in sorted((self._proc / str(pid) / "task").iterdir()):
            for name in TASK_FILES:
                self._copy(task / name, f"proc/{pid}/task/{task.name}/{name}")
        link = self._target / "proc/self"
        link.symlink_to(str(pid))

    def _block_devices(self) -> None:
        """Disks stand in sys/devices, and sys/block links there, as in the kernel."""
        block = self._sys / "block"
        if not block.is_dir():
            return
        (self._target / "sys/block").mkdir(parents=True, exist_ok=True)
        for link in sorted(block.iterdir()):
            place = link.resolve().relative_to(self._sys.resolve())
            (self._target / "sys/block" / link.name).symlink_to(Path("..") / place)
            device = self._target / "sys" / place
            (device / "slaves").mkdir(parents=True, exist_ok=True)
            for slave in sorted((link / "slaves").glob("*")):
                (device / "slaves" / slave.name).symlink_to(slave.readlink())
            partitions = [path.parent.name for path in sorted(link.glob("*/partition"))]
            for part in ["", *partitions]:
                for name in BLOCK_FILES:
                    self._copy(link / part / name, str(Path("sys") / place / part / name))

    def _control_groups(self, pid: int) -> None:
        """The control groups of the process and those above them."""
        mounts = {}
        for line in (self._read(self._proc / str(pid) / "mountinfo") or "").splitlines():
            fields = line.split(" ")
            kind, _, options = fields[fields.index("-") + 1 :]
            if kind == "cgroup2":
                mounts[""] = fields[4]
            elif kind == "cgroup":
                mounts.update(dict.fromkeys(options.split(","), fields[4]))
        for line in (self._read(self._proc / str(pid) / "cgroup") or "").splitlines():
            _, controllers, path = line.split(":", 2)
            mount = mounts.get(controllers.split(",")[0])
            if mount is None or not mount.startswith("/sys/"):
                continue
            below = Path(mount).relative_to("/sys")
            group = Path(path.lstrip("/"))
            for folder in [group, *group.parents]:
                disguised = self._disguise.group_path(folder.as_posix())
                for name in CGROUP_FILES:
                    self._copy(
                        self._sys / below / folder / name,
                        str(Path("sys") / below / disguised / name),
                    )


def machine() -> dict[str, int | str]:
    """What the numbers in the files are to be read with."""
    return {
        "kernel": ".".join(os.uname().release.split(".")[:2]),
        "architecture": os.uname().machine,
        "clock_ticks_per_second": os.sysconf("SC_CLK_TCK"),
        "page_bytes": os.sysconf("SC_PAGE_SIZE"),
        "cpus_online": os.sysconf("SC_NPROCESSORS_ONLN"),
    }


def main(arguments: list[str]) -> int:
    """Captures this machine under the name given."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", help="of the machine's kind, such as debian12-2cpu; no host name")
    parser.add_argument("--pid", type=int, default=os.getpid(), help="the process to capture")
    parser.add_argument("--into", type=Path, help="folder to write to (default: core/testdata)")
    parser.add_argument("--force", action="store_true", help="replace an earlier capture")
    options = parser.parse_args(arguments)
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", options.name):
        parser.error(f"'{options.name}' is no good name: small letters, digits, '-', '_' and '.'")
    into = options.into or Path(__file__).resolve().parent.parent / "core/testdata"
    target = into / options.name
    if target.exists():
        if not options.force:
            parser.error(f"{target} exists: --force replaces it")
        shutil.rmtree(target)
    target.mkdir(parents=True)
    count = Capture(Path("/proc"), Path("/sys"), target).run(options.pid)
    (target / "machine.json").write_text(json.dumps(machine(), indent=2) + "\n", encoding="utf-8")
    print(f"{count} files in {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
