"""Measuring the library: every operation on every subject, alternating, round after round."""

from __future__ import annotations

import shutil
import sqlite3
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.databases import Contents
from benchmarks.machine import filesystem_of
from benchmarks.plan import Plan
from benchmarks.results import CrowdResult, Place
from benchmarks.subjects import SUBJECTS, Subject
from benchmarks.worker import build, crowd, run
from benchmarks.workers import SubjectFailed, Worker
from benchmarks.workloads import is_for

_PROBES = 30


def say(text: str) -> None:
    """Tell whoever waits; stdout is the report's."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


def measured(plan: Plan, folder: Path) -> Place:
    """Run the plan with its files in a folder."""
    place = Place(str(folder), filesystem_of(folder))
    say(f"in {folder}")
    with TemporaryDirectory(prefix="convo-bench-", dir=folder) as scratch, ExitStack() as stack:
        workers = {name: stack.enter_context(Worker(subject)) for name, subject in SUBJECTS.items()}
        bench = Bench(plan, Path(scratch), workers, place)
        bench.run()
    return place


def commit_costs(folder: Path) -> list[float]:
    """Seconds that transactions of one small row take with WAL and `synchronous=FULL`."""
    taken = []
    with TemporaryDirectory(prefix="probe-", dir=folder) as scratch:
        path = Path(scratch) / "probe.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("CREATE TABLE probe (number)")
            # The log is written over from its start then: a file that grows costs more to sync.
            connection.execute("INSERT INTO probe VALUES (zeroblob(1000000))")
            connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
            for number in range(_PROBES):
                begun = time.perf_counter()
                connection.execute("INSERT INTO probe VALUES (?)", (number,))
                taken.append(time.perf_counter() - begun)
    return taken


class Bench:
    """A plan under way in one folder."""

    def __init__(self, plan: Plan, scratch: Path, workers: dict[str, Worker], place: Place) -> None:
        self._plan = plan
        self._scratch = scratch
        self._workers = workers
        self._place = place
        self._given_up: set[tuple[str, str]] = set()

    def run(self) -> None:
        """Run everything that the plan has for the library."""
        plan = self._plan
        for contents in plan.conversations() + plan.tenants() + plan.branches():
            self._build(contents)
        for number in range(plan.rounds):
            self._place.commits += commit_costs(self._scratch)
            for contents in plan.conversations():
                say(f"round {number + 1} of {plan.rounds}: {contents.turns:,} turns")
                for workload in plan.workloads_at(contents.turns):
                    self._compare(number, workload, contents, contents.turns)
            for contents in plan.tenants():
                say(f"round {number + 1} of {plan.rounds}: beside {contents.others:,} sessions")
                self._compare(number, "tenant", contents, contents.others)
            for contents in plan.branches():
                say(f"round {number + 1} of {plan.rounds}: beside {contents.branches:,} branches")
                self._compare(number, "short_branches", contents, contents.branches)
        if "crowd" in plan.parts:
            self._crowd()
        self._place.commits += commit_costs(self._scratch)

    def _path(self, subject: Subject, contents: Contents) -> Path:
        return self._scratch / f"{subject.name}-{contents.name}.db"

    def _build(self, contents: Contents) -> None:
        """One file for each layout, and copies of it where subjects share the layout."""
        beside = f"{contents.others:,} sessions"
        if contents.branches:
            beside = f"{contents.branches:,} branches"
        say(f"building {contents.items:,} items beside {beside}")
        built: dict[str, Path] = {}
        for worker in self._workers.values():
            subject = worker.subject
            if contents.branches and not subject.has_branches:
                continue
            path = self._path(subject, contents)
            if subject.layout in built:
                shutil.copyfile(built[subject.layout], path)
            else:
                worker.ask(build, path=path, contents=contents)
                built[subject.layout] = path

    def _compare(self, number: int, workload: str, contents: Contents, size: int) -> None:
        """One workload on all subjects; each round begins with another one."""
        order = list(self._workers.values())
        start = number % len(order)
        for worker in order[start:] + order[:start]:
            subject = worker.subject
            if not is_for(workload, subject):
                continue
            if (workload, subject.name) in self._given_up:
                continue
            try:
                timed = worker.ask(
                    run,
                    workload=workload,
                    path=self._path(subject, contents),
                    contents=contents,
                    budget=self._plan.budget,
                    most=self._plan.most,
                )
            except SubjectFailed as error:
                self._fail(workload, error)
                continue
            for operation, timings in timed.items():
                clock, processor = ([timing[kind] for timing in timings] for kind in (0, 1))
                seconds = processor if self._plan.cpu else clock
                self._place.series.add(operation, subject.name, size, number, seconds)
                self._place.processor.add(operation, subject.name, size, number, processor)

    def _crowd(self) -> None:
        say(f"{self._plan.crowd.sessions:,} sessions at once")
        for worker in self._workers.values():
            path = self._scratch / f"{worker.subject.name}-crowd.db"
            try:
                result = worker.ask(crowd, path=path, crowd=self._plan.crowd, cpu=self._plan.cpu)
            except SubjectFailed as error:
                self._fail("crowd", error)
                result = CrowdResult(error=str(error))
            self._place.crowd[worker.subject.name] = result

    def _fail(self, workload: str, error: SubjectFailed) -> None:
        """A subject that fails is reported and not asked for that again."""
        self._given_up.add((workload, error.subject.name))
        self._place.failures.append(f"{error.subject.label}, {workload}: {error}")
        say(f"{error.subject.label} failed at {workload}:\n{error.trace or error}")
