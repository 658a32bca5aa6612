# SPDX-License-Identifier: BSD-3-Clause
"""The contestants as processes: started, told what to do, and their CPU time read from outside."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from private_proc import drop_privileges
from process_tree import all_pids, cpu_seconds_of, with_descendants

ANSWER_TIMEOUT_SECONDS = 30.0
SURROUND_TRIES = 5


class BenchError(Exception):
    """Something could not be measured; the message says why."""


@dataclass(frozen=True)
class Subject:
    """One that is measured: its name in tables, its command, and what its monitor may use."""

    name: str
    command: Sequence[str]
    budget_percent: float = 0.0

    @property
    def program(self) -> str:
        """What it runs as: two subjects may be one process with other settings."""
        return " ".join(self.command)


class Program:
    """A process that answers each line with a line."""

    def __init__(self, command: Sequence[str], environment: dict[str, str]) -> None:
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
            preexec_fn=drop_privileges,  # noqa: PLW1509 - there is one thread
            start_new_session=True,
        )
        self._received = b""

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def ask(self, line: str, timeout: float = ANSWER_TIMEOUT_SECONDS) -> str:
        """Send a line, give the answer."""
        self.tell(line)
        return self.answer(timeout)

    def tell(self, line: str) -> None:
        """Send a line; its answer is still to be fetched."""
        if self._process.stdin is None:
            raise BenchError("it takes no commands")
        try:
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise BenchError(self._last_words()) from error

    def answer(self, timeout: float = ANSWER_TIMEOUT_SECONDS) -> str:
        """The next line that it says."""
        if self._process.stdout is None:
            raise BenchError("it says nothing")
        until = time.monotonic() + timeout
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._received:
                if not selector.select(max(0.0, until - time.monotonic())):
                    raise BenchError(f"no answer within {timeout:.0f} s")
                part = os.read(self._process.stdout.fileno(), 65536)
                if not part:
                    raise BenchError(self._last_words())
                self._received += part
        answer, _, self._received = self._received.partition(b"\n")
        return answer.decode()

    def _last_words(self) -> str:
        self._process.wait(5)
        self._errors.seek(0)
        lines = self._errors.read().strip().splitlines()
        return lines[-1] if lines else f"it ended with status {self._process.returncode}"

    def close(self) -> None:
        """End it and what it started."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()


class Field:
    """The processes around the contestants: as many as asked for, and at their old priority."""

    def __init__(self, idle_processes: str, environment: dict[str, str]) -> None:
        self._environment = environment
        self._idle = Program([idle_processes], environment)
        self._idle_count = 0
        self._programs: dict[str, Program] = {}
        self._nice = os.getpriority(os.PRIO_PROCESS, 0)
        self._started_again: set[str] = set()
        self.failures: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for program in [*self._programs.values(), self._idle]:
            program.close()

    def enter(self, subjects: Sequence[Subject]) -> list[Subject]:
        """Start their programs, side by side; gives those that are ready."""
        started: dict[str, Program] = {}
        for subject in subjects:
            if subject.program not in self._programs and subject.program not in started:
                started[subject.program] = Program(subject.command, self._environment)
        for name, program in started.items():
            try:
                program.answer(timeout=60)
                self._programs[name] = program
            except BenchError as error:
                self.failures[name] = str(error)
                program.close()
        return [subject for subject in subjects if subject.program in self._programs]

    def has(self, subject: Subject) -> bool:
        """Whether its program runs."""
        return subject.program in self._programs

    def ask(
        self, subject: Subject, command: str, timeout: float = ANSWER_TIMEOUT_SECONDS
    ) -> dict[str, Any]:
        """Tell a contestant something, and give its answer."""
        self.tell(subject, command)
        return self.answer(subject, timeout)

    def tell(self, subject: Subject, command: str) -> None:
        """Tell a contestant something; its answer is still to be fetched."""
        if subject.program not in self._programs:
            self._start_again(subject)
        if subject.program not in self._programs:
            why = self.failures.get(subject.program, "it did not start")
            raise BenchError(f"{subject.name}: {why}")
        try:
            self._programs[subject.program].tell(command)
        except BenchError as error:
            raise self._lose(subject, error) from error

    def answer(self, subject: Subject, timeout: float = ANSWER_TIMEOUT_SECONDS) -> dict[str, Any]:
        """What a contestant says to what it was told."""
        try:
            answer: dict[str, Any] = json.loads(self._programs[subject.program].answer(timeout))
        except BenchError as error:
            raise self._lose(subject, error) from error
        return answer

    def _lose(self, subject: Subject, error: BenchError) -> BenchError:
        """Ends a contestant that does not answer."""
        self.failures[subject.program] = str(error)
        self._programs.pop(subject.program).close()
        return BenchError(f"{subject.name}: {error}")

    def _start_again(self, subject: Subject) -> None:
        """A contestant that failed once may do better at something else."""
        if subject.program not in self._started_again:
            self._started_again.add(subject.program)
            self.enter([subject])

    def tree_of(self, subject: Subject) -> list[int]:
        """The processes of a contestant: its own and everything below that."""
        return with_descendants(self._programs[subject.program].pid)

    def cpu_seconds(self, subject: Subject) -> float:
        """CPU time of a contestant so far."""
        return cpu_seconds_of(self.tree_of(subject))

    def surround(self, others: int) -> int:
        """Make it that many other processes of this user for a contestant; how many there are."""
        for _ in range(SURROUND_TRIES):
            without_idle = self._others() - self._idle_count
            self._idle_count = int(self._idle.ask(str(max(0, others - without_idle)), timeout=120))
            # One that was about to end is gone now.
            time.sleep(0.2)
            if self._others() == others:
                break
        return self._others()

    def _others(self) -> int:
        """The processes of this user, without a contestant's own."""
        user = os.getuid()
        found = 0
        for pid in all_pids():
            try:
                found += os.stat(f"/proc/{pid}").st_uid == user
            except FileNotFoundError:
                continue
        return found - 1

    def set_priorities_back(self) -> bool:
        """Undo what a monitor did to everybody's priority; False where that takes privileges."""
        done = True
        for pid in all_pids():
            try:
                if os.getpriority(os.PRIO_PROCESS, pid) != self._nice:
                    os.setpriority(os.PRIO_PROCESS, pid, self._nice)
                if os.sched_getscheduler(pid) == os.SCHED_BATCH:
                    os.sched_setscheduler(pid, os.SCHED_OTHER, os.sched_param(0))
            except ProcessLookupError:
                continue
            except PermissionError:
                done = False
        return done
