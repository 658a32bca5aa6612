# SPDX-License-Identifier: BSD-3-Clause
"""An interrupt at any moment of our own code: later cells are marked as ever.

Python looks for signals where a function of its own begins and after a call; these are the
moments.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import jumper_extension
import pytest
from IPython.core.interactiveshell import InteractiveShell
from jumper_extension.hooks import CellHooks
from jumper_extension.magics.commands import BY_NAME
from jumper_extension.service import PerfmonitorService

MOMENTS = frozenset({"call", "return", "c_return"})
PACKAGE = str(Path(jumper_extension.__file__).parent)


class Kernel:
    """Executes in the shell, without ever waiting."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell

    async def do_execute(self, code: str, silent: bool) -> dict[str, str]:
        self.shell.run_cell(code, silent=silent)
        return {"status": "ok"}


class Interrupter:
    """A profiler that interrupts at the n-th beginning or end of a call in the package."""

    def __init__(self, moment: int) -> None:
        self.moments_left = moment

    @property
    def struck(self) -> bool:
        return self.moments_left <= 0

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        if event in MOMENTS and frame.f_code.co_filename.startswith(PACKAGE):
            self.moments_left -= 1
            if self.moments_left == 0:
                raise KeyboardInterrupt


@pytest.fixture
def service() -> Iterator[PerfmonitorService]:
    service = PerfmonitorService()
    service.start_monitoring(0.05)
    service.enable_perfreports(text=True)
    yield service
    service.close()


def in_a_kernel(shell: InteractiveShell, source: str) -> None:
    coroutine = shell.kernel.do_execute(source, False)
    try:
        coroutine.send(None)
    except (StopIteration, KeyboardInterrupt):
        return


def in_a_terminal(shell: InteractiveShell, source: str) -> None:
    shell.run_cell(source)


@pytest.mark.parametrize("run", [in_a_kernel, in_a_terminal])
def test_interrupted_anywhere(
    shell: InteractiveShell,
    service: PerfmonitorService,
    run: Callable[[InteractiveShell, str], None],
) -> None:
    if run is in_a_kernel:
        shell.kernel = Kernel(shell)
    hooks = CellHooks(shell, service, BY_NAME)
    hooks.attach()
    struck = 0
    while True:
        interrupter = Interrupter(struck + 1)
        sys.setprofile(interrupter)
        try:
            run(shell, f"hit = {struck}")
        finally:
            sys.setprofile(None)
        if not interrupter.struck:
            break
        struck += 1
        run(shell, f"after = {struck}")
        assert shell.user_ns["after"] == struck
        cells = service.monitor.cells()
        assert (cells["raw_cell"].iloc[-1], cells["status"].iloc[-1]) == (f"after = {struck}", "ok")
        assert set(cells["raw_cell"].iloc[-2:-1]) <= {
            f"hit = {struck - 1}",
            f"after = {struck - 1}",
        }
        assert not service.monitor.native.cell_open
    hooks.detach()
    assert struck > 20
    assert cells["raw_cell"].is_unique
