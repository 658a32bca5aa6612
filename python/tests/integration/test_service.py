# SPDX-License-Identifier: BSD-3-Clause
"""The names that scripts for the Python JUmPER use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from jumper_extension.core.service import (
    PerfmonitorMagicAdapter,
    PerfmonitorService,
    build_perfmonitor_magic_adapter,
    build_perfmonitor_service,
)

# As the Python JUmPER generates it from a notebook.
GENERATED = """
from jumper_extension.core.service import build_perfmonitor_magic_adapter

magic_adapter = build_perfmonitor_magic_adapter(
    plots_disabled=True,
    plots_disabled_reason="Plotting is disabled in a script.",
    display_disabled=True,
    display_disabled_reason="No display in a script.",
)
magic_adapter.perfmonitor_enable_perfreports("--level process --interval 0.05 --text")

magic_adapter.on_pre_run_cell("total = sum(range(10))", [], False)
total = sum(range(10))
magic_adapter.on_post_run_cell('')

magic_adapter.on_pre_run_cell("%perfmonitor_plot", ["perfmonitor_plot"], True)
magic_adapter.perfmonitor_plot('')
magic_adapter.on_post_run_cell('')

magic_adapter.perfmonitor_export_perfdata("--file s_perfdata.csv")
magic_adapter.perfmonitor_export_cell_history("--file s_cell_history.csv")
magic_adapter.close()
"""


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PerfmonitorService:
    monkeypatch.chdir(tmp_path)
    return build_perfmonitor_service(display_disabled=True)


def test_generated_script(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", GENERATED],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.count("Performance Report") == 1
    assert "[JUmPER]: plots are disabled: Plotting is disabled in a script." in done.stdout
    assert (tmp_path / "s_perfdata.csv").stat().st_size > 0
    history = (tmp_path / "s_cell_history.csv").read_text()
    assert "total = sum(range(10))" in history
    assert "%perfmonitor_plot" in history


def test_monitored_block_is_a_cell(
    service: PerfmonitorService, capsys: pytest.CaptureFixture[str]
) -> None:
    service.start_monitoring(0.05)
    with service.monitored() as same:
        assert same is service
    with pytest.raises(ZeroDivisionError), service.monitored():
        _ = 1 / 0
    assert service.monitor.cells()["status"].tolist() == ["ok", "error"]
    assert "Performance Report" not in capsys.readouterr().out
    service.enable_perfreports("process", text=True)
    with service.monitored():
        pass
    service.close()
    assert capsys.readouterr().out.count("Performance Report") == 1


def test_exports_give_frames_or_write(service: PerfmonitorService, tmp_path: Path) -> None:
    service.start_monitoring(0.05)
    with service.monitored():
        pass
    frames = service.export_perfdata(level=None)
    assert frames is not None
    assert list(frames) == ["perfdata_df"]
    assert list(service.export_perfdata(name="mine", level="user") or ()) == ["mine"]
    assert list(service.export_cell_history() or ()) == ["cell_history_df"]
    assert service.export_perfdata(file=tmp_path / "p.json") == {}
    assert service.export_cell_history(file="h") == {}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["h.csv", "p.json"]
    assert list(service.load_cell_history("h.csv") or ()) == ["loaded_cell_history_df"]
    service.close()


def test_mistakes_are_answered_not_raised(
    service: PerfmonitorService, capsys: pytest.CaptureFixture[str]
) -> None:
    assert service.stop_monitoring() is None
    assert service.export_perfdata() is None
    assert service.load_perfdata("missing.csv") is None
    service.show_perfreport(level="galaxy")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert all(line.startswith("[JUmPER]: ") for line in lines)


def test_level_none_means_process(
    service: PerfmonitorService, capsys: pytest.CaptureFixture[str]
) -> None:
    service.start_monitoring()
    with service.monitored():
        pass
    capsys.readouterr()
    service.show_perfreport(cell_range=None, level=None, json=True)
    assert '"process"' in capsys.readouterr().out
    service.close()
    service.close()
    assert capsys.readouterr().out == ""


def test_a_cell_that_failed_in_a_script_does_not_swallow_the_next(
    service: PerfmonitorService,
) -> None:
    service.on_pre_run_cell("fails", [], False)
    service.on_pre_run_cell("next", ["time x"], False)
    service.on_post_run_cell("")
    cells = service.monitor.cells()
    assert cells["status"].tolist() == ["error", "ok"]
    assert cells["cell_magics"].tolist() == [[], ["time x"]]


def test_adapter_offers_every_command() -> None:
    adapter = build_perfmonitor_magic_adapter()
    assert isinstance(adapter, PerfmonitorMagicAdapter)
    assert {"perfmonitor_start", "cell_history", "show_cell_history"} <= set(dir(adapter))
    adapter.perfmonitor_start("0.05")
    assert adapter.service.monitor.running
    with adapter.monitored():
        pass
    assert list(adapter.perfmonitor_export_perfdata("--name df")) == ["df"]
    assert adapter.perfmonitor_stop() == {}
    with pytest.raises(AttributeError, match="perfmonitor_dance"):
        adapter.perfmonitor_dance("")
