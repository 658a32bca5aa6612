#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A Slurm cluster of this machine's own, for a test, a measurement or a person who wants to try.

    tools/slurm_cluster.py --nodes 4 -- srun -N4 hostname
    tools/slurm_cluster.py                                   # a shell; `exit` ends the cluster

No systemd, nothing in /etc: one munged, one slurmctld and a slurmd for each node run with free
ports and keep all they write in a folder of their own. Every node has its own host name. A guard
ends them all when whoever started the cluster ends, in whatever way, and removes folder and
control groups.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import secrets
import shutil
import signal
import socket
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "srun", "sbatch", "unshare")
CGROUPS = Path("/sys/fs/cgroup")
CONTROLLERS = ("freezer", "memory", "cpuacct", "cpuset")
START_LIMIT_S = 30
STOP_LIMIT_S = 5
LOG_TAIL_BYTES = 600
UNFINISHED = ("PENDING", "CONFIGURING", "RUNNING", "COMPLETING", "SUSPENDED")


class NoClusterError(Exception):
    """There can be none on this machine, or for this user; says why."""


@dataclass(frozen=True)
class Mode:
    """How Slurm keeps track of a job's processes."""

    name: str
    proctrack: str
    task: str
    gather: str


CGROUP = Mode("cgroup", "proctrack/cgroup", "task/cgroup,task/affinity", "jobacct_gather/cgroup")
LINUXPROC = Mode("linuxproc", "proctrack/linuxproc", "task/none", "jobacct_gather/linux")
MODES = {mode.name: mode for mode in (CGROUP, LINUXPROC)}


def _trouble_with_groups() -> str | None:
    for controller in CONTROLLERS:
        probe = CGROUPS / controller / f"jumper-probe-{os.getpid()}"
        if not (CGROUPS / controller / "cgroup.procs").exists():
            return f"no cgroup v1 controller {controller} in {CGROUPS}"
        try:
            probe.mkdir()
            probe.rmdir()
        except OSError as error:
            return f"cannot make a control group in {CGROUPS / controller}: {error.strerror}"
    return None


def missing_programs() -> list[str]:
    """What `tools/setup_system.sh slurm` would install."""
    return [program for program in PROGRAMS if shutil.which(program) is None]


