# SPDX-License-Identifier: BSD-3-Clause
"""A session of four nodes in a JupyterLab that runs in a step of a Slurm job."""

from __future__ import annotations

from typing import Any

import pytest
from slurm_cluster import Cluster

# Each task burns for as many seconds as its number: the last node is the slowest, the first waits.
WORK = """import subprocess, textwrap
task = textwrap.dedent('''
    import os, time
    kept = bytearray((1 + int(os.environ['SLURM_PROCID'])) * 40 * 2**20)
    end = time.time() + 1 + int(os.environ['SLURM_PROCID'])
    while time.time() < end: pass
''')
srun = 'srun --overlap -N4 -n4 --ntasks-per-node=1 --mem=0'.split()
subprocess.run([*srun, '/usr/bin/python3', '-c', task], check=True);"""
CELLS = (
    "%load_ext jumper_extension",
    "%perfmonitor_start 0.1 --nodes all",
    "import time; time.sleep(1)",
    WORK,
    "%perfmonitor_perfreport --cell 1:2 --node all",
    "%perfmonitor_plot --node all",
)


@pytest.fixture(scope="module")
def lab_launcher(cluster: Cluster) -> tuple[list[str], dict[str, str]]:
    """The server as a step on the job's first node, the other nodes free."""
    launcher = ["salloc", "-Q", "-N4", "srun", "-N1", "-n1", "--overlap"]
    return launcher, cluster.environment


@pytest.mark.timeout(400)
def test_four_nodes_in_jupyterlab(page: Any, lab: Any, theme: str, cluster: Cluster) -> None:
    # GIVEN a notebook on one of four nodes
    lab.write("nodes.ipynb", CELLS)
    lab.open(page, "nodes.ipynb")
    # WHEN it is run
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells'); }")
    plot = page.locator(".jumper-plot[data-state=ready]")
    plot.wait_for()
    page.wait_for_timeout(500)
    # THEN report and plot name every node
    text = page.locator(".jp-Notebook").inner_text()
    lab.screenshot(page, "slurm_report")
    plot.scroll_into_view_if_needed()
    lab.screenshot(page, "slurm_plot")
    for node in cluster.nodes:
        assert node in text
    assert plot.evaluate(lab.drawn)
