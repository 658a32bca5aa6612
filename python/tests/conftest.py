# SPDX-License-Identifier: BSD-3-Clause
"""Fixtures of all tests: a real IPython shell inside the test process, a Slurm cluster."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import slurm_cluster
from IPython.core.interactiveshell import InteractiveShell
from slurm_cluster import Cluster, Mode
from traitlets.config import Config


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Two lanes: what waits for a browser or a cluster most of the time, and all else.

    Those two are large programs of others with moods of their own: what fails there is run once
    more, and listed as rerun, not as passed alone.
    """
    for item in items:
        waits = item.path.parent.name in {"browser", "slurm"}
        item.add_marker(pytest.mark.xdist_group("waits" if waits else "works"))
        if waits:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session", autouse=True)
def _journals_of_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test, and no kernel that one starts, writes a journal where the user has theirs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUMPER_DIR", str(tmp_path_factory.mktemp("jumper")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _own_jedi_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Completion reads jedi's cache, which it cannot while another process is writing it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jedi.settings.cache_directory", str(tmp_path_factory.mktemp("jedi")))
        yield


@pytest.fixture
def shell(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[InteractiveShell]:
    """A shell of its own for the test, in an empty folder, without history or configuration."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
    monkeypatch.chdir(tmp_path)
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    main = sys.modules["__main__"]
    shell = InteractiveShell(config=config)
    yield shell
    if "jumper_extension" in shell.extension_manager.loaded:
        shell.extension_manager.unload_extension("jumper_extension")
    shell.reset(new_session=False)
    sys.modules["__main__"] = main


# A control group of the test's own, which kills what grows beyond this.
LIMIT_BYTES = 300 << 20
GROUP_V1 = Path("/sys/fs/cgroup/memory")
GROUP_V2 = Path("/sys/fs/cgroup")


@pytest.fixture
def memory_group() -> Iterator[Path]:
    """A memory control group with a limit; skipped where none can be made."""
    is_v1 = (GROUP_V1 / "memory.limit_in_bytes").exists()
    group = (GROUP_V1 if is_v1 else GROUP_V2) / f"jumper-test-{os.getpid()}"
    limits = (
        ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes")
        if is_v1
        else ("memory.max", "memory.swap.max")
    )
    try:
        group.mkdir()
    except OSError as error:
        pytest.skip(f"no control group can be made here: {error}")
    try:
        try:
            (group / limits[0]).write_text(str(LIMIT_BYTES))
        except OSError as error:
            pytest.skip(f"no memory limit can be set here: {error}")
        if (group / limits[1]).exists():
            (group / limits[1]).write_text(str(LIMIT_BYTES if is_v1 else 0))
        yield group
    finally:
        for _ in range(100):  # the kernel lets go of what was in it when it is done with that
            try:
                group.rmdir()
                break
            except OSError:
                time.sleep(0.05)


def started_cluster(mode: Mode, nodes: int) -> Iterator[Cluster]:
    # CI installs Slurm: where that failed, its tests have not passed.
    if os.environ.get("CI"):
        assert slurm_cluster.missing_programs() == []
    if trouble := slurm_cluster.why_not(mode):
        pytest.skip(f"no Slurm cluster can run here: {trouble}")
    with slurm_cluster.cluster(nodes, mode) as started:
        yield started


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Four nodes, which keep a job's processes in control groups."""
    yield from started_cluster(slurm_cluster.CGROUP, 4)


@pytest.fixture(scope="session")
def groupless() -> Iterator[Cluster]:
    """A node that knows a job's processes by their parents only."""
    yield from started_cluster(slurm_cluster.LINUXPROC, 1)
