# SPDX-License-Identifier: BSD-3-Clause
"""A kernel inside a job and inside a step, and what the level of the job says there."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from slurm_cluster import Cluster, until

# What the job's own counters say goes along with every answer.
LOOK = """
import json, os, pathlib, subprocess, sys, time
def group_of(controller):
    for line in open('/proc/self/cgroup'):
        _, names, path = line.rstrip().split(':', 2)
        if controller in names.split(','):
            parts = path.split('/')
            last = next(i for i, part in enumerate(parts) if part.startswith('job_'))
            return pathlib.Path('/sys/fs/cgroup', controller, *parts[1:last + 1])
def cpu_seconds():
    return int((group_of('cpuacct') / 'cpuacct.usage').read_text()) / 1e9
def memory_peak():
    return int((group_of('memory') / 'memory.max_usage_in_bytes').read_text())
burn = 'import time; end = time.process_time() + 0.2\\nwhile time.process_time() < end: pass'
held = 'import time; kept = bytearray(b"x") * (150 << 20); time.sleep(0.7)'
"""
# Children of which nothing in /proc tells that they belong to the job: no environment, no parent.
CHILDREN = """
before = cpu_seconds()
for _ in range(3):
    subprocess.run(['env', '-i', sys.executable, '-c', burn], check=True)
subprocess.run(['sh', '-c', f'setsid {sys.executable} -c "$0" &', burn], check=True)
step = ['srun', '--overlap', '-N1', '-n1', sys.executable, '-c', burn]
print(subprocess.run(step, capture_output=True, text=True).stderr)
subprocess.run([sys.executable, '-c', held], check=True)
time.sleep(0.5)
used = cpu_seconds() - before
"""
JUMPER = str(Path(sys.executable).with_name("jumper"))
NATIVE = "get_ipython()._jumper_extension.service.monitor.native"


@pytest.mark.parametrize("launcher", ["exec", "exec srun -n1"], ids=["batch", "step"])
def test_the_level_of_the_job_is_the_jobs_own_account(
    cluster: Cluster, kernel_in_job: Callable[..., Any], launcher: str
) -> None:
    options = ("-N1", "-n1", "--mem=600", f"-w{cluster.nodes[2]}")
    with kernel_in_job(cluster, *options, launcher=launcher) as kernel:
        # GIVEN a monitored kernel
        assert kernel("%load_ext jumper_extension").status == "ok"
        assert kernel(LOOK).status == "ok"
        kernel("%perfmonitor_start 0.1 --budget 0")
        # WHEN a cell has children, orphans and a step of its own
        done = kernel(CHILDREN)
        assert done.status == "ok", done.error
        assert done.text.strip() == ""
        report = kernel("%perfmonitor_perfreport --json --cell -1 --level slurm")
        # THEN the level says of that cell what the job's control group says
        assert report.text.startswith("{"), report.text
        said = json.loads(report.text)
        used = kernel.value("used")
        assert used > 1.0
        # (the cell's edges are a little outside of where it looks itself)
        assert used - 0.01 <= said["cpu_seconds"] <= used + 0.1
        # AND the memory that a child had for a moment, never more than there ever was
        assert 150 << 20 < said["memory_bytes"]["maximum"] <= kernel.value("memory_peak()")
        assert said["memory_limit_bytes"] == 600 << 20


def test_a_shell_of_salloc_has_no_job_to_measure(cluster: Cluster) -> None:
    script = (
        "get_ipython().run_line_magic('load_ext', 'jumper_extension')\n"
        "get_ipython().run_line_magic('perfmonitor_start', '0.1')\n"
        "get_ipython().run_line_magic('perfmonitor_perfreport', '--level slurm')\n"
    )
    path = cluster.folder / "salloc_shell.py"
    path.write_text(script)
    shell = [sys.executable, "-m", "IPython", "--no-banner", "--colors=nocolor", str(path)]
    done = cluster.run(
        "salloc", "-Q", "-N1", *shell, variables={"IPYTHONDIR": str(cluster.folder / "ipython")}
    )
    [line] = [line for line in done.stdout.splitlines() if "slurm" in line.lower()]
    assert line.startswith("[JUmPER]: ")
    assert "salloc" in line


def test_processes_of_a_job_without_control_groups(
    groupless: Cluster, kernel_in_job: Callable[..., Any]
) -> None:
    with kernel_in_job(groupless, "-N1", "-n1") as kernel:
        assert kernel("%load_ext jumper_extension").status == "ok"
        assert kernel("import subprocess, sys, time").status == "ok"
        kernel("%perfmonitor_start 0.1 --budget 0")
        kernel(
            "held = 'import time; kept = bytearray(b\"x\") * (150 << 20); time.sleep(1)'\n"
            "subprocess.run([sys.executable, '-c', held], check=True)"
        )
        report = kernel("%perfmonitor_perfreport --text --cell -1 --level slurm")
        assert "Performance Report" in report.text, report.text
        data = kernel.value(f"{NATIVE}.perfdata('slurm')['memory'].tolist()")
        assert max(value for value in data if value is not None) * (1 << 30) > 150 << 20


def test_cancelling_a_job_leaves_nothing(
    cluster: Cluster, kernel_in_job: Callable[..., Any]
) -> None:
    here = f"-w{cluster.nodes[0]}"
    with kernel_in_job(cluster, "-N1", "-n1", here) as kernel:
        kernel("%load_ext jumper_extension")
        kernel("%perfmonitor_start 0.1 --budget 0")
        kernel("import time; time.sleep(0.5)")
        # WHEN the job is cancelled in the middle of a cell
        kernel.client.execute("open('running', 'w').close(); time.sleep(60)")
        assert until((kernel.folder / "running").exists)
        cluster.cancel(kernel.job)
        assert cluster.wait(kernel.job) == "CANCELLED"
        # THEN nothing of it runs, and what was measured is in its journal
        assert cluster.processes(kernel.job) == []
        # (asked on the same node: elsewhere nobody can tell yet whether it lives)
        report = cluster.run("srun", "-N1", here, JUMPER, "report", str(kernel.journal())).stdout
        assert "Performance Report" in report
        assert "SIGTERM" in report
