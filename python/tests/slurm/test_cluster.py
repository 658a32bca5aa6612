# SPDX-License-Identifier: BSD-3-Clause
"""The cluster that the other tests use: what it promises them, and that nothing of it stays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import slurm_cluster
from slurm_cluster import CGROUPS, Cluster

TOOL = Path(slurm_cluster.__file__)


def test_every_node_has_a_name_of_its_own(cluster: Cluster) -> None:
    printed = cluster.run("srun", "-N4", "--label", "hostname").stdout
    names = sorted(line.split()[1] for line in printed.splitlines())
    assert names == cluster.nodes


def test_a_job_has_control_groups_with_its_limits(cluster: Cluster) -> None:
    job = cluster.submit("exec sleep 60", "-N1", "-n1", "--mem=300", f"-w{cluster.nodes[1]}")
    try:
        node = cluster.nodes[1]
        commands = lambda: [process.command for process in cluster.processes(job, node)]  # noqa: E731
        assert slurm_cluster.until(lambda: "sleep 60" in commands()), commands()
        memory = cluster.group(job, node, "memory")
        assert int((memory / "memory.limit_in_bytes").read_text()) == 300 << 20
    finally:
        cluster.cancel(job)
    assert cluster.wait(job) == "CANCELLED"
    assert slurm_cluster.until(lambda: not cluster.processes(job))


def test_without_proctrack_cgroup_there_is_no_group(groupless: Cluster) -> None:
    assert "job_" not in groupless.run("srun", "cat", "/proc/self/cgroup").stdout


def test_nothing_stays_when_who_started_it_is_killed(cluster: Cluster) -> None:
    # GIVEN a second cluster, with a job whose process has left its parents and its session
    job = "srun sh -c 'hostname; setsid sleep 4321 & sleep 4321' &"
    # WHEN whoever started it is killed in the middle
    script = f"echo $SLURM_CONF; {job} sleep 2; kill -9 $PPID"
    command = [sys.executable, str(TOOL), "--nodes", "1", "--", "sh", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -9
    # THEN its folder, its groups and its processes go
    configuration, node = done.stdout.split()
    assert node not in cluster.nodes
    folder = Path(configuration).parent
    assert folder.name.startswith("jumper-slurm-")
    assert slurm_cluster.until(lambda: not folder.exists(), 30)
    mark = f"SLURM_CONF={configuration}".encode()
    assert [p for p in Path("/proc").glob("[0-9]*") if mark in environment(p).split(b"\0")] == []
    assert list(CGROUPS.glob(f"*/slurm_{node}")) == []


def environment(pid: Path) -> bytes:
    try:
        return (pid / "environ").read_bytes()
    except OSError:
        return b""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_says_what_is_missing(tmp_path: Path) -> None:
    copy = tmp_path / TOOL.name
    copy.write_bytes(TOOL.read_bytes())
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_mode & 0o005 == 0o005:  # anybody may read it, as /tmp
            break
        folder.chmod(0o755)
    command = ["/usr/bin/env", "python3", str(copy), "true"]
    done = subprocess.run(
        command, user="nobody", capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert done.stderr == "error: Slurm's daemons want root\n"
