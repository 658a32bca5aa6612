# SPDX-License-Identifier: BSD-3-Clause
"""Which node of a job is asked: this one, another, or all of them."""

from jumper_extension.native import NativeMonitor, NativeSession
from jumper_extension.settings import DEFAULT_LEVEL

ALL_NODES = "all"


def asked(native: NativeMonitor | NativeSession, node: str | None) -> NativeMonitor | NativeSession:
    """What answers for `node`; without one, the session itself. JumperError: no such node."""
    return native if node is None else native.node(node)


def level_of(native: NativeMonitor | NativeSession, level: str | None) -> str:
    """The level that is asked where none is named: other nodes have no level process."""
    if level:
        return level
    return native.default_level if isinstance(native, NativeSession) else DEFAULT_LEVEL


def told(level: str | None, node: str | None) -> str:
    """Level and node in words, for those that were named."""
    parts = [f"level {level}"] if level else []
    if node is not None:
        parts.append("all nodes" if node == ALL_NODES else f"node {node}")
    return ", ".join(parts)
