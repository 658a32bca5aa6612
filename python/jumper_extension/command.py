# SPDX-License-Identifier: BSD-3-Clause
"""Where the command `jumper` is that was installed with this package."""

import shutil
import sysconfig
from pathlib import Path

from jumper_extension.native import JumperError


def command_path() -> str:
    """Return the full path of `jumper`: other nodes have no PATH of ours.

    JumperError: it is neither beside this Python nor in PATH.
    """
    beside = Path(sysconfig.get_path("scripts")) / "jumper"
    if beside.exists():
        return str(beside)
    found = shutil.which("jumper")
    if found is None:
        raise JumperError(
            f"the command jumper is not installed: it was looked for in {beside.parent} and in PATH"
        )
    return found
