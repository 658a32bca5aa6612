# SPDX-License-Identifier: BSD-3-Clause
"""Showing reports, tables and plots where the user is: notebook or terminal."""