def why_not(mode: Mode) -> str | None:
    """Why no cluster can be started here, or None."""
    if missing := missing_programs():
        return f"no {', '.join(missing)} here: tools/setup_system.sh slurm"
    if os.geteuid() != 0:
        return "Slurm's daemons want root"
    probe = ["unshare", "-u", "-m", "mount", "--make-rprivate", "/"]
    done = subprocess.run(probe, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return f"no name spaces for the nodes: {done.stderr.strip()}"
    return _trouble_with_groups() if mode is CGROUP else None


def _free_ports(number: int) -> list[int]:
    sockets = [socket.socket() for _ in range(number)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _groups_of(nodes: list[str]) -> list[Path]:
    """The control groups that Slurm made for nodes, the inner ones first."""
    roots = [root for node in nodes for root in CGROUPS.glob(f"*/slurm_{node}")]
    found = [Path(folder) for root in roots for folder, _, _ in os.walk(root)]
    return sorted(found, key=lambda folder: -len(folder.parts))


def _remove_groups(nodes: list[str]) -> bool:
    """Whether none is left; who is still in one is ended."""
    for _ in range(100):
        for group in _groups_of(nodes):
            with suppress(OSError):
                for pid in (group / "cgroup.procs").read_text().split():
                    os.kill(int(pid), signal.SIGKILL)
            with suppress(OSError):
                group.rmdir()
        if not _groups_of(nodes):
            return True
        time.sleep(0.05)
    return False


def _claim_names(number: int) -> tuple[list[str], int]:
    """Names that no other cluster of this machine has; the descriptor that holds the claim."""
    for letter in string.ascii_lowercase:
        path = Path(tempfile.gettempdir()) / f"jumper-slurm-{letter}.lock"
        claim = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        nodes = [f"{letter}{i}" for i in range(1, number + 1)]
        with suppress(BlockingIOError):
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _remove_groups(nodes):
                return nodes, claim
        os.close(claim)
    raise NoClusterError("too many clusters run on this machine")


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def until(condition: Callable[[], object], limit_s: float = 20) -> bool:
    """Whether it came true before the limit."""
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@dataclass(frozen=True)
class Process:
    """One that runs on a node."""

    pid: int
    command: str


class Cluster:
    """A running cluster. Jobs are asked for with Slurm's own commands, by `run`."""

    def __init__(self, folder: Path, nodes: list[str], mode: Mode) -> None:
        """Wrap one that was started."""
        self.folder = folder
        self.nodes = nodes
        self.mode = mode
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith(("SLURM", "SBATCH", "SRUN"))
        }
        self.environment = kept | {"SLURM_CONF": str(folder / "slurm.conf")}

    def run(
        self,
        *command: str,
        check: bool = True,
        timeout: float = 60,
        variables: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, as a user on a login node would."""
        done = subprocess.run(
            command,
            env=self.environment | dict(variables or {}),
            cwd=cwd or self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if check and done.returncode != 0:
            raise RuntimeError(
                f"{' '.join(command)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
            )
        return done

    def submit(self, script: str, *options: str, cwd: Path | None = None) -> int:
        """Hand in a batch script; the job's number. What it prints goes to `output(job)`."""
        path = self.folder / f"job-{secrets.token_hex(4)}.sh"
        path.write_text(f"#!/bin/bash\n{script}\n")
        output = self.folder / "job-%A_%a.out" if "--array" in str(options) else self.output("%j")
        done = self.run("sbatch", "--parsable", f"--output={output}", *options, str(path), cwd=cwd)
        return int(done.stdout.split(";")[0])

    def output(self, job: int | str) -> Path:
        """What a job printed."""
        return self.folder / f"job-{job}.out"

    def state(self, job: int) -> str:
        """RUNNING, COMPLETED and so on; of an array, what is still to be done before the rest."""
        done = self.run("squeue", "-h", "-t", "all", "-j", str(job), "-o", "%T", check=False)
        states = done.stdout.split()
        return next((state for state in states if state in UNFINISHED), (states or [""])[0])

    def wait(self, job: int, limit_s: float = 60) -> str:
        """Wait for a job's end; its state then. What is left of it is gone from the nodes, too."""
        if not until(lambda: self.state(job) not in UNFINISHED, limit_s):
            raise TimeoutError(f"job {job} is {self.state(job)}: {self.printed(job)}")
        return self.state(job)

    def printed(self, job: int) -> str:
        """What a job has printed so far."""
        path = self.output(job)
        return path.read_text(errors="replace") if path.exists() else ""

    def cancel(self, job: int, *options: str) -> None:
        """`scancel`."""
        self.run("scancel", *options, str(job), check=False)

    def group(self, job: int, node: str, controller: str) -> Path:
        """The control group of a job on a node; only in the mode that has them."""
        [found] = (CGROUPS / controller / f"slurm_{node}").glob(f"uid_*/job_{job}")
        return found

    def processes(self, job: int, node: str | None = None) -> list[Process]:
        """Who is in a job's control group, on one node or on all; Slurm's own left out."""
        found = []
        for each in self.nodes if node is None else [node]:
            for group in (CGROUPS / "freezer" / f"slurm_{each}").glob(f"uid_*/job_{job}"):
                for procs in group.rglob("cgroup.procs"):
                    found += _read_processes(procs)
        return [process for process in found if not process.command.startswith("slurmstepd")]

    def idle_nodes(self) -> list[str]:
        """The nodes that wait for jobs, and nothing of an earlier job is left on."""
        done = self.run("sinfo", "-h", "-N", "-t", "idle", "-o", "%N", check=False)
        return sorted(done.stdout.split())

    def daemon(self, node: str) -> int:
        """The process id of a node's slurmd."""
        return int((self.folder / "pid" / f"slurmd.{node}.pid").read_text())


def _read_processes(procs: Path) -> list[Process]:
    found = []
    with suppress(OSError):
        for pid in procs.read_text().split():
            with suppress(OSError):
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                command = b" ".join(words).decode(errors="replace").strip()
                found.append(Process(int(pid), command))
    return found


def _write_configuration(folder: Path, nodes: list[str], mode: Mode, memory_mb: int) -> None:
    control_port, *ports = _free_ports(1 + len(nodes))
    cpus = min(2, os.cpu_count() or 1)
    host = socket.gethostname().split(".")[0]
    lines = [
        f"ClusterName=jumper_{nodes[0]}",
        f"SlurmctldHost={host}(127.0.0.1)",
        f"SlurmctldPort={control_port}",
        "SlurmUser=root",
        "SlurmdUser=root",
        "AuthType=auth/munge",
        "CredType=cred/munge",
        f"AuthInfo=socket={folder}/munge/socket",
        f"SlurmctldPidFile={folder}/pid/slurmctld.pid",
        f"SlurmdPidFile={folder}/pid/slurmd.%n.pid",
        f"StateSaveLocation={folder}/state",
        f"SlurmdSpoolDir={folder}/spool/%n",
        f"SlurmctldLogFile={folder}/log/slurmctld.log",
        f"SlurmdLogFile={folder}/log/slurmd.%n.log",
        f"ProctrackType={mode.proctrack}",
        f"TaskPlugin={mode.task}",
        f"JobAcctGatherType={mode.gather}",
        "JobAcctGatherFrequency=task=1",
        "SelectType=select/cons_tres",
        "SelectTypeParameters=CR_Core_Memory",
        "SchedulerParameters=batch_sched_delay=0,bf_interval=1",
        "MpiDefault=none",
        "SwitchType=switch/none",
        "MailProg=/bin/true",
        "ReturnToService=2",
        "SlurmdTimeout=30",
        "KillWait=2",
        "InactiveLimit=0",
    ]
    lines += [
        f"NodeName={node} NodeHostname={node} NodeAddr=127.0.0.1 Port={port} CPUs={cpus} "
        f"RealMemory={memory_mb} State=UNKNOWN"
        for node, port in zip(nodes, ports, strict=True)
    ]
    lines.append(
        f"PartitionName=main Nodes={','.join(nodes)} Default=YES State=UP OverSubscribe=NO"
    )
    (folder / "slurm.conf").write_text("\n".join(lines) + "\n")
    (folder / "cgroup.conf").write_text(
        f"CgroupPlugin=cgroup/v1\nCgroupMountpoint={CGROUPS}\nCgroupAutomount=no\n"
        "ConstrainCores=yes\nConstrainRAMSpace=yes\n"
    )
    hosts = Path("/etc/hosts").read_text() + "".join(f"127.0.0.1 {node}\n" for node in nodes)
    (folder / "hosts").write_text(hosts)


def _run_daemon(folder: Path, name: str, command: list[str]) -> None:
    """Start a program that puts itself into the background; it holds no stream of ours."""
    with (folder / "log" / f"{name}.start").open("wb") as log:
        environment = os.environ | {"SLURM_CONF": str(folder / "slurm.conf")}
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            timeout=START_LIMIT_S,
            check=False,
        )
    if done.returncode != 0:
        raise NoClusterError(f"{name} does not start: {_log_of(folder, name)}")


def _log_of(folder: Path, name: str) -> str:
    texts = [path.read_text(errors="replace") for path in sorted((folder / "log").glob(name + "*"))]
    return " | ".join(text[-LOG_TAIL_BYTES:].strip() for text in texts if text)


def _start_munge(folder: Path) -> None:
    home = folder / "munge"
    (home / "key").write_bytes(secrets.token_bytes(128))
    (home / "key").chmod(0o600)
    files = {"key": "key", "socket": "socket", "seed": "seed"}
    options = [
        f"--{option}-file={home / name}" for option, name in files.items() if option != "socket"
    ]
    options += [f"--socket={home / 'socket'}", f"--pid-file={folder}/pid/munged.pid"]
    options += [f"--log-file={folder}/log/munged.log", "--num-threads=2"]
    _run_daemon(folder, "munged", [shutil.which("munged") or "munged", *options])


# A host name and a view of /etc/hosts of its own for each node.
_NODE_SCRIPT = (
    'hostname "$1" && mount --make-rprivate / && mount --bind "$2/hosts" /etc/hosts'
    ' && exec slurmd -N "$1" -f "$2/slurm.conf"'
)


def start_node(folder: Path, node: str) -> None:
    """Start the slurmd of a node, also again after it was ended."""
    command = ["unshare", "-u", "-m", "sh", "-c", _NODE_SCRIPT, "sh", node, str(folder)]
    _run_daemon(folder, f"slurmd.{node}", command)


def _start_daemons(cluster: Cluster) -> None:
    folder = cluster.folder
    _start_munge(folder)
    _run_daemon(folder, "slurmctld", ["slurmctld", "-c", "-f", str(folder / "slurm.conf")])
    for node in cluster.nodes:
        start_node(folder, node)

    if not until(lambda: cluster.idle_nodes() == cluster.nodes, START_LIMIT_S):
        state = cluster.run("sinfo", "-N", "-l", check=False).stdout
        raise NoClusterError(f"the nodes do not come up: {state} {_log_of(folder, 'slurm')}")


def _stop_by_pid_file(path: Path) -> None:
    with suppress(OSError, ValueError):
        pid = int(path.read_text())
        name = path.name.split(".")[0]
        # The number may have been given out again.
        if name not in Path(f"/proc/{pid}/comm").read_text():
            return
        os.kill(pid, signal.SIGTERM)
        if not until(lambda: not _is_alive(pid), STOP_LIMIT_S):
            os.kill(pid, signal.SIGKILL)
            until(lambda: not _is_alive(pid), STOP_LIMIT_S)


def _kill_users_of(configuration: Path) -> None:
    """End what jobs of this cluster left behind: who has its configuration in the environment."""
    mark = f"SLURM_CONF={configuration}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                os.kill(int(folder.name), signal.SIGKILL)


def _tear_down(folder: Path, nodes: list[str]) -> None:
    environment = {"PATH": os.environ["PATH"], "SLURM_CONF": str(folder / "slurm.conf")}

    def ask(*command: str) -> str:
        with suppress(subprocess.TimeoutExpired):
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, timeout=5, check=False
            )
            return done.stdout
        return ""

    if (folder / "pid" / "slurmctld.pid").exists() and ask("squeue", "-h", "-o", "%A"):
        ask("scancel", "--user=root")
        ask("scancel", "--state=RUNNING")
        until(lambda: not ask("squeue", "-h", "-o", "%A"), STOP_LIMIT_S)
    for path in sorted((folder / "pid").glob("slurmd.*.pid")):
        _stop_by_pid_file(path)
    for name in ("slurmctld.pid", "munged.pid"):
        _stop_by_pid_file(folder / "pid" / name)
    _remove_groups(nodes)
    _kill_users_of(folder / "slurm.conf")
    shutil.rmtree(folder, ignore_errors=True)


