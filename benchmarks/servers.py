"""A PostgreSQL server with both classes that store conversations there: measured, and its tables.

The server is on this machine, and its commits are durable. Where a row says so, a proxy makes each
round trip take longer, as a network does.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import psycopg

from benchmarks.figures import NONE, duration, met, table, times
from benchmarks.measure import say
from benchmarks.on_server import DELAY, Benched, server
from benchmarks.results import Series
from benchmarks.server_subjects import CONVO, SDK, SUBJECTS, ServerSubject
from benchmarks.server_tasks import Span, clients, crowd, fill
from benchmarks.server_tasks import times as times_of
from benchmarks.targets import (
    SERVER_CLIENTS,
    SERVER_CONNECTIONS,
    SERVER_OPERATIONS,
    SERVER_THREADS,
    growth_allowed,
)
from benchmarks.workers import SubjectFailed, Worker
from tests.postgres.binaries import NoServer

_PROCESSES = 4
"""Processes that the clients are spread over, at most."""

_GROWING = ("append", "read_20", "pop")
USAGE = "with usage"
_COMPETING = ("own sessions", f"own sessions, {USAGE}", "one session", f"one session, {USAGE}")
"""Where clients append at once, and whether ours stores the usage, which the other cannot."""

_SECONDS_TO_CONNECT = 1.0


@dataclass(frozen=True)
class ServerPlan:
    """What to measure on a server.

    Attributes:
        main: Turns of the conversation that both classes are measured on.
        sizes: Turns of the conversations on which ours must cost the same.
        rounds: How often everything is asked; what counts is the median over the rounds.
        budget: Seconds that the repetitions of one operation may take within a round.
        most: Repetitions within a round, at most.
        clients: Numbers of clients that append at once.
        turns: Turns that each of them appends.
        crowd: Sessions of one process that append at once, and the turns of each.
    """

    main: int
    sizes: tuple[int, ...]
    rounds: int
    budget: float
    most: int
    clients: tuple[int, ...]
    turns: int
    crowd: tuple[int, int]


FULL = ServerPlan(1_000, (100, 1_000, 50_000), 5, 0.5, 30, (8, 32), 100, (1_000, 20))
QUICK = ServerPlan(100, (100, 300), 1, 0.1, 3, (8,), 3, (40, 3))


@dataclass
class Measured:
    """What came out. Sizes of `series` are turns, or numbers of clients."""

    version: str = ""
    series: Series = field(default_factory=Series)
    crowd: dict[str, tuple[float, int, int]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


def measured(plan: ServerPlan) -> tuple[str, list[str]]:
    """The tables of a server, or a line that says why there are none; and what failed."""
    heading = "## On a PostgreSQL server"
    found = Measured()
    try:
        with server() as benched:
            _measure(plan, benched, found)
    except NoServer as reason:
        return f"{heading}\n\nNot measured: {reason}.", []
    except SubjectFailed as error:
        found.failures.append(f"{error.subject.label}: {error}")
        say(error.trace or str(error))
    parts = [heading, _about(found), _operations(plan, found), _many(plan, found)]
    parts += [_growth(plan, found), *(f"Failed: {failure}" for failure in found.failures)]
    return "\n\n".join(parts), found.failures


def _measure(plan: ServerPlan, benched: Benched, found: Measured) -> None:
    with ExitStack() as stack:
        workers = {one.name: stack.enter_context(Worker(one)) for one in SUBJECTS}
        urls = {one.name: benched.database(one.name) for one in SUBJECTS}
        with psycopg.connect(urls["convo"]) as connection:
            found.version = connection.execute("SHOW server_version").fetchone()[0].split()[0]
        for name, worker in workers.items():
            say(f"filling the database of {name}")
            sizes = {plan.main, *(plan.sizes if name == "convo" else ())}
            for size in sorted(sizes):
                worker.ask(fill, url=urls[name], session_id=f"{size} turns", turns=size)
        _compare(plan, benched, workers, urls, found)
        _grow(plan, workers["convo"], urls["convo"], found)
    for one in SUBJECTS:
        say(f"{plan.crowd[0]:,} sessions of {one.name} at once")
        with Worker(one) as worker:
            found.crowd[one.name] = _crowd(plan, worker, urls[one.name])
    _compete(plan, urls, found)


def _compare(
    plan: ServerPlan,
    benched: Benched,
    workers: dict[str, Worker],
    urls: dict[str, str],
    found: Measured,
) -> None:
    for number in range(plan.rounds):
        say(f"round {number + 1} of {plan.rounds} on the server")
        for operation in SERVER_OPERATIONS:
            for name, worker in _in_turn(workers, number):
                url = benched.slow(name) if operation.is_slow else urls[name]
                taken = worker.ask(
                    times_of,
                    url=url,
                    session_id=f"{plan.main} turns",
                    operation=operation.work,
                    budget=plan.budget,
                    most=plan.most,
                )
                found.series.add(operation.name, name, plan.main, number, taken)


def _grow(plan: ServerPlan, worker: Worker, url: str, found: Measured) -> None:
    """Ours at each size, before the server knows what is in its tables, and after."""
    for state in ("before", "after"):
        if state == "after":
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("ANALYZE")
        for number in range(plan.rounds):
            for size in plan.sizes:
                for operation in _GROWING:
                    taken = worker.ask(
                        times_of,
                        url=url,
                        session_id=f"{size} turns",
                        operation=operation,
                        budget=plan.budget,
                        most=plan.most,
                    )
                    found.series.add(f"{operation}, {state}", "convo", size, number, taken)


def _crowd(plan: ServerPlan, worker: Worker, url: str) -> tuple[float, int, int]:
    """Turns a second, and the most connections and threads meanwhile."""
    sessions, turns = plan.crowd
    connections = 0
    with psycopg.connect(url, autocommit=True) as watching:
        worker.begin(crowd, url=url, sessions=sessions, turns=turns)
        while not worker.has_answer(0.05):
            row = watching.execute(
                "SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database() "
                "AND backend_type = 'client backend'"
            ).fetchone()
            connections = max(connections, row[0])
        a_second, threads = worker.answer()
    return a_second, connections, threads


def _compete(plan: ServerPlan, urls: dict[str, str], found: Measured) -> None:
    """Clients in several processes, on sessions of their own and on one."""
    for count in plan.clients:
        with ExitStack() as stack:
            processes = {
                one.name: [stack.enter_context(Worker(one)) for _ in range(min(count, _PROCESSES))]
                for one in SUBJECTS
            }
            for number in range(plan.rounds):
                say(f"round {number + 1} of {plan.rounds}: {count} clients")
                for key in _COMPETING:
                    for one in SUBJECTS:
                        ids = _sessions(key, number, count)
                        workers, url = processes[one.name], urls[one.name]
                        took = _together(workers, url, ids, plan.turns, with_usage=USAGE in key)
                        found.series.add(key, one.name, count, number, [took])


def _sessions(key: str, number: int, count: int) -> list[str]:
    """The sessions of so many clients."""
    name = f"{key} {number} of {count}"
    return [name if key.startswith("one") else f"{name}: {each}" for each in range(count)]


def _together(
    workers: Sequence[Worker], url: str, ids: list[str], turns: int, *, with_usage: bool
) -> float:
    """Seconds until all clients of all processes have appended their turns."""
    starts_at = time.time() + _SECONDS_TO_CONNECT
    for place, worker in enumerate(workers):
        mine = ids[place :: len(workers)]
        worker.begin(
            clients,
            url=url,
            session_ids=mine,
            turns=turns,
            with_usage=with_usage,
            starts_at=starts_at,
        )
    spans: list[Span] = [worker.answer() for worker in workers]
    return max(span.ended for span in spans) - min(span.begun for span in spans)


def _in_turn(workers: dict[str, Worker], number: int) -> list[tuple[str, Worker]]:
    """The processes of both subjects; each round begins with another one."""
    order = list(workers.items())
    start = number % len(order)
    return order[start:] + order[:start]


def _about(found: Measured) -> str:
    return (
        f"PostgreSQL {found.version} on the same machine, with durable commits, beside the SDK's "
        "`SQLAlchemySession` over asyncpg, which stores neither usage nor structure. Ours stores "
        "both. Each is in processes of its own, and they take turns."
    )


def _operations(plan: ServerPlan, found: Measured) -> str:
    rows = []
    for operation in SERVER_OPERATIONS:
        ours, theirs = ((operation.name, one.name, plan.main) for one in (CONVO, SDK))
        faster = found.series.ratio(theirs, ours)
        rows.append(
            [
                operation.label,
                duration(found.series.typical(*theirs)),
                duration(found.series.typical(*ours)),
                times(faster),
                f"{operation.faster:g}x",
                met(None if faster is None else faster >= operation.faster),
            ]
        )
    head = [f"at {plan.main:,} turns", SDK.label, CONVO.label, "faster", "wanted", "met"]
    note = f"A slow network makes each round trip take {duration(DELAY)} longer."
    return f"{note}\n\n{table(head, rows)}"


def _many(plan: ServerPlan, found: Measured) -> str:
    rows = []
    for (key, count), wanted in SERVER_CLIENTS.items():
        if count not in plan.clients:
            continue
        faster = found.series.ratio((key, "sdk", count), (key, "convo", count))
        a_second = [_a_second(plan, found, key, one, count) for one in (SDK, CONVO)]
        is_met = met(None if faster is None else faster >= wanted)
        rows.append([f"{count} clients, {key}", *a_second, times(faster), f"{wanted:g}x", is_met])
    sessions, turns = plan.crowd
    for name, (a_second_of, connections, threads) in found.crowd.items():
        label = f"{sessions:,} sessions of one process, {turns} turns each: "
        label += f"{connections} connections, {threads} threads"
        is_ours = name == CONVO.name
        figure = f"{a_second_of:,.0f}"
        is_met = connections <= SERVER_CONNECTIONS and threads <= SERVER_THREADS
        rows.append(
            [
                label,
                NONE if is_ours else figure,
                figure if is_ours else NONE,
                NONE,
                f"{SERVER_CONNECTIONS}, {SERVER_THREADS}" if is_ours else NONE,
                met(is_met) if is_ours else NONE,
            ]
        )
    head = ["turns a second", SDK.label, CONVO.label, "more", "wanted", "met"]
    return table(head, rows)


def _a_second(
    plan: ServerPlan, found: Measured, key: str, subject: ServerSubject, count: int
) -> str:
    took = found.series.typical(key, subject.name, count)
    return NONE if took is None else f"{count * plan.turns / took:,.0f}"


def _growth(plan: ServerPlan, found: Measured) -> str:
    smallest, largest = plan.sizes[0], plan.sizes[-1]
    allowed = growth_allowed("flat", smallest, largest)
    rows = []
    for operation in _GROWING:
        for state in ("before", "after"):
            key = f"{operation}, {state}"
            typical = [found.series.typical(key, "convo", size) for size in plan.sizes]
            grown = found.series.ratio((key, "convo", largest), (key, "convo", smallest))
            label = next(one.label for one in SERVER_OPERATIONS if one.work == operation)
            rows.append(
                [
                    f"{label}, {state} ANALYZE",
                    *(duration(one) for one in typical),
                    times(grown),
                    met(None if grown is None else grown <= allowed),
                ]
            )
    sizes = [f"{size:,} turns" for size in plan.sizes]
    return table([CONVO.label, *sizes, "growth", f"at most {allowed:g}x"], rows)
