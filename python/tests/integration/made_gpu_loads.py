# SPDX-License-Identifier: BSD-3-Clause
"""tools/gpu_check.py with loads that only exist in the fake driver's scenario.

made_gpu_loads.py SCENARIO FAULT checks; with --watch it is the idle process.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import gpu_check

SECONDS = 4.0
IDLE = "driver 550.54.15\ncards 2 name=Made memory=80GiB power=80 util=0 band=0\n"


class ScenarioLoads:
    """Writes what the card is to pretend while the load goes on; the second card is loaded."""

    name = "made loads"
    bus_id = "0000:18:00.0"

    def __init__(self, scenario: Path, pid: int, fault: str) -> None:
        self._scenario = scenario
        self._worker = 1 if fault == "process" else pid
        self._watts = 80 if fault == "power" else 300
        self._held = 0
        self._forgets = fault == "memory"
        self.write()

    def write(self, util: int = 0, band: int = 0, watts: int = 80) -> None:
        memory = (0 if self._forgets else self._held) + 2**30
        text = f"{IDLE}card 1 power={watts} util={util} band={band}\n"
        text += f"process card=1 pid={self._worker} memory={memory} util={util} band={band}\n"
        written = self._scenario.with_suffix(".new")
        written.write_text(text)
        os.replace(written, self._scenario)

    def compute(self, seconds: float) -> float | None:
        self.write(util=99, watts=self._watts)
        time.sleep(seconds)
        self.write()
        return 1e12 * seconds

    def copy(self, seconds: float, size: int) -> float:
        self.write(util=99, band=80, watts=200)
        time.sleep(seconds)
        self.write()
        return 1e12 * seconds

    def allocate(self, size: int) -> Callable[[], None]:
        self._held += size
        self.write()

        def give_back() -> None:
            self._held -= size
            self.write()

        return give_back


class Watching:
    """The idle process's: it must not change what the other one writes."""

    name = "made loads"
    bus_id = ScenarioLoads.bus_id

    def compute(self, seconds: float) -> float | None:
        raise NotImplementedError

    def copy(self, seconds: float, size: int) -> float:
        raise NotImplementedError

    def allocate(self, size: int) -> Callable[[], None]:
        return lambda: None


def main() -> int:
    if sys.argv[1:] == ["--watch"]:
        return gpu_check.watch(Watching(), sys.stdin, sys.stdout)
    gpu_check.PAUSE_S = 2.0
    gpu_check.RAMP_S = 1.5
    loads = ScenarioLoads(Path(sys.argv[1]), os.getpid(), sys.argv[2])
    return gpu_check.check(loads, SECONDS, None, Path(__file__).resolve())


if __name__ == "__main__":
    sys.exit(main())
