# SPDX-License-Identifier: BSD-3-Clause
"""Builders of the service and of its adapter, with the parameters of the Python JUmPER.

Scripts that it generated, and scripts written for it, call these.
"""

from jumper_extension.magics.adapter import PerfmonitorMagicAdapter
from jumper_extension.service import PerfmonitorService
from jumper_extension.settings import Settings

__all__ = [
    "PerfmonitorMagicAdapter",
    "PerfmonitorService",
    "build_perfmonitor_magic_adapter",
    "build_perfmonitor_service",
]

_NO_PLOTS = "this service was built without them"


def build_perfmonitor_service(
    plots_disabled: bool = False,
    plots_disabled_reason: str = _NO_PLOTS,
    display_disabled: bool = False,
    display_disabled_reason: str = "",
    visualizer_backend: str = "matplotlib",
) -> PerfmonitorService:
    """Build a service outside a shell.

    It prints text in any case, so that `display_disabled` changes nothing; and it has one
    kind of plot, whatever `visualizer_backend` says.
    """
    reason = plots_disabled_reason if plots_disabled else None
    return PerfmonitorService(settings=Settings(plots_disabled_reason=reason))


def build_perfmonitor_magic_adapter(
    plots_disabled: bool = False,
    plots_disabled_reason: str = _NO_PLOTS,
    display_disabled: bool = False,
    display_disabled_reason: str = "",
    visualizer_backend: str = "matplotlib",
) -> PerfmonitorMagicAdapter:
    """Build such a service, and the adapter that takes commands as magics spell them."""
    return PerfmonitorMagicAdapter(build_perfmonitor_service(plots_disabled, plots_disabled_reason))
