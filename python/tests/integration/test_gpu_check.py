# SPDX-License-Identifier: BSD-3-Clause
"""The check of GPUs, whole, with the fake driver: it passes what is right and finds what is not."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from fake_gpus import LIBRARY, variables

PROGRAM = Path(__file__).with_name("made_gpu_loads.py")
TOOLS = Path(__file__).resolve().parents[3] / "tools"

pytestmark = pytest.mark.skipif(
    not LIBRARY.exists() and not os.environ.get("CI"),
    reason="the fake driver's library is not built: make test-cpp",
)


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Done]:
    """What the check says of each kind of card, as it sleeps most of the time: of all at once."""
    programs = {}
    for fault in ("none", "wrong"):
        scenario = tmp_path_factory.mktemp(fault) / "scenario.txt"
        scenario.write_text("driver 550.54.15\ncards 2 name=Made memory=80GiB\n")
        programs[fault] = subprocess.Popen(
            [sys.executable, "-P", PROGRAM, scenario, fault],
            env=os.environ | variables(scenario) | {"PYTHONPATH": str(TOOLS)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    said = {}
    for fault, program in programs.items():
        with program:
            stdout, stderr = program.communicate(timeout=120)
        said[fault] = Done(program.returncode, stdout, stderr)
    return said


def failed(output: str) -> list[str]:
    return [line[5:57].strip() for line in output.splitlines() if line.startswith("FAIL")]


def test_a_right_measurement_passes(done: dict[str, Done]) -> None:
    right = done["none"]
    assert failed(right.stdout) == [], right.stdout + right.stderr
    assert right.returncode == 0, right.stdout + right.stderr
    assert right.stdout.count("\npass ") == 14, right.stdout


def test_what_a_card_does_otherwise_is_found(done: dict[str, Done]) -> None:
    # GIVEN a driver that books the work on another process, and does not see memory that is taken
    wrong = done["wrong"]
    assert wrong.returncode == 1, wrong.stdout + wrong.stderr
    assert failed(wrong.stdout) == [
        "utilization by this process, computing",
        "memory of this process over the cell",
        "memory of this process given back",
        "memory of the card over the cell",
        "memory of the card given back",
    ]
