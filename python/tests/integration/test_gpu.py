# SPDX-License-Identifier: BSD-3-Clause
"""GPUs in a real kernel, by the way that a real driver's library is opened."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_gpus import EIGHT_CARDS, LIBRARY, variables

ONE_CARD = """driver 550.54.15
cards 1 name="NVIDIA H100 80GB HBM3" memory=80GiB power=200 temperature=50 util=90
process card=0 pid=self memory=2GiB util=60
process card=0 pid=1 memory=4GiB util=30
"""


pytestmark = pytest.mark.skipif(
    not LIBRARY.exists() and not os.environ.get("CI"),
    reason="the fake driver's library is not built: make test-cpp",
)


@pytest.fixture
def one_card(tmp_path: Path) -> Path:
    scenario = tmp_path / "scenario.txt"
    scenario.write_text(ONE_CARD)
    return scenario


def started(kernel: Any, options: str = "0.1") -> None:
    for source in ("%load_ext jumper_extension", f"%perfmonitor_start {options}"):
        done = kernel(source)
        assert done.status == "ok", done.messages


def test_a_process_has_its_own_part_of_a_card(
    start_kernel: Callable[..., Any], one_card: Path
) -> None:
    # GIVEN a card that another process uses as well
    with start_kernel(**variables(one_card)) as kernel:
        started(kernel)
        # WHEN a cell runs for some readings
        kernel("import time; time.sleep(2.5)")
        # THEN the report has the process's own part, and the machine's the card's
        ours = json.loads(kernel("%perfmonitor_perfreport --cell 1 --json").text)
        text = kernel("%perfmonitor_perfreport --cell 1 --text").text
        all_of_it = kernel("%perfmonitor_perfreport --cell 1 --level system --text").text
    assert "GPU Util (Across GPUs)    60.00    60.00    60.00" in text
    assert "GPU Memory (GB)           2.00     2.00     2.00     80.00" in text
    assert "GPU Util (Across GPUs)    90.00" in all_of_it
    assert "GPU Memory (GB)           6.00" in all_of_it
    # AND the energy is that of a card that draws 200 W all the time
    assert ours["gpu"]["energy_joules"] == pytest.approx(200 * ours["measured_seconds"], rel=0.05)


def test_columns_are_those_of_the_contract(
    start_kernel: Callable[..., Any], one_card: Path
) -> None:
    with start_kernel(**variables(one_card)) as kernel:
        started(kernel)
        kernel("import time; time.sleep(1.5)")
        kernel("%perfmonitor_export_perfdata --level process --name data")
        found = kernel("print(list(data.columns), data.gpu_mem_avg.iloc[-1])").text
    for column in ("gpu_util_avg", "gpu_band_avg", "gpu_mem_avg", "gpu_util_0", "gpu_mem_0"):
        assert f"'{column}'" in found
    assert found.strip().endswith(" 2.0")


def test_a_driver_that_hangs_holds_nobody_up(
    start_kernel: Callable[..., Any], one_card: Path
) -> None:
    with start_kernel(**variables(one_card)) as kernel:
        started(kernel)
        kernel("import time; time.sleep(1.5)")
        # WHEN a call into the driver does not come back
        one_card.write_text(ONE_CARD + "hang nvmlDeviceGetMemoryInfo_v2\n")
        kernel("time.sleep(4)")
        # THEN cells go on, and the report says since when and in which call
        report = kernel("%perfmonitor_perfreport --text").text
        assert "has not answered since" in report
        assert "nvmlDeviceGetMemoryInfo" in report
        assert "CPU Util" in report
        assert kernel("%perfmonitor_stop").status == "ok"
        assert kernel("1 + 1").result == "2"


def test_a_card_that_falls_off_the_bus_is_named(
    start_kernel: Callable[..., Any], tmp_path: Path
) -> None:
    scenario = tmp_path / "scenario.txt"
    scenario.write_text(EIGHT_CARDS.read_text())
    with start_kernel(**variables(scenario)) as kernel:
        started(kernel)
        kernel("import time; time.sleep(1.5)")
        scenario.write_text(EIGHT_CARDS.read_text() + "error * GPU_IS_LOST card=1\n")
        kernel("time.sleep(2)")
        report = kernel("%perfmonitor_perfreport --level system --text").text
    assert "card 1" in report or "GPU 1" in report


def test_what_a_killed_kernel_did_with_a_card_is_known_afterwards(
    start_kernel: Callable[..., Any], one_card: Path, tmp_path: Path
) -> None:
    # GIVEN a kernel that is killed
    journals = {"JUMPER_DIR": str(tmp_path / "jumper")}
    with start_kernel(**variables(one_card), **journals) as kernel:
        started(kernel)
        kernel("import time; time.sleep(2.5)")
        pid = int(kernel("import os; print(os.getpid())").text)
        os.kill(pid, signal.SIGKILL)
    # WHEN its journal is read where there is no card
    (journal,) = (tmp_path / "jumper").rglob("*.journal")
    command = Path(sys.executable).with_name("jumper")
    report = subprocess.run(
        [command, "report", journal], capture_output=True, text=True, check=True
    ).stdout
    # THEN
    assert "GPU Util (Across GPUs)    60.00" in report


def test_resources_name_the_cards(start_kernel: Callable[..., Any]) -> None:
    with start_kernel(**variables(EIGHT_CARDS), CUDA_VISIBLE_DEVICES="2,3") as kernel:
        kernel("%load_ext jumper_extension")
        text = kernel("%perfmonitor_resources").text
    assert "8" in text
    assert "NVIDIA H100 80GB HBM3" in text
    assert "CUDA_VISIBLE_DEVICES" in text


def test_gpus_can_be_left_alone(start_kernel: Callable[..., Any]) -> None:
    with start_kernel(**variables(EIGHT_CARDS), JUMPER_GPU="0") as kernel:
        kernel("%load_ext jumper_extension")
        text = kernel("%perfmonitor_resources").text
    assert "JUMPER_GPU=0" in text


def test_cards_that_come_are_found_by_the_next_start(
    start_kernel: Callable[..., Any], tmp_path: Path
) -> None:
    # GIVEN a machine whose driver has no card yet
    scenario = tmp_path / "scenario.txt"
    scenario.write_text("driver 550.54.15\ncards 0\n")
    with start_kernel(**variables(scenario)) as kernel:
        started(kernel)
        kernel("import time; time.sleep(0.3)")
        assert "GPU" not in kernel("%perfmonitor_perfreport --text").text
        # WHEN one comes, and monitoring is started anew
        scenario.write_text(ONE_CARD)
        kernel("%perfmonitor_stop")
        kernel("%perfmonitor_start 0.1")
        kernel("time.sleep(2.2)")
        # THEN
        assert "GPU Util (Across GPUs)    60.00" in kernel("%perfmonitor_perfreport --text").text


def test_what_a_notebook_chooses_before_it_starts_holds(start_kernel: Callable[..., Any]) -> None:
    with start_kernel(**variables(EIGHT_CARDS)) as kernel:
        kernel("%load_ext jumper_extension")
        kernel("%perfmonitor_resources")
        kernel("import os; os.environ['CUDA_VISIBLE_DEVICES'] = '3'")
        kernel("%perfmonitor_start 0.1")
        kernel("import time; time.sleep(1.2)")
        kernel("%perfmonitor_export_perfdata --name data")
        found = kernel("print([c for c in data.columns if c.startswith('gpu_mem')])").text
    assert "gpu_mem_3" in found
    assert "gpu_mem_0" not in found
