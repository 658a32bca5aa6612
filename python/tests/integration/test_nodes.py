# SPDX-License-Identifier: BSD-3-Clause
"""--node where there is one node only: each command says so in one line."""

from collections.abc import Iterator

import pytest
from jumper_extension.display.output import Output
from jumper_extension.monitor import Monitor
from jumper_extension.native import JumperError
from jumper_extension.service import PerfmonitorService

ONE_NODE = "this session has one node only: inside a Slurm job, %perfmonitor_start --nodes all"


@pytest.fixture
def service() -> Iterator[PerfmonitorService]:
    service = PerfmonitorService(Output())
    service.start_monitoring(0.1, no_journal=True)
    with service.monitored():
        pass
    yield service
    service.close()


@pytest.mark.parametrize("node", ["all", "n1"])
def test_a_session_of_one_node_says_so(
    service: PerfmonitorService, node: str, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    service.show_perfreport(node=node)
    service.plot_performance(node=node)
    service.export_perfdata(node=node)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert all(line.startswith(f"[JUmPER]: {ONE_NODE}") for line in lines)


def test_the_history_is_of_one_node(
    service: PerfmonitorService, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    service.show_cell_history(node="all")
    service.show_cell_history(node="n1")
    said, unknown = capsys.readouterr().out.splitlines()
    assert "the cell history is of one node: name it" in said
    assert ONE_NODE in unknown


def test_a_live_view_is_of_this_node(
    service: PerfmonitorService, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    service.plot_performance(live=(), node="n1")
    (line,) = capsys.readouterr().out.splitlines()
    assert "--live shows this node" in line


def test_a_monitor_without_nodes_has_none() -> None:
    with Monitor(0.1) as monitor:
        assert monitor.node_names == []
        with pytest.raises(JumperError, match="one node only"):
            monitor.report(node="n2")
        with pytest.raises(JumperError, match="one node only"):
            monitor.perfdata(node="all")
