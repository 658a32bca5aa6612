#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What monitoring costs and finds: ours beside the Python JUmPER, psutil and an empty timer.

All in one run, one after the other in rounds, so that all see the same state of the machine. With
the right to make one, in a pid namespace of its own: the numbers of processes are exact then.
CPU time is read from outside, by the kernel's clocks of every process of a contestant.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import sys
import time
from datetime import date
from pathlib import Path

from contestants import BenchError, Field, Subject
from peer_goals import lines
from peer_measurements import CLOCKS_ONLY_PERCENT, Measurement
from peer_plan import QUICK, Cast, Plan, Results
from peer_report import cost_table, text, turned
from private_proc import count_strangers, enter, is_private
from subjects import HERE, clean_environment, machine

ROOT = HERE.parent.parent
PROGRAMS = ("empty_timer", "idle_processes")
STRANGERS = 100


def processor() -> str:
    """The model of the CPUs, as the kernel has it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            names = [
                line.partition(":")[2].strip() for line in file if line.startswith("model name")
            ]
    except OSError:
        names = []
    return names[0] if names else platform.machine()


def make_cast(options: argparse.Namespace, plan: Plan) -> Cast:
    """Everyone whose environment is there."""
    host = str(HERE / "contestant_host.py")
    ours = [options.python, host, "ours"]

    def peer(name: str, python: Path, kind: str) -> Subject | None:
        return Subject(name, [str(python), host, kind]) if python.exists() else None

    # On a /proc that is shared it would lower the priority of everything that runs as this user.
    default = options.peer_python if is_private() or options.let_peer_renice else Path("/none")
    return Cast(
        ours=Subject("ours, no limit", ours),
        budgeted=Subject("ours, budget 0.5 %", ours, 0.5),
        clocks_only=Subject(f"ours, budget {CLOCKS_ONLY_PERCENT} %", ours, CLOCKS_ONLY_PERCENT),
        timer=Subject("an empty timer", [str(options.programs / "empty_timer")]),
        idle_processes=str(options.programs / "idle_processes"),
        default=peer("0.4.1, its C collector", default, "default"),
        thread=peer("0.4.1, --monitor thread", options.peer_python, "thread"),
        release03=peer("0.3.x", options.old_peer_python, "release03")
        if plan.with_old_release
        else None,
        psutil=peer("an ideal psutil loop", options.peer_python, "psutil"),
    )


def absent(cast: Cast, plan: Plan) -> list[str]:
    """Why some are not measured."""
    notes = []
    if cast.thread is None:
        notes.append(
            "the peer 0.4.1 and psutil are not measured: they have no environment "
            "(make bench makes it)"
        )
    elif cast.default is None:
        notes.append(
            "the C collector of 0.4.1 is not measured: it sets the nice value of every process of "
            "its user to 19, and here that would be yours (--let-peer-renice)"
        )
    if cast.release03 is None and plan.with_old_release:
        notes.append(
            "release 0.3.x is not measured: there is no environment with jumper-extension 0.3.6"
        )
    return notes


def measure(cast: Cast, plan: Plan, results: Results) -> None:
    """All of it."""
    with (
        clean_environment() as environment,
        Field(cast.idle_processes, environment) as field,
    ):
        field.enter(cast.all())
        for name, why in field.failures.items():
            results.failures.append(f"{Path(name.split()[-1]).name}: {why}")
        Measurement(field, cast, plan, results).run()


def plan_of(options: argparse.Namespace) -> Plan:
    """What the options ask for."""
    plan = QUICK if options.quick else Plan()
    if options.rates:
        plan = dataclasses.replace(plan, rates_hz=tuple(options.rates), other_rates_hz=())
    if options.processes:
        plan = dataclasses.replace(plan, others=tuple(sorted(options.processes)))
    return plan


def command_of(options: argparse.Namespace) -> str:
    """What to type to have this again; without the paths of this machine."""
    words = ["bench/python/bench_peers.py"]
    words += ["--quick"] if options.quick else []
    for name in ("rates", "processes"):
        if getattr(options, name):
            words += [f"--{name}", *(f"{number:g}" for number in getattr(options, name))]
    return " ".join(words)


def arguments_of(arguments: list[str]) -> argparse.Namespace:
    """The options; paths are from the root of the checkout."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    environments = Path("build/bench")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter: under two minutes")
    parser.add_argument("--rates", type=float, nargs="+", help="samples a second, at every size")
    parser.add_argument("--processes", type=int, nargs="+", help="numbers of other processes")
    parser.add_argument("--python", default=sys.executable, help="the interpreter with ours")
    parser.add_argument(
        "--peer-python",
        type=Path,
        default=environments / "peer-venv/bin/python",
        help="an interpreter with jumper-extension 0.4.1",
    )
    parser.add_argument(
        "--old-peer-python",
        type=Path,
        default=environments / "old-peer-venv/bin/python",
        help="an interpreter with jumper-extension 0.3.6",
    )
    parser.add_argument(
        "--programs",
        type=Path,
        default=environments / "bench",
        help="the folder with the built programs of bench/",
    )
    parser.add_argument("--let-peer-renice", action="store_true", help="see the C collector's note")
    parser.add_argument("--out", type=Path, default=Path("out/bench"))
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Measure, print the table, keep it."""
    options = arguments_of(arguments)
    # absolute(), not resolve(): an environment's interpreter is a link.
    for name in ("peer_python", "old_peer_python", "programs"):
        setattr(options, name, getattr(options, name).absolute())
    missing = [name for name in PROGRAMS if not (options.programs / name).exists()]
    if missing:
        print(
            f"bench_peers: {' and '.join(missing)} must be built first: tools/build_cpp.sh bench",
            file=sys.stderr,
        )
        return 2
    where = enter(
        str(Path(__file__).absolute()),
        arguments,
        str(options.programs / "idle_processes"),
        STRANGERS,
    )
    start = time.monotonic()
    load = os.getloadavg()[0]
    plan, results = plan_of(options), Results()
    cast = make_cast(options, plan)
    results.failures += absent(cast, plan)
    try:
        measure(cast, plan, results)
    except BenchError as error:
        print(f"bench_peers: {error}", file=sys.stderr)
        return 1
    table = lines(cast, results, plan.most_others)
    facts = {
        "command": command_of(options),
        "date": date.today().isoformat(),  # noqa: DTZ011 - of the machine
        "processor": processor(),
        "where": where,
        "strangers": count_strangers() if is_private() else "an unknown number",
        "load_before": round(load, 1),
        "took_seconds": round(time.monotonic() - start),
        **machine(),
    }
    print(text(table, cast, results, facts))
    options.out.mkdir(parents=True, exist_ok=True)
    content = {
        **facts,
        "costs": turned(cost_table(cast, results)),
        "table": [dataclasses.asdict(line) for line in table],
        **dataclasses.asdict(results),
    }
    (options.out / "peers.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
