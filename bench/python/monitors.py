# SPDX-License-Identifier: BSD-3-Clause
"""The monitors that are compared, each behind the same few calls. Runs in their environments."""

from __future__ import annotations

import importlib
import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

BYTES_PER_GB = 1 << 30
TRIES = 10


@dataclass
class Samples:
    """What was measured of the process and its descendants."""

    times: list[float] = field(default_factory=list)  # as time.perf_counter()
    cpu_seconds: list[float] = field(default_factory=list)  # up to then, from any start
    memory_bytes: list[float] = field(default_factory=list)


class Monitor(Protocol):
    """What all of them can do."""

    leaves_itself_out: bool  # its own CPU time is not in what it says of the process

    def start(self, interval: float, budget_percent: float) -> None: ...
    def stop(self) -> None: ...
    def counts(self) -> dict[str, int]: ...
    def samples(self) -> Samples: ...
    def begin_cell(self) -> None: ...
    def end_cell(self) -> None: ...
    def cell_peak_bytes(self) -> float: ...


class Ours:
    """The monitor of this package."""

    leaves_itself_out = True

    def __init__(self, level: str = "process") -> None:
        self._level = level
        self._module: Any = importlib.import_module("jumper_extension._core")
        self._monitor: Any = None

    def start(self, interval: float, budget_percent: float) -> None:
        self._monitor = self._module.Monitor()
        self._monitor.start(interval, budget_percent=budget_percent)

    def stop(self) -> None:
        self._monitor.stop()

    def counts(self) -> dict[str, int]:
        stats = self._monitor.stats()
        return {
            "samples": stats["ticks"],
            "light": stats["left_out"].get("user level", 0),
            "stretched": stats["stretched_ticks"],
            "missed": stats["missed_ticks"],
        }

    def samples(self) -> Samples:
        data = self._monitor.perfdata(self._level)
        column = "memory_rss" if self._level == "process" else "memory"
        memory = [gigabytes * BYTES_PER_GB for gigabytes in data[column].tolist()]
        return Samples(data["time"].tolist(), data["cpu_seconds"].tolist(), memory)

    def begin_cell(self) -> None:
        self._monitor.begin_cell("pass")

    def end_cell(self) -> None:
        self._monitor.end_cell()

    def cell_peak_bytes(self) -> float:
        return float(self._monitor.cells()["memory_peak"][-1]) * BYTES_PER_GB


class Sampled:
    """What a monitor has that knows a cell by its samples only."""

    leaves_itself_out = False

    def __init__(self) -> None:
        self._cell_start = 0.0
        self._cell_end = 0.0

    def begin_cell(self) -> None:
        self._cell_start = time.perf_counter()

    def end_cell(self) -> None:
        self._cell_end = time.perf_counter()
        time.sleep(0.5)  # until its last sample has come through its pipe

    def samples(self) -> Samples:
        raise NotImplementedError

    def cell_peak_bytes(self) -> float:
        samples = self.samples()
        pairs = zip(samples.times, samples.memory_bytes, strict=True)
        within = [size for at, size in pairs if self._cell_start <= at <= self._cell_end]
        return max(within, default=0.0)


def from_frame(frame: Any, cpus: int) -> Samples:
    """Samples out of a table with utilisation over the time since the sample before."""
    samples = Samples()
    total = 0.0
    for at, percent, gigabytes in zip(
        frame["time"], frame["cpu_util_avg"], frame["memory"], strict=True
    ):
        if samples.times:
            total += percent / 100 * cpus * (at - samples.times[-1])
        samples.times.append(at)
        samples.cpu_seconds.append(total)
        samples.memory_bytes.append(gigabytes * BYTES_PER_GB)
    return samples


class Release04(Sampled):
    """jumper-extension 0.4.1, with the back-end of that name, as its magics start it."""

    def __init__(self, backend: str, level: str = "process") -> None:
        super().__init__()
        self._backend = backend
        self._level = level
        service: Any = importlib.import_module("jumper_extension.core.service")
        self._service = service.build_perfmonitor_service()

    def start(self, interval: float, budget_percent: float) -> None:
        del budget_percent  # it has none
        self._service.start_monitoring(interval, self._backend)
        if not self._service.monitor.running:
            raise RuntimeError(f"the back-end '{self._backend}' did not start")

    def stop(self) -> None:
        self._service.stop_monitoring()

    def counts(self) -> dict[str, int]:
        return {"samples": len(self._frame())}

    def samples(self) -> Samples:
        return from_frame(self._frame(), len(os.sched_getaffinity(0)))

    def _frame(self) -> Any:
        # It makes its table of lists that another thread appends to, and fails when one does then.
        for _ in range(TRIES):
            with suppress(ValueError):
                return self._service.monitor.nodes.view(level=self._level)
            time.sleep(0.02)
        return self._service.monitor.nodes.view(level=self._level)


class Release03(Sampled):
    """jumper-extension 0.3.x: Python in a thread is all it has."""

    def __init__(self) -> None:
        super().__init__()
        self._module: Any = importlib.import_module("jumper_extension.monitor")
        self._monitor: Any = None

    def start(self, interval: float, budget_percent: float) -> None:
        del budget_percent
        self._monitor = self._module.PerformanceMonitor(interval)
        self._monitor.start()

    def stop(self) -> None:
        self._monitor.stop()

    def counts(self) -> dict[str, int]:
        return {"samples": len(self._monitor.data.view("process"))}

    def samples(self) -> Samples:
        return from_frame(self._monitor.data.view("process"), len(os.sched_getaffinity(0)))


class PsutilLoop(Sampled):
    """The best that can be done with psutil: each process once, nothing twice, nothing kept."""

    def __init__(self) -> None:
        super().__init__()
        self._psutil: Any = importlib.import_module("psutil")
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._samples = Samples()

    def start(self, interval: float, budget_percent: float) -> None:
        del budget_percent
        self._stopping.clear()
        self._samples = Samples()
        self._thread = threading.Thread(target=self._run, args=(interval,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self, interval: float) -> None:
        due = time.perf_counter()
        while not self._stopping.wait(max(0.0, due - time.perf_counter())):
            self._take()
            due = max(due + interval, time.perf_counter())

    def _take(self) -> None:
        """One pass: the processes of the user, the tree among them, and the system."""
        psutil = self._psutil
        own, user = os.getpid(), os.getuid()
        now = time.perf_counter()
        cpu, memory, tree = 0.0, 0.0, {own}
        # In the order of pids, so that parents mostly come first.
        for process in psutil.process_iter():
            try:
                with process.oneshot():
                    if process.uids().real != user:
                        continue
                    times = process.cpu_times()
                    resident = process.memory_info().rss
                    process.io_counters()
                    if process.pid in tree or process.ppid() in tree:
                        tree.add(process.pid)
                        cpu += times.user + times.system
                        memory += resident
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        psutil.cpu_times(percpu=True)
        psutil.virtual_memory()
        psutil.disk_io_counters()
        self._samples.times.append(now)
        self._samples.cpu_seconds.append(cpu)
        self._samples.memory_bytes.append(memory)

    def counts(self) -> dict[str, int]:
        return {"samples": len(self._samples.times)}

    def samples(self) -> Samples:
        return self._samples


def make_monitor(kind: str, level: str = "process") -> Monitor:
    """The monitor of that name; those of whole releases can tell about other levels, too."""
    if kind == "ours":
        return Ours(level)
    if kind == "release03":
        return Release03()
    if kind == "psutil":
        return PsutilLoop()
    return Release04(kind, level)