def guard(folder: Path, nodes: list[str]) -> None:
    """Wait until whoever started the cluster ends, or closes our input; then tear it down."""
    # Ctrl+C is for the tests, and what they end in.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    _tear_down(folder, nodes)


@contextmanager
def cluster(nodes: int = 4, mode: Mode = CGROUP, memory_mb: int = 2000) -> Iterator[Cluster]:
    """Start one, or NoClusterError. At the end nothing of it is left."""
    if trouble := why_not(mode):
        raise NoClusterError(trouble)
    names, claim = _claim_names(nodes)
    # munged wants a folder that everybody may enter, which those of pytest are not.
    folder = Path(tempfile.mkdtemp(prefix="jumper-slurm-"))
    folder.chmod(0o755)
    for name in ("munge", "state", "spool", "log", "pid"):
        (folder / name).mkdir()
    guarding = [sys.executable, "-I", __file__, "--guard", str(folder), *names]
    keeper = subprocess.Popen(
        guarding, stdin=subprocess.PIPE, pass_fds=[claim], start_new_session=True
    )
    os.close(claim)
    try:
        _write_configuration(folder, names, mode, memory_mb)
        started = Cluster(folder, names, mode)
        _start_daemons(started)
        yield started
    finally:
        keeper.communicate()


def main() -> int:
    """The cluster for one command, or for a shell."""
    if sys.argv[1:2] == ["--guard"]:
        guard(Path(sys.argv[2]), sys.argv[3:])
        return 0
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--nodes", type=int, default=4)
    parser.add_argument("--mode", choices=MODES, default="cgroup")
    parser.add_argument("--memory-mb", type=int, default=2000, help="of each node")
    parser.add_argument("command", nargs="*", help="default: a shell")
    asked = parser.parse_args()
    try:
        with cluster(asked.nodes, MODES[asked.mode], asked.memory_mb) as started:
            command = asked.command or [os.environ.get("SHELL", "bash")]
            return subprocess.run(command, env=started.environment, check=False).returncode
    except NoClusterError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
