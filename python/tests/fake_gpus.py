# SPDX-License-Identifier: BSD-3-Clause
"""A machine with GPUs: a shared library that answers like NVIDIA's, by a scenario in a text file.

The library is built with the C++ tests; its language is told at the top of
``core/testing/fake_nvml/fake_nvml.cpp``.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "core" / "testing" / "fake_nvml"
EIGHT_CARDS = SCENARIOS / "eight_cards.txt"


def library_folder() -> Path:
    """Where the library is; the test is skipped where it was not built, which in CI is a failure."""
    folder = ROOT / "build" / "dev" / "core" / "fake_nvml"
    if not (folder / "libnvidia-ml.so.1").exists():
        reason = "the fake driver's library is not built: make test-cpp"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


def environment(scenario: Path) -> dict[str, str]:
    """What a process needs in its environment to find the cards of a scenario."""
    before = os.environ.get("LD_LIBRARY_PATH", "")
    path = f"{library_folder()}:{before}".rstrip(":")
    return {"LD_LIBRARY_PATH": path, "FAKE_NVML": str(scenario)}
