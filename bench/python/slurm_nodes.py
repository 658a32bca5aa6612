#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What it costs to monitor four nodes of a Slurm job, and how late their samples are.

    bench/python/slurm_nodes.py [--seconds 30] [--interval 0.1]

Starts a cluster (tools/slurm_cluster.py) and in it a job of four nodes with a monitor in a batch
step: for the start, for what everything costs while nothing else runs, and, with a reader of this
script's own in the monitor's place, for the time from a sample to its line. All nodes are on this
machine, so all times are of one clock. Prints a table.
"""

from __future__ import annotations

import argparse
import base64
import csv
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import slurm_cluster

NODES = 4
SETTLE_SECONDS = 3.0
FIRST_LIMIT_SECONDS = 20.0
MARK = f"{os.getpid():016x}"  # of our collectors' lines
FIELDS = 6  # of a line


def cpu_seconds(pid: int) -> float:
    """What a process has used, to the nanosecond."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def host(nodes: str, interval: float) -> None:
    """In the job: a monitor that runs until told; says when all nodes were heard."""
    from jumper_extension import JumperError, Monitor

    monitor = Monitor(interval=interval, nodes=nodes)
    start = time.perf_counter()
    monitor.start()
    answered = time.perf_counter() - start
    heard: set[str] = set()
    while nodes and len(heard) < NODES and time.perf_counter() < start + FIRST_LIMIT_SECONDS:
        time.sleep(0.005)
        with suppress(JumperError):  # until the first is heard
            heard = set(monitor.native.nodes_perfdata("system")["node"])
    first = time.perf_counter() - start
    told = {"pid": os.getpid(), "start": answered, "first": first, "heard": len(heard)}
    print(json.dumps(told), flush=True)
    end = Path(os.environ["JUMPER_BENCH_END"])
    while not end.exists():
        time.sleep(0.5)
    monitor.stop()


def listen(command: Sequence[str], seconds: float, folder: Path) -> None:
    """In the job: read the collectors' lines as they come; each node's journal goes to a file."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SLURM", "SBATCH", "SRUN"))}
    environment = kept | {"SLURM_CONF": os.environ["SLURM_CONF"]}
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    ) as program:
        if program.stdin is None or program.stdout is None:
            raise RuntimeError("no pipes")
        program.stdin.write(f"hello {MARK}\n".encode())
        program.stdin.flush()
        arrivals: list[tuple[str, float]] = []
        journals: dict[str, bytes] = {}
        end = time.monotonic() + seconds
        for line in program.stdout:
            at = time.monotonic()
            words = line.split()
            if len(words) == FIELDS and words[1] == MARK.encode():
                rank = words[2].decode()
                arrivals.append((rank, at))
                journals[rank] = journals.get(rank, b"") + base64.b64decode(words[4])
            if at > end:
                break
        program.stdin.close()
        program.stdout.read()
    for rank, content in journals.items():
        (folder / f"{rank}.journal").write_bytes(content)
    (folder / "arrivals.json").write_text(json.dumps(arrivals))


def latencies(folder: Path, skip_seconds: float) -> list[float]:
    """From each sample to the first line of its node that came after it."""
    arrivals = json.loads((folder / "arrivals.json").read_text())
    jumper = str(Path(sys.executable).with_name("jumper"))
    found: list[float] = []
    for journal in sorted(folder.glob("*.journal")):
        table = journal.with_suffix(".csv")
        subprocess.run([jumper, "export", journal, table, "--level", "system"], check=True)
        with table.open(newline="") as file:
            times = [float(row["time"]) for row in csv.DictReader(file)]
        came = [at for rank, at in arrivals if rank == journal.stem]
        for sample in times:
            after = [at for at in came if at >= sample]
            if after and sample > times[0] + skip_seconds:
                found.append(after[0] - sample)
    return found


class Host:
    """The monitor in a job of its own."""

    def __init__(self, cluster: slurm_cluster.Cluster, nodes: str, interval: float) -> None:
        self.cluster = cluster
        self._end = cluster.folder / f"end-{time.monotonic_ns()}"
        words = [sys.executable, str(Path(__file__).resolve()), "--host", nodes or "none"]
        script = f"exec {' '.join(words)} --interval {interval}"
        environment = f"export JUMPER_BENCH_END={self._end} JUMPER_JOURNAL=0\n"
        options = (f"-N{NODES}", "--ntasks-per-node=1", "--mem=300")
        self.job = cluster.submit(environment + script, *options)
        answered = ("}", "Error")
        if not slurm_cluster.until(
            lambda: any(word in cluster.printed(self.job) for word in answered), 60
        ):
            raise RuntimeError(f"job {self.job}: {cluster.printed(self.job)}")
        lines = cluster.printed(self.job).splitlines()
        self.told: dict[str, Any] = json.loads(next(x for x in lines if x.startswith("{")))

    def collectors(self) -> list[int]:
        """Processes of the agents, the notebook's node first."""
        found = self.cluster.processes(self.job)
        return [p.pid for p in found if "record" in p.command and not p.command.startswith("srun")]

    def launchers(self) -> list[int]:
        """Processes of srun."""
        found = self.cluster.processes(self.job)
        return [p.pid for p in found if p.command.startswith("srun")]

    def step_bytes(self) -> list[int]:
        """What the collectors' step has in memory on each node, Slurm's own process included."""
        found = []
        for node in self.cluster.nodes:
            steps = self.cluster.group(self.job, node, "memory").glob("step_[0-9]*")
            found += [int((step / "memory.usage_in_bytes").read_text()) for step in steps]
        return found

    def stop(self) -> None:
        """End it, and wait."""
        self._end.touch()
        self.cluster.wait(self.job)


