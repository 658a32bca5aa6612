# SPDX-License-Identifier: BSD-3-Clause
"""A capture holds what readers need and nothing that tells whose machine it was."""

from __future__ import annotations

import json
from pathlib import Path

import capture_root
import pytest

OWNER = "alice"
MOUNTS = (
    "1 2 0:21 / /proc rw,relatime - proc proc rw\n"
    "2 2 8:1 / /home/alice rw,relatime - ext4 /dev/sda1 rw\n"
    "3 2 0:30 /../alice-pod /sys/fs/cgroup ro,nosuid shared:9 - cgroup2 cgroup2 rw\n"
)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def captured(tmp_path: Path) -> Path:
    """A capture of a small machine of alice's."""
    proc, sys_root = tmp_path / "live/proc", tmp_path / "live/sys"
    write(proc / "stat", "cpu  1 2 3 4\n")
    write(proc / "net/dev", "Inter-| Receive\n face |bytes\n    lo: 1\nalice-vpn: 2\n")
    write(proc / "7/stat", "7 (python3) R 1\n")
    write(proc / "7/environ", "USER=alice")
    write(proc / "7/cmdline", "/home/alice/python3")
    write(proc / "7/cgroup", "0::/user.slice/alice-session\n")
    write(proc / "7/mountinfo", MOUNTS)
    write(proc / "7/task/7/children", "")
    write(sys_root / "fs/cgroup/user.slice/alice-session/memory.max", "max\n")
    write(sys_root / "fs/cgroup/user.slice/memory.max", "1000\n")
    write(sys_root / "devices/pci/block/sda/size", "100\n")
    write(sys_root / "devices/pci/block/sda/sda1/partition", "1\n")
    write(sys_root / "devices/virtual/block/dm-0/dm/name", "alice-home\n")
    (sys_root / "devices/virtual/block/dm-0/slaves").mkdir()
    (sys_root / "devices/virtual/block/dm-0/slaves/sda1").symlink_to(
        "../../../../pci/block/sda/sda1"
    )
    (sys_root / "block").mkdir()
    (sys_root / "block/sda").symlink_to("../devices/pci/block/sda")
    (sys_root / "block/dm-0").symlink_to("../devices/virtual/block/dm-0")
    target = tmp_path / "captured"
    target.mkdir()
    capture_root.Capture(proc, sys_root, target).run(pid=7)
    return target


def test_files_are_the_kernels_own(captured: Path) -> None:
    assert (captured / "proc/stat").read_text() == "cpu  1 2 3 4\n"
    assert (captured / "proc/self/stat").read_text() == "7 (python3) R 1\n"
    assert (captured / "proc/7/task/7/children").read_text() == ""


def test_what_the_machine_lacks_is_left_out(captured: Path) -> None:
    assert not (captured / "proc/meminfo").exists()
    assert not (captured / "proc/7/io").exists()


def test_disks_link_as_in_the_kernel(captured: Path) -> None:
    assert (captured / "sys/block/sda/size").read_text() == "100\n"
    assert (captured / "sys/block/sda/sda1/partition").read_text() == "1\n"
    assert [path.name for path in (captured / "sys/block/dm-0/slaves").iterdir()] == ["sda1"]
    assert list((captured / "sys/block/sda/slaves").iterdir()) == []


def test_control_groups_are_renamed_alike_everywhere(captured: Path) -> None:
    assert (captured / "proc/7/cgroup").read_text() == "0::/user.slice/group1\n"
    assert (captured / "sys/fs/cgroup/user.slice/group1/memory.max").read_text() == "max\n"
    assert (captured / "sys/fs/cgroup/user.slice/memory.max").read_text() == "1000\n"


def test_only_mounts_of_the_kernels_file_systems_are_kept(captured: Path) -> None:
    assert (captured / "proc/7/mountinfo").read_text() == (
        "1 2 0:21 / /proc rw,relatime - proc proc rw\n"
        "3 2 0:30 /../group2 /sys/fs/cgroup ro,nosuid shared:9 - cgroup2 cgroup2 rw\n"
    )


def test_interfaces_are_renamed(captured: Path) -> None:
    assert (captured / "proc/net/dev").read_text().splitlines()[2:] == ["    lo: 1", "     net1: 2"]


def test_nothing_private_is_left(captured: Path) -> None:
    for path in captured.rglob("*"):
        assert OWNER not in path.name
        if path.is_file():
            assert OWNER not in path.read_text()


def test_this_machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert capture_root.main(["here", "--into", str(tmp_path)]) == 0

    assert (tmp_path / "here/proc/stat").read_text().startswith("cpu ")
    assert json.loads((tmp_path / "here/machine.json").read_text())["page_bytes"] >= 4096
    assert "files in" in capsys.readouterr().out


def test_an_earlier_capture_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()

    with pytest.raises(SystemExit):
        capture_root.main(["here", "--into", str(tmp_path)])
