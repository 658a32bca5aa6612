#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What a live view costs the kernel, and how late it is, while a Python loop runs.

Late is from a sample to the arrival of its message here, which is where a server would take it;
`make test-lab` tells how long it takes to the screen. The thread's CPU time is the kernel's own
account of it.
"""

from __future__ import annotations

import argparse
import json
import queue
import statistics
import time
from typing import Any

from jupyter_client.manager import KernelManager

TIMEOUT_SECONDS = 60
THREAD_SECONDS = """
import threading
for thread in threading.enumerate():
    if thread.name == 'jumper-live':
        with open(f'/proc/self/task/{thread.native_id}/schedstat') as file:
            print(int(file.read().split()[0]) / 1e9)
"""


def run(client: Any, code: str) -> tuple[str, list[tuple[float, dict[str, Any]]]]:
    """Run a cell; what it printed, and the comm messages of its time with their arrival."""
    request = client.execute(code, allow_stdin=True)
    printed, messages = "", []
    while True:
        try:
            message = client.get_iopub_msg(timeout=TIMEOUT_SECONDS)
        except queue.Empty:
            raise SystemExit("the kernel says nothing") from None
        kind, content = message["msg_type"], message["content"]
        if kind == "comm_open" or (kind == "comm_msg" and message["buffers"]):
            messages.append((time.time(), message))
        if message["parent_header"].get("msg_id") != request:
            continue
        printed += content.get("text", "")
        if kind == "status" and content["execution_state"] == "idle":
            return printed, messages


def answer_as_a_page(client: Any, message: dict[str, Any]) -> None:
    """Say that there is a view, so that messages become short."""
    said = {"client": "bench", "views": 1, "missing": None}
    data = {"method": "custom", "content": said}
    content = {"comm_id": message["content"]["comm_id"], "data": data}
    client.shell_channel.send(client.session.msg("comm_msg", content))


def measure(interval: float, sampling: float, seconds: float) -> str:
    """One line of what came while a Python loop ran for so long."""
    manager = KernelManager()
    manager.start_kernel()
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=TIMEOUT_SECONDS)
    try:
        run(client, "%load_ext jumper_extension")
        run(client, f"import time\n%perfmonitor_start {sampling}")
        _, messages = run(client, f"%perfmonitor_plot --live {interval}")  # opens two comms
        answer_as_a_page(client, messages[-1][1])
        before = float(run(client, THREAD_SECONDS)[0])
        begin = time.monotonic()
        loop = f"end = time.time() + {seconds}\nwhile time.time() < end: sum(range(1000))"
        _, messages = run(client, loop)
        elapsed = time.monotonic() - begin
        used = float(run(client, THREAD_SECONDS)[0]) - before
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    ages, sizes = [], []  # of samples, evenly spread over what a message brings
    for (arrived, message), (_, before_it) in zip(messages[1:], messages, strict=False):
        sizes.append(len(message["buffers"][0]))
        newest, oldest = arrived - end_of(message), arrived - end_of(before_it)
        ages += [newest + (oldest - newest) * place / 20 for place in range(20)]
    ages.sort()
    return (
        f"every {interval:g} s, samples every {sampling:g} s: {len(messages)} messages in "
        f"{elapsed:.1f} s, {statistics.median(sizes):.0f} bytes (largest {max(sizes)}); "
        f"{100 * used / elapsed:.2f} % of a core; samples arrive after "
        f"{1e3 * statistics.median(ages):.0f} ms, 95th percentile "
        f"{1e3 * ages[int(0.95 * len(ages))]:.0f} ms"
    )


def end_of(message: dict[str, Any]) -> float:
    """When the last sample of a message was taken, in seconds since the epoch."""
    plot = json.loads(bytes(message["buffers"][0]))
    return float(plot["start_ms"] / 1e3 + plot["to"] * plot["tick"])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30)
    seconds = parser.parse_args().seconds
    for interval, sampling in ((0.4, 1.0), (0.4, 0.1), (0.25, 0.1), (0.4, 0.01)):
        print(measure(interval, sampling, seconds), flush=True)


if __name__ == "__main__":
    main()
