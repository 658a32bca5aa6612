# SPDX-License-Identifier: BSD-3-Clause
"""Cells recorded in a notebook, and the script of them run by a fresh Python."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Kernel, Session

CELLS = [
    "from __future__ import annotations",
    "import os, sys\nx = 41",
    "x += 1\nprint('the answer is', x)",
    "text = '''two\n  lines'''\nassert text == 'two\\n  lines'",
    "!echo from the shell",
    "files = !echo a b\nprint('captured', files)",
    '%%bash\necho "from bash"',
    "%timeit -n1 -r1 sum(range(x))",
    "%%time\ny = x",
    "import asyncio\nz = await asyncio.sleep(0.01, 'awaited')\nprint(z)",
    "task = asyncio.ensure_future(asyncio.sleep(0, 'later'))",
    "print(await task)",
    "x?",
    "pwd",
    "display({'shown': y})",
    "%perfmonitor_perfreport --text",
    "%perfmonitor_export_cell_history --name cells",
    "print('exported', len(cells) > 10, '__file__' in globals())",
    "%reset -f",
    "# nothing but a remark",
    "print('the end')",
]


def run(script: Path, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(script), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=cwd or script.parent,
        env=os.environ | {"IPYTHONDIR": str(script.parent / "ipython"), "PYTHONUTF8": "1"},
        check=False,
    )


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as rows:
        return list(csv.DictReader(rows))


def record(session: Session, *sources: str, start: str = "%start_write_script s.py") -> Path:
    session(start)
    for source in sources:
        assert "not run" in session(source)
    assert "python s.py" in session("%end_write_script")
    return Path.cwd() / "s.py"


def test_a_script_gives_the_cells_of_the_notebook(kernel: Kernel) -> None:
    kernel("%perfmonitor_start 0.05")
    kernel("%start_write_script recorded.py")
    before = len(kernel.history())
    for source in CELLS:
        done = kernel(source)
        assert done.status == "ok"
        assert done.text.count("\n") == 1, done.text
        assert "not run" in done.text
    # A question of the front end itself is answered all the same.
    assert kernel("print('silently')", store_history=False).text == "silently\n"
    assert "recorded.py" in kernel("%end_write_script").text
    assert kernel("1 + 1").result == "2"
    recorded = kernel.history()[before : before + len(CELLS)]

    folder = Path(str(kernel.manager.cwd))
    done = run(folder / "recorded.py")
    assert done.returncode == 0, done.stderr
    for shown in (
        "the answer is 42",
        "from the shell",
        "captured ['a b']",
        "from bash",
        "per loop",
        "Wall time",
        "awaited",
        "later",
        "String form: 42",
        "{'shown': 42}",
        "Performance Report",
        "exported True False",
        "the end",
    ):
        assert shown in done.stdout, shown
    again = table(folder / "recorded_cell_history.csv")
    assert [cell["raw_cell"] for cell in again] == [cell["raw_cell"] for cell in recorded] == CELLS
    assert [cell["cell_index"] for cell in again] == [str(n) for n in range(len(CELLS))]
    assert {cell["status"] for cell in again} == {"ok"}
    assert len(table(folder / "recorded_perfdata.csv")) > 1


def test_nothing_runs_while_recording_and_unload_leaves_the_shell_as_it_was(
    session: Session,
) -> None:
    before = list(session.shell.input_transformers_post)
    session("%start_write_script s.py")
    assert "cell 0 of s.py, not run" in session("ran = True")
    assert "cell 1 of s.py, not run" in session("1 +")
    assert "ran" not in session.shell.user_ns
    session.shell.extension_manager.unload_extension("jumper_extension")
    assert session.shell.input_transformers_post == before
    session("ran = True")
    assert session.shell.user_ns["ran"]
    assert not Path("s.py").exists()


def test_no_reports_after_cells_that_did_not_run(session: Session) -> None:
    session("%perfmonitor_fast_setup")
    script = record(session, "x = 1")
    assert session("x = 2").count("Performance Report") == 1
    done = run(script)
    assert done.stdout.count("Performance Report") == 1
    assert [cell["raw_cell"] for cell in table(script.with_name("s_cell_history.csv"))] == ["x = 1"]


@pytest.mark.parametrize(
    ("failing", "said", "code", "status"),
    [
        ("1/0", "ZeroDivisionError", 1, "error"),
        ("x = 1 +", "SyntaxError", 1, "error"),
        ("await missing", "NameError", 1, "error"),
        ("%no_such_magic", "no_such_magic", 1, "error"),
        ("raise SystemExit(7)", "", 7, "error"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", -2, "interrupted"),
        ("%%bash\nexit 3", "CalledProcessError", 1, "error"),
    ],
)
def test_a_cell_that_fails_stops_the_script_and_the_exports_are_written(
    session: Session, failing: str, said: str, code: int, status: str
) -> None:
    done = run(script := record(session, "print('before')", failing, "print('skipped')"))
    assert done.returncode == code
    assert "before" in done.stdout
    assert "skipped" not in done.stdout
    assert said in done.stderr
    history = table(script.with_name("s_cell_history.csv"))
    assert [(cell["raw_cell"], cell["status"]) for cell in history] == [
        ("print('before')", "ok"),
        (failing, status),
    ]
    assert table(script.with_name("s_perfdata.csv"))


def test_new_processes_do_not_run_the_script_again(session: Session, tmp_path: Path) -> None:
    script = record(
        session,
        "import multiprocessing\nprint('once')",
        "with multiprocessing.get_context('spawn').Pool(1) as pool: print(pool.map(abs, [-3]))",
    )
    done = run(script)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("once") == 1
    assert "[3]" in done.stdout


def test_exports_go_where_the_script_was_started(session: Session, tmp_path: Path) -> None:
    script = record(session, "import os; os.chdir('/')")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert run(script, cwd=elsewhere).returncode == 0
    assert sorted(path.name for path in elsewhere.iterdir()) == [
        "s_cell_history.csv",
        "s_perfdata.csv",
    ]


def test_an_ordinary_file_with_a_name_of_its_own(session: Session, tmp_path: Path) -> None:
    session("%start_write_script")
    session("x = 1")
    session("%end_write_script")
    [script] = tmp_path.glob("notebook_script_*_*.py")
    mask = os.umask(0)
    os.umask(mask)
    assert script.stat().st_mode & 0o777 == 0o666 & ~mask


def test_an_older_recording_is_replaced_and_any_other_file_is_kept(session: Session) -> None:
    record(session, "x = 1")
    assert "in place of the script recorded before" in session("%start_write_script s.py")
    session("x = 2")
    assert "in place of" in session("%end_write_script")
    assert "x = 2" in Path("s.py").read_text()
    Path("mine.py").write_text("precious = 1\n")
    assert "choose another name" in session.mistake("%start_write_script mine.py")
    # It came while the cells were being recorded: they are not lost.
    session("%start_write_script late.py")
    session("x = 3")
    Path("late.py").write_text("precious = 1\n")
    assert "choose another name" in session.mistake("%end_write_script")
    assert "python other.py" in session("%end_write_script other.py")
    assert "x = 3" in Path("other.py").read_text()
    assert Path("mine.py").read_text() == Path("late.py").read_text() == "precious = 1\n"


def test_mistakes_are_answered_with_one_line(session: Session, tmp_path: Path) -> None:
    assert "no cells are being recorded" in session.mistake("%end_write_script")
    assert "is a folder" in session.mistake("%start_write_script .")
    assert "no folder 'missing'" in session.mistake("%start_write_script missing/s.py")
    os.mkfifo("pipe.py")
    assert "no ordinary file" in session.mistake("%start_write_script pipe.py")
    assert "one argument too many" in session.mistake("%start_write_script a.py b.py")
    session("%start_write_script s.py")
    assert "already recording for s.py" in session.mistake("%start_write_script t.py")
    assert session.mistake("%end_write_script") == (
        "[JUmPER]: No cell was recorded: no script was written."
    )
    assert [path.name for path in tmp_path.glob("*.py")] == ["pipe.py"]


def test_a_folder_that_vanished(session: Session, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    session("%start_write_script folder/s.py")
    session("x = 1")
    folder.rmdir()
    assert "no folder" in session.mistake("%end_write_script")
    assert "python s.py" in session("%end_write_script s.py")


def test_variables_recorded_before_are_no_magics(session: Session) -> None:
    script = record(session, "env = 'a variable'", "env")
    assert "use_ipython" not in script.read_text()


def test_the_service_records_without_a_shell(tmp_path: Path, capsys: Any) -> None:
    from jumper_extension.core.service import build_perfmonitor_service

    service = build_perfmonitor_service()
    service.start_script_recording(tmp_path / "s.py")
    ran: list[int] = []
    cells: list[Callable[[], None]] = [lambda: ran.append(1), lambda: ran.append(2)]
    for number, cell in enumerate(cells):
        service.on_pre_run_cell(f"print({number})")
        cell()
        service.on_post_run_cell()
    assert ran == [1, 2]
    assert service.stop_script_recording() == str(tmp_path / "s.py")
    assert service.stop_script_recording() is None
    assert "not run" not in capsys.readouterr().out
    assert run(tmp_path / "s.py").returncode == 0
    assert len(table(tmp_path / "s_cell_history.csv")) == 2
