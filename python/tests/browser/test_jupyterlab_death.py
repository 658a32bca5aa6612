# SPDX-License-Identifier: BSD-3-Clause
"""A kernel dies in JupyterLab: what its user reads after the restart. `make test-lab`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

START = "%load_ext jumper_extension\n%perfmonitor_start 0.1"
TIMEOUT_MS = 60_000
# JupyterLab drops what it is asked while it finds the new kernel, and shows no status until
# something was run in it: only something that ran says that the kernel is there.
ANSWERS = """async () => {
  const context = jupyterapp.shell.currentWidget.context.sessionContext;
  for (let attempt = 0; attempt < 12; attempt += 1) {
    const later = new Promise((resolve) => setTimeout(resolve, 5000, 'late'));
    try {
      const request = context.session.kernel.requestExecute({ code: '', silent: true });
      if ((await Promise.race([request.done, later])) !== 'late') return;
      request.dispose();
    } catch {
      await later;  // it was dropped
    }
  }
  throw new Error(`no answer; ${context.session.kernel.status}`);
}"""
KILL = "import os, signal, time\nx = bytearray(10**8); time.sleep(1)\nos.kill(os.getpid(), 9)"
FAULT = "import ctypes, time\ntime.sleep(1)\nctypes.string_at(0)"
GROW = """import time; kept = []
while True: kept.append(bytearray(b'x') * (4 << 20)); time.sleep(0.03)"""


def die_and_load_again(page: Any, lab: Any, name: str, cells: tuple[str, ...]) -> str:
    """Run all cells, of which the last kills the kernel; what is said when it is loaded again."""
    lab.write(f"{name}.ipynb", (*cells, "%load_ext jumper_extension"))
    lab.open(page, f"{name}.ipynb")
    for at in range(len(cells)):
        page.locator(".jp-Cell .jp-InputArea-editor").nth(at).click()
        page.evaluate("() => { jupyterapp.commands.execute('notebook:run-cell'); }")
    # The server notices, starts another kernel, and JupyterLab says so.
    dialog = page.locator(".jp-Dialog", has_text="appears to have died")
    dialog.wait_for(timeout=TIMEOUT_MS)
    lab.screenshot(page, f"{name}_dialog")
    dialog.locator("button.jp-mod-accept").click()
    lab.wait_until_ready(page)
    page.evaluate(ANSWERS)
    page.locator(".jp-Cell .jp-InputArea-editor").nth(len(cells)).click()
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-cell'); }")
    output = page.locator(".jp-Cell").nth(len(cells)).locator(".jp-OutputArea-output")
    output.first.wait_for(timeout=TIMEOUT_MS)
    page.wait_for_timeout(500)
    lab.screenshot(page, name)
    return "\n".join(output.all_inner_texts())


@pytest.mark.one_theme
@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("name", "cell", "cause"),
    [
        ("death_by_sigkill", KILL, "Cause: unknown: nothing was written about it."),
        ("death_by_fault", FAULT, "Cause: segmentation fault (SIGSEGV at address 0x0)."),
    ],
)
def test_a_death_is_explained(page: Any, lab: Any, name: str, cell: str, cause: str) -> None:
    said = die_and_load_again(page, lab, name, (START, cell))
    assert "The last session of this notebook died at" in said
    assert f"into cell 0: {cell.splitlines()[0]}" in said.replace("\n", "")
    assert cause in said


@pytest.mark.one_theme
@pytest.mark.timeout(400)
def test_a_death_for_want_of_memory_is_explained(page: Any, lab: Any, memory_group: Path) -> None:
    join = f"import os\nopen('{memory_group}/cgroup.procs', 'w').write(str(os.getpid()))"
    said = die_and_load_again(page, lab, "death_for_memory", (join, START, GROW))
    assert "Cause: out of memory: Linux killed it (oom_kill of its control group rose" in said
