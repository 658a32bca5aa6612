# SPDX-License-Identifier: BSD-3-Clause
"""The names that scripts written for the Python JUmPER import."""