def shares(pids: Sequence[int], seconds: float) -> list[float]:
    """Percent of a core that processes use while we wait."""
    before = [cpu_seconds(pid) for pid in pids]
    start = time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - start
    return [100 * (cpu_seconds(p) - b) / took for p, b in zip(pids, before, strict=True)]


def measure(cluster: slurm_cluster.Cluster, asked: argparse.Namespace) -> dict[str, str]:
    """All of it; the table's rows."""
    rows: dict[str, str] = {}
    firsts = []
    for _ in range(asked.rounds):
        started = Host(cluster, "all", asked.interval)
        firsts.append(started.told["first"])
        if started.told["heard"] != NODES:
            raise RuntimeError(f"only {started.told['heard']} nodes were heard")
        started.stop()
    middle = statistics.median(firsts)
    rows["start to first sample of all nodes, s"] = (
        f"{middle:.2f} ({min(firsts):.2f} to {max(firsts):.2f}, of {len(firsts)})"
    )
    alone = Host(cluster, "", asked.interval)
    time.sleep(SETTLE_SECONDS)
    [without] = shares([alone.told["pid"]], asked.seconds)
    alone.stop()
    busy = Host(cluster, "all", asked.interval)
    time.sleep(SETTLE_SECONDS)
    agents, launchers = busy.collectors(), busy.launchers()
    used = shares([busy.told["pid"], *agents, *launchers], asked.seconds)
    command = Path(f"/proc/{launchers[0]}/cmdline").read_bytes().decode().split("\0")[:-1]
    rows["monitor's process without and with nodes, % of a core"] = f"{without:.2f}, {used[0]:.2f}"
    of_agents, of_srun = used[1 : 1 + len(agents)], used[1 + len(agents) :]
    rows["srun, % of a core"] = f"{sum(of_srun):.2f}"
    rows["reader and srun together, % of a core"] = f"{used[0] - without + sum(of_srun):.2f}"
    each = ", ".join(f"{share:.2f}" for share in of_agents)
    rows["each agent, % of a core"] = each
    sizes = busy.step_bytes()
    rows["memory of the step on each node, MB"] = ", ".join(f"{n / 1e6:.1f}" for n in sizes)
    busy.stop()
    folder = cluster.folder / "lines"
    folder.mkdir()
    words = [sys.executable, str(Path(__file__).resolve()), "--listen", str(folder)]
    script = f"exec {' '.join(words)} --seconds {asked.seconds}"
    # The job's number is another one now.
    wanted = [word for word in command if not word.startswith("--jobid")]
    (folder / "command.json").write_text(json.dumps(wanted))
    job = cluster.submit(script, f"-N{NODES}", "--ntasks-per-node=1", "--mem=300")
    if cluster.wait(job, asked.seconds + 60) != "COMPLETED":
        raise RuntimeError(cluster.printed(job))
    late = sorted(1000 * value for value in latencies(folder, SETTLE_SECONDS))
    p90 = late[int(0.9 * len(late))]
    rows["from sample to line, ms"] = (
        f"median {statistics.median(late):.2f}, 90 % {p90:.2f}, most {late[-1]:.2f}"
        f" ({len(late)} samples)"
    )
    return rows


def main() -> int:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--interval", type=float, default=0.1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--host", help=argparse.SUPPRESS)
    parser.add_argument("--listen", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.host:
        host("" if asked.host == "none" else asked.host, asked.interval)
        return 0
    if asked.listen:
        folder = Path(asked.listen)
        command = json.loads((folder / "command.json").read_text())
        job = os.environ["SLURM_JOB_ID"]
        listen([command[0], f"--jobid={job}", *command[1:]], asked.seconds, folder)
        return 0
    try:
        with slurm_cluster.cluster(NODES) as cluster:
            rows = measure(cluster, asked)
    except (slurm_cluster.NoClusterError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for name, value in rows.items():
        print(f"| {name} | {value} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
