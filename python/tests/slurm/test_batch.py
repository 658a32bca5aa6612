# SPDX-License-Identifier: BSD-3-Clause
"""`jumper run` in batch scripts: arrays, heterogeneous jobs, jobs that hit their limits."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
from slurm_cluster import Cluster, until

JUMPER = str(Path(sys.executable).with_name("jumper"))
BURN = "import sys, time\nwhile time.process_time() < float(sys.argv[1]): pass"


def burning(seconds: str) -> str:
    """A command that uses that much CPU time; the shell fills in variables."""
    return f'{sys.executable} -c {shlex.quote(BURN)} "{seconds}"'


def measured(path: Path) -> dict[str, Any]:
    assert path.exists(), f"no {path.name}"
    return json.loads(path.read_text())


def test_tasks_of_an_array_are_jobs_of_their_own(cluster: Cluster, tmp_path: Path) -> None:
    # GIVEN two tasks at once on one node, where one works twice as much as the other
    script = (
        f"cd {tmp_path}\n"
        f"{JUMPER} run --interval 0.1 --level slurm --json $SLURM_ARRAY_TASK_ID.json -- "
        f"{burning('0.$((SLURM_ARRAY_TASK_ID * 3))')}\n"
    )
    options = ("--array=1-2", "-n1", "--mem=300", f"-w{cluster.nodes[0]}")
    job = cluster.submit(script, *options)
    assert cluster.wait(job) == "COMPLETED"
    # THEN each says what its own job has used, and has its own job's limit
    for task in (1, 2):
        report = measured(tmp_path / f"{task}.json")
        assert report["level"] == "slurm"
        assert report["cpu_seconds"] == pytest.approx(0.3 * task, abs=0.15)
        assert report["memory_limit_bytes"] == 300 << 20


def test_components_of_a_heterogeneous_job(cluster: Cluster, tmp_path: Path) -> None:
    # GIVEN a job whose second component has another job's number in its path
    one, two = cluster.nodes[:2]
    run = f"{JUMPER} run --interval 0.1 --level slurm --json"
    work = f"{run} {tmp_path}/$SLURM_PROCID.json -- {burning('0.$((3 + 3 * SLURM_PROCID))')}"
    script = (
        f"#SBATCH -n1 --mem=200 -w{one}\n#SBATCH hetjob\n#SBATCH -n1 --mem=400 -w{two}\n"
        f"srun --het-group=0,1 sh -c {shlex.quote(work)}\n"
    )
    job = cluster.submit(script)
    assert cluster.wait(job) == "COMPLETED", cluster.printed(job)
    # THEN each component has its own account and limit
    for component, limit in ((0, 200), (1, 400)):
        report = measured(tmp_path / f"{component}.json")
        assert report["cpu_seconds"] == pytest.approx(0.3 + 0.3 * component, abs=0.2)
        assert report["memory_limit_bytes"] == limit << 20


def test_a_job_that_is_killed_for_its_memory_says_so(cluster: Cluster, tmp_path: Path) -> None:
    # GIVEN a program that wants more than the job has
    hungry = (
        "import time; kept = []\n"
        "for _ in range(40): kept.append(bytearray(b'x') * (10 << 20)); time.sleep(0.05)"
    )
    run = f"{JUMPER} run --interval 0.05 --budget 0 --level slurm --json {tmp_path}/killed.json --"
    job = cluster.submit(f"{run} {sys.executable} -c {shlex.quote(hungry)}", "-n1", "--mem=150")
    cluster.wait(job)
    # THEN the report is there, with a peak at the limit
    report = measured(tmp_path / "killed.json")
    assert report["memory_limit_bytes"] == 150 << 20
    assert 100 << 20 < report["memory_peak_bytes"] <= 150 << 20


def test_nothing_of_a_job_is_measured_outside(cluster: Cluster) -> None:
    done = cluster.run(JUMPER, "run", "--level", "slurm", "--", "true", check=False)
    assert done.returncode != 0
    [line] = done.stderr.strip().splitlines()
    assert "slurm" in line


def test_a_cancelled_job_leaves_no_monitor(cluster: Cluster, tmp_path: Path) -> None:
    run = f"exec {JUMPER} run --interval 0.1 --level slurm --json {tmp_path}/r.json --"
    job = cluster.submit(f"{run} sleep 60", "-n1", "--mem=200")
    is_running = lambda: any(p.command == "sleep 60" for p in cluster.processes(job))  # noqa: E731
    assert until(is_running)
    cluster.cancel(job)
    assert cluster.wait(job) == "CANCELLED"
    assert cluster.processes(job) == []
