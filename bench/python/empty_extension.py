# SPDX-License-Identifier: BSD-3-Clause
"""An extension that does nothing: what loading any extension costs."""


def load_ipython_extension(_shell: object) -> None:
    """Add nothing."""
