# SPDX-License-Identifier: BSD-3-Clause
"""The live view's widget. Importing this needs anywidget."""

import anywidget
import traitlets

from jumper_extension.display.live import script


class LiveWidget(anywidget.AnyWidget):
    """One model for all views. Its state is set by cells only; all else is sent."""

    _esm = script()
    document = traitlets.Unicode().tag(sync=True)
    options = traitlets.Dict().tag(sync=True)
