# SPDX-License-Identifier: BSD-3-Clause
"""Runs in the measured environment: times cells of ``pass`` in an IPython shell, prints JSON.

    measure_cells.py EXTENSION COUNT

Nothing but IPython is imported, and the extension where one is named.
"""

import json
import sys
import time

from IPython.core.interactiveshell import InteractiveShell

WARM_UP = 30


def main(extension: str, count: int) -> None:
    """Time the cells, in microseconds each."""
    shell = InteractiveShell.instance()
    shell.run_cell(f"%load_ext {extension}", store_history=True)
    if extension != "empty_extension":
        shell.run_cell("%perfmonitor_start 1.0", store_history=True)
    elapsed = []
    for number in range(WARM_UP + count):
        start = time.perf_counter_ns()
        shell.run_cell("pass", store_history=True)
        end = time.perf_counter_ns()
        if number >= WARM_UP:
            elapsed.append((end - start) / 1000)
    if extension != "empty_extension":
        shell.run_cell("%perfmonitor_stop", store_history=True)
    print("\n" + json.dumps(elapsed))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
