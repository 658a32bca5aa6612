# SPDX-License-Identifier: BSD-3-Clause
"""What the user of a service set; lasts as long as the service."""

from dataclasses import dataclass, field

DEFAULT_LEVEL = "process"


@dataclass
class PerfreportSettings:
    """The reports after each cell."""

    enabled: bool = False
    level: str = DEFAULT_LEVEL
    text: bool = False


@dataclass
class Settings:
    """All settings of one service."""

    perfreports: PerfreportSettings = field(default_factory=PerfreportSettings)
    default_interval: float = 1.0
    default_budget: float = 0.5
    plots_disabled_reason: str | None = None
