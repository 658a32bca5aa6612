# SPDX-License-Identifier: BSD-3-Clause
"""A session of four nodes: what it says, what it survives, and that nothing of it stays."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import slurm_cluster
from fake_gpus import LIBRARY, variables
from slurm_cluster import Cluster, Process, until

JUMPER = str(Path(sys.executable).with_name("jumper"))
NATIVE = "get_ipython()._jumper_extension.service.monitor.native"
# Each node burns for a time of its own; what it used is what its control group says.
WORK = """
task = '''
import os, time
end = time.process_time() + 0.3 * (1 + int(os.environ['SLURM_PROCID']))
while time.process_time() < end: pass
'''
srun = 'srun --overlap -N4 -n4 --ntasks-per-node=1 --cpu-bind=none'.split()
done = subprocess.run([*srun, sys.executable, '-c', task], capture_output=True, text=True)
assert done.returncode == 0, done.stderr
time.sleep(0.3)
"""


@pytest.fixture
def four(cluster: Cluster) -> Iterator[Cluster]:
    """All nodes are free, and are again for the next test, whatever was killed."""
    yield cluster
    for node in cluster.nodes:
        if not Path(f"/proc/{cluster.daemon(node)}").exists():
            slurm_cluster.start_node(cluster.folder, node)
        cluster.run("scontrol", "update", f"nodename={node}", "state=resume", check=False)
    assert until(lambda: cluster.idle_nodes() == cluster.nodes), cluster.run("sinfo", "-N").stdout


def agents(cluster: Cluster, job: int, node: str | None = None) -> list[Process]:
    """The collectors of a job, on one node or on all."""
    found = cluster.processes(job, node)
    return [p for p in found if "record" in p.command and "srun" not in p.command]


def launchers(cluster: Cluster, job: int) -> list[Process]:
    return [p for p in cluster.processes(job) if "srun" in p.command and "record" in p.command]


def report(kernel: Any) -> dict[str, Any]:
    # (an error until the first node is heard)
    return kernel.value(f"__import__('json').loads({NATIVE}.nodes_report().json())", {"nodes": []})


def states(kernel: Any) -> dict[str, str]:
    return {node["node"]: node["state"] for node in report(kernel)["nodes"]}


def all_live(kernel: Any, count: int) -> bool:
    return list(states(kernel).values()) == ["live"] * count


def kernel_pid(kernel: Any) -> int:
    pid = kernel.value("__import__('os').getpid()")
    assert isinstance(pid, int)
    return pid


@pytest.fixture
def watched(four: Cluster, kernel_in_job: Callable[..., Any]) -> Callable[..., Any]:
    """A context manager: a kernel on the first of four nodes, which it monitors."""

    @contextmanager
    def start(launcher: str = "exec", after: str = "") -> Iterator[Any]:
        options = ("-N4", "--ntasks-per-node=1", "--mem=400", "--no-kill")
        with kernel_in_job(four, *options, launcher=launcher, after=after) as kernel:
            assert kernel("%load_ext jumper_extension").status == "ok"
            assert kernel("import subprocess, sys, time").status == "ok"
            started = kernel("%perfmonitor_start 0.1 --nodes all")
            assert started.status == "ok", started.error
            assert until(lambda: all_live(kernel, 4)), (
                started.text,
                states(kernel),
                four.printed(kernel.job),
            )
            yield kernel

    return start


@pytest.mark.parametrize("launcher", ["exec", "exec srun -N1 -n1"], ids=["batch", "step"])
def test_every_node_says_what_it_used(
    four: Cluster, watched: Callable[..., Any], launcher: str
) -> None:
    with watched(launcher) as kernel:
        # GIVEN an agent on every node, and no more
        for node in four.nodes:
            assert len(agents(four, kernel.job, node)) == 1
        # WHEN a step works on all of them
        usage = {node: four.group(kernel.job, node, "cpuacct") for node in four.nodes}
        before = {node: int((usage[node] / "cpuacct.usage").read_text()) for node in four.nodes}
        assert kernel(WORK).status == "ok"
        after = {node: int((usage[node] / "cpuacct.usage").read_text()) for node in four.nodes}
        # THEN each has a row with what its control group counted
        text = kernel("%perfmonitor_perfreport --text --node all --cell -1").text
        said = report(kernel)
        assert [node["node"] for node in said["nodes"]] == four.nodes
        for node in said["nodes"]:
            assert node["node"] in text
            assert node["clock_error_seconds"] is not None
            assert node["memory_limit_bytes"] == 400 << 20
        data = kernel.value(
            "(lambda d: [d['node'], d['time'].tolist(), d['cpu_seconds'].tolist()])"
            f"({NATIVE}.nodes_perfdata('slurm'))"
        )
        for node in four.nodes:
            rows = [i for i, name in enumerate(data[0]) if name == node]
            grown = data[2][rows[-1]] - data[2][rows[0]]
            counted = (after[node] - before[node]) / 1e9
            assert counted > 0.25
            assert grown >= 0.9 * counted
        # AND the collector's own step is no container of the user's
        text = kernel("%perfmonitor_perfreport --text --node all --level container").text
        assert text == (
            "[JUmPER]: level 'container' is not measured on the nodes: choose system or slurm\n"
        )
        # AND all times are of one clock
        last = [max(t for n, t in zip(data[0], data[1], strict=True) if n == m) for m in four.nodes]
        assert max(last) - min(last) < 5
        # AND nothing is left when it was stopped
        assert kernel("%perfmonitor_stop").status == "ok"
        assert until(lambda: not agents(four, kernel.job))
        assert launchers(four, kernel.job) == []
        assert "ended" in set(states(kernel).values())


# Each node has two cards; whose they are is said by pids, which are all of this machine.
TWO_CARDS = """driver 550.54.15
cards 2 name="NVIDIA H100 80GB HBM3" memory=80GiB power=200
"""


@pytest.mark.skipif(
    not LIBRARY.exists() and not os.environ.get("CI"),
    reason="the fake driver's library is not built: make test-cpp",
)
def test_every_node_says_what_its_gpus_did(
    four: Cluster, watched: Callable[..., Any], tmp_path: Path
) -> None:
    scenario = tmp_path / "cards.txt"
    scenario.write_text(TWO_CARDS)
    environment = shlex.join(f"{key}={value}" for key, value in variables(scenario).items())
    with watched(f"exec env {environment}") as kernel:
        # GIVEN processes of the job that use both cards of one node, and one card of another
        first, second = (agents(four, kernel.job, node)[0].pid for node in four.nodes[:2])
        users = ((0, first), (1, first), (0, second))
        uses = [f"process card={card} pid={pid} memory=10GiB util=80\n" for card, pid in users]
        scenario.write_text(TWO_CARDS + "".join(uses))
        seen = (
            "(lambda d: [max([u for n, u in zip(d['node'], d['gpu_util_avg'].tolist())"
            f" if n == m and u == u], default=0) for m in {four.nodes[:2]}])"
            f"({NATIVE}.nodes_perfdata('slurm'))"
        )
        assert until(lambda: kernel.value(seen) == [80, 40]), kernel.value(seen)
        # WHEN a cell runs for some readings, and the one after it has come
        assert kernel("time.sleep(4)").status == "ok"

        def last_cell() -> Any:
            last = f"{NATIVE}.nodes_report(cells='-1').json()"
            return kernel.value(f"__import__('json').loads({last})")

        def busy() -> list[float | None]:
            gpus = [node["gpus"] or {} for node in last_cell()["nodes"]]
            return [one["utilization"]["likely"] if one.get("compared") else None for one in gpus]

        # THEN each node has what the job used of its own cards
        assert until(lambda: None not in busy()), last_cell()
        assert busy() == pytest.approx([0.8, 0.4, 0, 0], abs=0.01)
        cell = f"--node all --cell {last_cell()['last_cell']}"
        text = kernel(f"%perfmonitor_perfreport --text {cell}").text
        rows = {line.split()[0]: line for line in text.splitlines() if line}
        assert "10.00 of 80.00 GB" in rows[four.nodes[0]]
        # AND the sentences say who had too much, and who nothing
        assert f"the busiest node, {four.nodes[0]}, used its GPUs" in text
        assert f"{four.nodes[1]} (1); {four.nodes[2]} (all 2); {four.nodes[3]} (all 2)" in text
        # AND at the level of the machine there is the energy of all cards
        system = kernel(f"%perfmonitor_perfreport --json {cell} --level system").text
        for node in json.loads(system)["nodes"]:
            seconds = node["measured_seconds"]
            assert node["gpus"]["energy_joules"] == pytest.approx(400 * seconds, rel=0.2)


def test_the_commands_of_the_page_for_users(four: Cluster, watched: Callable[..., Any]) -> None:
    with watched() as kernel:
        assert kernel(WORK).status == "ok"
        one = kernel(f"%perfmonitor_perfreport --text --node {four.nodes[2]}").text
        assert f"Node: {four.nodes[2]}" in one
        assert "slurm" in kernel("%perfmonitor_perfreport --text --level slurm").text
        exported = kernel("%perfmonitor_export_perfdata job.csv --node all")
        assert exported.status == "ok", exported.error
        header, *rows = (kernel.folder / "job.csv").read_text().splitlines()
        assert header.startswith("node,time,")
        assert {row.split(",")[0] for row in rows} == set(four.nodes)
        assert len(kernel("%perfmonitor_plot --node all").displays) == 1
        assert "slurm" in kernel("%perfmonitor_resources").text
        assert "asked for 400.0 MB" in kernel("%perfmonitor_advice").text


def test_nothing_stays_when_the_kernel_is_killed(
    four: Cluster, watched: Callable[..., Any]
) -> None:
    with watched("", after="sleep 60") as kernel:
        os.kill(kernel_pid(kernel), signal.SIGKILL)
        assert until(lambda: not agents(four, kernel.job))
        assert until(lambda: not launchers(four, kernel.job))
        assert four.state(kernel.job) == "RUNNING"
        # AND its journal has what all nodes said
        out = four.run(JUMPER, "report", "--node", "all", str(kernel.journal())).stdout
        for node in four.nodes:
            assert node in out


def test_srun_killed(four: Cluster, watched: Callable[..., Any]) -> None:
    with watched() as kernel:
        [launcher] = launchers(four, kernel.job)[:1]
        os.kill(launcher.pid, signal.SIGKILL)
        assert until(lambda: not agents(four, kernel.job))
        assert until(lambda: "live" not in states(kernel).values())
        # THEN the notebook's own node goes on, and stops as ever
        assert kernel("sum(range(1000))").status == "ok"
        assert "Performance Report" in kernel("%perfmonitor_perfreport --text --cell -1").text
        assert kernel("%perfmonitor_stop").status == "ok"


def test_one_agent_killed(four: Cluster, watched: Callable[..., Any]) -> None:
    with watched() as kernel:
        [agent] = agents(four, kernel.job, four.nodes[2])
        os.kill(agent.pid, signal.SIGKILL)
        gone = four.nodes[2]
        assert until(lambda: states(kernel)[gone] in ("lost", "stale", "ended"))
        rest = {state for node, state in states(kernel).items() if node != gone}
        assert rest == {"live"}
        assert kernel("%perfmonitor_stop").status == "ok"
        assert until(lambda: not agents(four, kernel.job))


def test_a_nodes_slurmd_killed(four: Cluster, watched: Callable[..., Any]) -> None:
    with watched() as kernel:
        os.kill(four.daemon(four.nodes[3]), signal.SIGKILL)
        # THEN its samples still come
        assert kernel("time.sleep(1)").status == "ok"
        assert states(kernel)[four.nodes[3]] == "live"
        # AND stopping ends all agents
        assert kernel("%perfmonitor_stop").status == "ok"
        assert until(lambda: not agents(four, kernel.job))
        slurm_cluster.start_node(four.folder, four.nodes[3])


def test_a_steps_daemon_killed(four: Cluster, watched: Callable[..., Any]) -> None:
    with watched() as kernel:
        node = four.nodes[1]
        [agent] = agents(four, kernel.job, node)
        stat = Path(f"/proc/{agent.pid}/stat").read_text().rpartition(")")[2].split()
        os.kill(int(stat[1]), signal.SIGKILL)
        # THEN that node is silent, the others are not, and stopping does not wait for it
        assert until(lambda: states(kernel)[node] != "live")
        rest = {state for name, state in states(kernel).items() if name != node}
        assert rest == {"live"}
        assert kernel("%perfmonitor_stop").status == "ok"
        assert until(lambda: not agents(four, kernel.job))
        assert until(lambda: not launchers(four, kernel.job))


def test_a_reader_that_stands_still_loses_nothing(
    four: Cluster, watched: Callable[..., Any]
) -> None:
    with watched() as kernel:
        pid = kernel_pid(kernel)
        os.kill(pid, signal.SIGSTOP)
        try:
            until(lambda: False, 20)
        finally:
            os.kill(pid, signal.SIGCONT)
        assert len(agents(four, kernel.job)) == 4
        assert until(lambda: all_live(kernel, 4))
        times = kernel.value(
            "(lambda d: [t for n, t in zip(d['node'], d['time'].tolist())"
            f" if n == '{four.nodes[3]}'])({NATIVE}.nodes_perfdata())"
        )
        # THEN the other nodes' samples of that time are there (fewer, where the budget is tight)
        assert max(b - a for a, b in pairwise(times)) < 10
        assert times[-1] - times[0] > 18
        assert kernel("%perfmonitor_stop").status == "ok"
        assert until(lambda: not agents(four, kernel.job))


def test_a_cancelled_job_leaves_no_agent(four: Cluster, watched: Callable[..., Any]) -> None:
    with watched() as kernel:
        four.cancel(kernel.job)
        assert four.wait(kernel.job) == "CANCELLED"
        assert four.processes(kernel.job) == []


def test_a_program_of_many_nodes_in_a_batch_script(four: Cluster, tmp_path: Path) -> None:
    refused = four.run(JUMPER, "run", "--nodes", "all", "--", "true", check=False).stderr
    if "does not take '--nodes'" in refused:
        pytest.skip("jumper run has no --nodes yet")
    # GIVEN a batch script with the program of docs/hpc.md
    task = "import time\nwhile time.process_time() < 0.5: pass"
    run = f"{JUMPER} run --interval 0.1 --nodes all --json {tmp_path}/report.json --"
    script = f"{run} srun {sys.executable} -c {shlex.quote(task)}"
    job = four.submit(script, "-N4", "--ntasks-per-node=1", "--mem=300")
    # WHEN it has ended
    assert four.wait(job) == "COMPLETED", four.printed(job)
    # THEN its report has every node
    printed = four.printed(job)
    for node in four.nodes:
        assert node in printed
    assert json.loads((tmp_path / "report.json").read_text())
    assert four.processes(job) == []


# From a shell that belongs to the job and is on none of its nodes, as salloc gives one.
UNTIL_IT_ENDS = """
import json, subprocess, sys, time
import IPython
shell = IPython.get_ipython()
def run(name, line=''):
    shell.run_line_magic(name, line)
