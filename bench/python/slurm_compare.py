#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The same Slurm job seen by ours, by the Python JUmPER, by sstat, and by the job's control group.

    bench/python/slurm_compare.py [--seconds 60] [--peer-python PATH]

Each watches a batch job of its own on a cluster that is started for that (tools/slurm_cluster.py).
The job keeps two CPUs busy: one process has children of 10 ms, one after the other; the other
computes, and once has 300 MB for a second. What they used is told by wait4, and by the job's
control group, which counts what the monitor uses as well. Prints a table.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import slurm_cluster
from monitors import make_monitor

CHILD_SECONDS = 0.01
HELD_BYTES = 300 << 20
HELD_SECONDS = 1.0
JOB_MEMORY_MB = 800
KINDS = {"none": "nobody", "ours": "JUmPER", "default": "jumper-extension 0.4.1", "sstat": "sstat"}
CGROUPS = Path("/sys/fs/cgroup")


def burn(seconds: float) -> None:
    """Use that much CPU time."""
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def with_short_children(end: float) -> None:
    """Children one after the other, of which most live between two samples."""
    while time.monotonic() < end:
        child = os.fork()
        if child == 0:
            burn(CHILD_SECONDS)
            os._exit(0)
        os.waitpid(child, 0)


def with_a_spike(end: float) -> None:
    """Compute, and once have much memory for a moment."""
    spike_at = time.monotonic() + (end - time.monotonic()) / 3
    while time.monotonic() < end:
        burn(0.05)
        if spike_at and time.monotonic() >= spike_at:
            held = bytearray(b"x") * HELD_BYTES
            time.sleep(HELD_SECONDS)
            del held
            spike_at = 0.0


def work(seconds: float) -> None:
    """Both, in processes of their own."""
    end = time.monotonic() + seconds
    children = []
    for task in (with_short_children, with_a_spike):
        child = os.fork()
        if child == 0:
            task(end)
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)


