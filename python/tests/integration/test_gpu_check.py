# SPDX-License-Identifier: BSD-3-Clause
"""The check of GPUs, whole, with the fake driver: it passes what is right and finds what is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fake_gpus import LIBRARY, variables

PROGRAM = Path(__file__).with_name("made_gpu_loads.py")
TOOLS = Path(__file__).resolve().parents[3] / "tools"

pytestmark = pytest.mark.skipif(
    not LIBRARY.exists() and not os.environ.get("CI"),
    reason="the fake driver's library is not built: make test-cpp",
)


def check(scenario: Path, fault: str) -> subprocess.CompletedProcess[str]:
    scenario.write_text("driver 550.54.15\ncards 2 name=Made memory=80GiB\n")
    environment = os.environ | variables(scenario) | {"PYTHONPATH": str(TOOLS)}
    return subprocess.run(
        [sys.executable, "-P", PROGRAM, scenario, fault],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def failed(output: str) -> list[str]:
    return [line[5:57].strip() for line in output.splitlines() if line.startswith("FAIL")]


def test_a_right_measurement_passes(tmp_path: Path) -> None:
    done = check(tmp_path / "scenario.txt", "none")
    assert failed(done.stdout) == [], done.stdout + done.stderr
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("\npass ") == 13, done.stdout


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("memory", "memory of this process over the cell"),
        ("process", "utilization by this process, computing"),
    ],
)
def test_what_a_card_does_otherwise_is_found(tmp_path: Path, fault: str, found: str) -> None:
    done = check(tmp_path / "scenario.txt", fault)
    assert done.returncode == 1, done.stdout + done.stderr
    assert found in failed(done.stdout)
