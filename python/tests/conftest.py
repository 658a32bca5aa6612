# SPDX-License-Identifier: BSD-3-Clause
"""Fixtures of all tests: a real IPython shell inside the test process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


@pytest.fixture(scope="session", autouse=True)
def _journals_of_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test, and no kernel that one starts, writes a journal where the user has theirs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUMPER_DIR", str(tmp_path_factory.mktemp("jumper")))
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