def states():
    try:
        report = shell._jumper_extension.service.monitor.native.nodes_report().json()
    except Exception:
        return []
    return [node['state'] for node in json.loads(report)['nodes']]
def wait_for(condition):
    for _ in range(400):
        if condition(states()):
            return
        time.sleep(0.05)
    sys.exit(f'still {states()}')
run('load_ext', 'jumper_extension')
run('perfmonitor_start', '0.1 --nodes all')
wait_for(lambda found: found == ['live'] * 4)
subprocess.run(['scancel', JOB], check=True)
wait_for(lambda found: 'live' not in found)
run('perfmonitor_perfreport', '--text --node all')
run('perfmonitor_stop')
"""


def test_a_job_that_ends_while_it_is_watched(four: Cluster, tmp_path: Path) -> None:
    # GIVEN a monitor of another job's nodes
    job = four.submit("sleep 60", "-N4", "--ntasks-per-node=1", "--mem=300")
    assert until(lambda: four.state(job) == "RUNNING")
    script = tmp_path / "shell.py"
    script.write_text(UNTIL_IT_ENDS.replace("JOB]", f"'{job}']"))
    variables = {
        "SLURM_JOB_ID": str(job),
        "SLURM_JOB_NODELIST": ",".join(four.nodes),
        "SLURM_JOB_NUM_NODES": "4",
        "IPYTHONDIR": str(tmp_path / "ipython"),
    }
    # WHEN the job is cancelled
    shell = (sys.executable, "-m", "IPython", "--no-banner", "--colors=nocolor", str(script))
    done = four.run(*shell, variables=variables, check=False)
    # THEN it is told, and stopping works
    assert done.returncode == 0, done.stdout + done.stderr
    assert "lost" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert four.wait(job) == "CANCELLED"


@pytest.mark.parametrize(
    ("choice", "expected"), [("2", [0, 1]), ("0,2", [0, 2])], ids=["number", "list"]
)
def test_some_of_the_nodes(
    four: Cluster, kernel_in_job: Callable[..., Any], choice: str, expected: list[int]
) -> None:
    names = [four.nodes[i] for i in expected]
    asked = ",".join(names) if "," in choice else choice
    with kernel_in_job(four, "-N4", "--ntasks-per-node=1", "--mem=300") as kernel:
        kernel("%load_ext jumper_extension")
        started = kernel(f"%perfmonitor_start 0.1 --nodes {asked}")
        assert started.status == "ok", started.error
        assert until(lambda: all_live(kernel, 2))
        assert kernel.value(f"list({NATIVE}.nodes())") == names
        kernel("%perfmonitor_stop")
        for mistake in ("0", "9", "nowhere", "a[1-", ""):
            wrong = kernel(f"%perfmonitor_start 0.1 --nodes {mistake}").text
            assert wrong.startswith("[JUmPER]: "), mistake
            assert wrong.count("\n") == 1, wrong


def test_outside_a_job_there_are_no_nodes(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_line_magic("load_ext", "jumper_extension")
    capsys.readouterr()
    shell.run_line_magic("perfmonitor_start", "0.1 --nodes all")
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith("[JUmPER]: ")
    assert "job" in line