def own_group(controller: str) -> Path:
    """The job's control group."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, names, path = line.split(":", 2)
        if controller in names.split(","):
            parts = path.split("/")
            last = next(i for i, part in enumerate(parts) if part.startswith("job_"))
            return CGROUPS / controller / "/".join(parts[1 : last + 1])
    raise RuntimeError(f"no control group of {controller}")


def inside(kind: str, seconds: float, interval: float) -> dict[str, Any]:
    """What runs in the job: a monitor, and the work in a child."""
    usage, memory = own_group("cpuacct") / "cpuacct.usage", own_group("memory")
    watching = kind in ("ours", "default")
    monitor = make_monitor(kind, level="slurm") if watching else None
    if monitor is not None:
        monitor.start(interval, 0.5)
        time.sleep(2 * interval)
    peak = memory / "memory.max_usage_in_bytes"
    peak.write_text("0")
    before, start = int(usage.read_text()), time.perf_counter()
    child = subprocess.Popen([sys.executable, __file__, "--work", str(seconds)])
    _, _, used = os.wait4(child.pid, 0)
    after, end = int(usage.read_text()), time.perf_counter()
    peak_bytes = int(peak.read_text())
    answer: dict[str, Any] = {
        "truth_seconds": used.ru_utime + used.ru_stime,
        "group_seconds": (after - before) / 1e9,
        "group_peak_bytes": peak_bytes,
        "took_seconds": end - start,
    }
    if monitor is not None:
        time.sleep(2 * interval)
        samples = monitor.samples()
        within = [i for i, at in enumerate(samples.times) if start - 1e-3 <= at <= end + interval]
        first = max(0, within[0] - 1)
        answer["found_seconds"] = samples.cpu_seconds[within[-1]] - samples.cpu_seconds[first]
        answer["found_bytes"] = max(samples.memory_bytes[i] for i in within)
        answer["samples"] = sum(start <= samples.times[i] <= end for i in within)
        monitor.stop()
    return answer


def parse_size(text: str) -> int:
    """Bytes of a size as sstat writes it."""
    units = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
    return int(float(text[:-1]) * units[text[-1]]) if text[-1:] in units else int(float(text or 0))


def parse_time(text: str) -> float:
    """Seconds of a time as sstat writes it: [days-]hours:minutes:seconds."""
    days, _, rest = text.rpartition("-")
    seconds = 0.0
    for part in rest.split(":"):
        seconds = seconds * 60 + float(part)
    return seconds + 86400 * int(days or 0)


def poll_sstat(cluster: slurm_cluster.Cluster, job: int, interval: float) -> dict[str, Any]:
    """Ask sstat again and again until the job has ended; the largest of its answers."""
    cpu: list[float] = []
    size = [0]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    while cluster.processes(job):
        columns = "--format=AveCPU,MaxRSS,NTasks"
        done = cluster.run("sstat", "-n", "-P", "-j", f"{job}.batch", columns, check=False)
        words = done.stdout.strip().split("|")
        if len(words) == 3 and words[0]:  # noqa: PLR2004 - three were asked for
            cpu.append(parse_time(words[0]) * int(words[2]))
            size.append(parse_size(words[1]))
        time.sleep(interval)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "found_seconds": max(cpu, default=0.0),
        "found_bytes": max(size),
        "samples": len(cpu),
        "asking_seconds": spent,
    }


def measure(
    cluster: slurm_cluster.Cluster, kind: str, python: str, asked: argparse.Namespace
) -> dict[str, Any]:
    """One job, watched by one of them."""
    times = ["--seconds", str(asked.seconds), "--interval", str(asked.interval)]
    words = [python, str(Path(__file__).resolve()), "--inside", kind, *times]
    job = cluster.submit(
        f"exec {' '.join(words)}", "-N1", "-n1", "-c2", f"--mem={JOB_MEMORY_MB}", "--export=ALL"
    )
    found: dict[str, Any] = {}
    if kind == "sstat":
        slurm_cluster.until(lambda: cluster.processes(job))
        found = poll_sstat(cluster, job, asked.interval)
    state = cluster.wait(job, asked.seconds + 120)
    printed = cluster.printed(job).strip().splitlines()
    if state != "COMPLETED" or not printed:
        raise RuntimeError(f"job {job} is {state}: {cluster.printed(job)}")
    answer: dict[str, Any] = json.loads(printed[-1])
    return answer | found


def row(kind: str, results: Sequence[dict[str, Any]]) -> str:
    """One line of the table; medians over the rounds."""

    def median(name: str) -> float | None:
        values = [result[name] for result in results if name in result]
        return statistics.median(values) if values else None

    group = median("group_seconds") or 0.0
    truth = median("truth_seconds") or 0.0
    took = median("took_seconds") or 1.0
    cost = median("asking_seconds")
    if cost is None:
        cost = group - truth
    found, size, samples = median("found_seconds"), median("found_bytes"), median("samples")
    share = "" if found is None else f"{found:.2f} ({100 * found / group:.1f} %)"
    peak = "" if size is None else f"{size / (1 << 20):.0f}"
    count = "" if samples is None else f"{samples:.0f}"
    of_core = f"{cost:.2f} s ({100 * cost / took:.2f} %)"
    group_peak = (median("group_peak_bytes") or 0) / (1 << 20)
    return (
        f"| {KINDS[kind]} | {truth:.2f} | {group:.2f} | {share} | {group_peak:.0f} | {peak} "
        f"| {count} | {of_core} |"
    )


HEAD = (
    "| watched by | work used, s (wait4) | group counted, s | said, s | group's peak, MB "
    "| said, MB | samples | CPU time beside the work |\n|---|---|---|---|---|---|---|---|"
)


def main() -> int:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--interval", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", choices=KINDS, nargs="*", default=list(KINDS))
    parser.add_argument("--peer-python", default="build/bench/peer-venv/bin/python")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    parser.add_argument("--work", type=float, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.work is not None:
        work(asked.work)
        return 0
    if asked.inside is not None:
        print(json.dumps(inside(asked.inside, asked.seconds, asked.interval)), flush=True)
        return 0
    peer = str(Path(asked.peer_python).absolute())
    results: dict[str, list[dict[str, Any]]] = {kind: [] for kind in asked.only}
    try:
        with slurm_cluster.cluster(1) as cluster:
            for _ in range(asked.rounds):
                for kind in asked.only:
                    python = peer if kind == "default" else sys.executable
                    results[kind].append(measure(cluster, kind, python, asked))
                    print(KINDS[kind], results[kind][-1], file=sys.stderr, flush=True)
    except (slurm_cluster.NoClusterError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(HEAD)
    for kind in asked.only:
        print(row(kind, results[kind]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
