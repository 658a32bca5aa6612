# SPDX-License-Identifier: BSD-3-Clause
"""What importing and loading do, and above all what they do not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HEAVY = ("numpy", "pandas", "matplotlib", "difflib", "asyncio")


def fresh(program: str, home: Path) -> Any:
    """The JSON that a program prints in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"HOME": str(home), "IPYTHONDIR": str(home / "ipython")},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout.splitlines()[-1])


LOOK = f"""
import json, logging, os, sys
before = set(sys.modules)
import jumper_extension
found = {{
    "heavy": [name for name in {HEAVY} if name in set(sys.modules) - before],
    "ipython": [name for name in sys.modules if name.startswith("IPython")],
    "threads": len(os.listdir("/proc/self/task")),
    "handlers": len(logging.getLogger("jumper_extension").handlers) + len(logging.root.handlers),
    "version": jumper_extension.__version__,
}}
print(json.dumps(found))
"""


def test_importing_does_nothing(tmp_path: Path) -> None:
    found = fresh(LOOK, tmp_path)
    assert found["heavy"] == []
    assert found["ipython"] == []
    assert found["threads"] == 1
    assert found["handlers"] == 0
    assert found["version"]
    assert list(tmp_path.iterdir()) == []


LOAD = f"""
import json, os, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell()
before, threads = set(sys.modules), len(os.listdir("/proc/self/task"))
shell.extension_manager.load_extension("jumper_extension")
new = set(sys.modules) - before
found = {{
    "heavy": [name for name in {HEAVY} if name in new],
    "ipython": sorted(name for name in new if name.startswith("IPython")),
    "threads": len(os.listdir("/proc/self/task")) - threads,
}}
print(json.dumps(found))
"""


def test_loading_imports_nothing_heavy(tmp_path: Path) -> None:
    assert fresh(LOAD, tmp_path) == {"heavy": [], "ipython": [], "threads": 0}


ELSEWHERE = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell

class Absent:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "jumper_extension._core":
            raise ModuleNotFoundError(name=name)

sys.meta_path.insert(0, Absent)
shell = InteractiveShell()
sys.platform = "darwin"
import contextlib, io
def run(source):
    with contextlib.redirect_stdout(io.StringIO()) as said:
        shell.run_cell(source)
    return said.getvalue()
found = [
    run("%load_ext jumper_extension"),
    run("x = 1"),
    run("%perfmonitor_start"),
    run("%perfmonitor_stop"),
    run("%perfmonitor_perfreport"),
    run("%perfmonitor_resources"),
    run("%perfmonitor_enable_perfreports"),
    run("y = 1"),
    run("%perfmonitor_help"),
    run("%unload_ext jumper_extension"),
]
from jumper_extension import Monitor
with contextlib.suppress(Exception):
    Monitor().start()
    found = "started"
print(json.dumps(found))
"""


def test_on_another_platform_starting_says_why_not(tmp_path: Path) -> None:
    loaded, cell, *answers, quiet, help_text, unloaded = fresh(ELSEWHERE, tmp_path)
    assert loaded.startswith("[JUmPER]: loaded")
    assert (cell, quiet, unloaded) == ("", "", "")
    assert "%perfmonitor_start" in help_text
    assert len(answers) == 5
    for answer in answers:
        assert "darwin" in answer
        assert "Linux" in answer
        assert answer.startswith("[JUmPER]: ")
        assert answer.count("\n") == 1
