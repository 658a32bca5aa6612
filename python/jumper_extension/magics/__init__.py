# SPDX-License-Identifier: BSD-3-Clause
"""The commands: their table, their parser, their help, and the IPython magics made of them."""
