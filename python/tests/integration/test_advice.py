# SPDX-License-Identifier: BSD-3-Clause
"""What was asked for, what was used, and which limits hold, as a notebook shows them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from jumper_extension import Monitor

if TYPE_CHECKING:
    from conftest import Session

IN_A_JOB = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell()
for source in (
    "%load_ext jumper_extension",
    "%perfmonitor_start 0.05 --no-journal",
    "x = sum(range(1_000_000))",
    "import time; time.sleep(0.3)",
    "%perfmonitor_stop",
    "%perfmonitor_advice",
    "%perfmonitor_resources",
):
    shell.run_cell(source)
"""


def test_advice_before_anything_was_measured_is_one_line(session: Session) -> None:
    said = session("%perfmonitor_advice")
    assert said.startswith("[JUmPER]: ")
    assert said.strip().count("\n") == 0


def test_advice_outside_slurm_is_about_the_limits(measured: Session) -> None:
    said = measured("%perfmonitor_advice")
    assert "Right-sizing: level " in said
    assert "may use " in said
    assert "too short to tell" in said
    assert "SBATCH" not in said
    assert "The job used" not in measured("%perfmonitor_stop")


def test_advice_as_json(measured: Session) -> None:
    advice = json.loads(measured("%perfmonitor_advice --json"))
    assert advice["asked"]["slurm"] is False
    assert advice["used"]["memory_peak_bytes"] > 0
    assert advice["too_short"] is True


def test_in_a_slurm_job_the_end_says_what_was_used() -> None:
    environment = os.environ | {
        "SLURM_JOB_ID": "71",
        "SLURMD_NODENAME": "n1",
        "SLURM_CPUS_ON_NODE": "1",
        "SLURM_MEM_PER_NODE": "900",
        "CUDA_VISIBLE_DEVICES": "1,3",
    }
    said = subprocess.run(
        [sys.executable, "-P", "-c", IN_A_JOB],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout
    assert "[JUmPER]: The job used " in said
    assert " of 900.0 MB and " in said
    assert "asked for 900.0 MB, used " in said
    assert " 2 (1,3): CUDA_VISIBLE_DEVICES" in said
    if os.cpu_count() != 1:
        assert "CPUs      1 CPU: Slurm, SLURM_CPUS_ON_NODE" in said


@pytest.mark.parametrize(("said", "cpus"), [("0.5", 0.5), ("nan", None), ("", None)])
def test_the_limits_that_hold_are_in_resources(
    monkeypatch: pytest.MonkeyPatch, said: str, cpus: float | None
) -> None:
    monkeypatch.setenv("CPU_LIMIT", said)
    monkeypatch.setenv("MEM_LIMIT", "64M")
    resources = Monitor().native.resources()
    lowest = resources["memory_limits"][0]
    assert lowest["amount"] == resources["memory_limit_bytes"] == 64 * 2**20
    assert lowest["reason"] == resources["memory_limit_reason"] == "JupyterHub, MEM_LIMIT"
    assert lowest["is_enforced"] is False
    reasons = [limit["reason"] for limit in resources["cpu_limits"]]
    assert ("JupyterHub, CPU_LIMIT" in reasons) == (cpus is not None)
    if cpus is not None:
        assert resources["effective_cpus"] == cpus
