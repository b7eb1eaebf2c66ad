"""How many statements each operation takes: over a network, every one of them is a round trip.

BEGIN and COMMIT are not counted, nor is the look at the number of the schema, which is SQLite's own
way to learn that another program has changed the tables.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from convo import ConversationStore, RunRecord
from tests.core.addresses import Session
from tests.core.talk import assistant, call, output, result, turn, user

NOT_COUNTED = ("BEGIN", "COMMIT", "PRAGMA")
TURN = [user("What?"), call("look"), output("look"), assistant("That.")]


class Statements:
    """Counts what is executed on the connections that are opened from now on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._run: list[str] = []
        connect = sqlite3.connect

        def traced(*args: Any, **options: Any) -> sqlite3.Connection:
            connection = connect(*args, **options)
            connection.set_trace_callback(self._run.append)
            return connection

        monkeypatch.setattr(sqlite3, "connect", traced)

    async def of(self, operation: Awaitable[Any]) -> list[str]:
        """The statements of one operation, without the comments in them."""
        self._run.clear()
        await operation
        lines = ("\n".join(self._without_comments(one)) for one in self._run)
        return [one for one in lines if one and not one.startswith(NOT_COUNTED)]

    def _without_comments(self, statement: str) -> Iterator[str]:
        return (line for line in statement.splitlines() if not line.lstrip().startswith("--"))


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Statements:
    return Statements(monkeypatch)


@pytest.fixture
async def talk(statements: Statements, session: Session) -> Session:
    """A session that has been written to and read before, so that its tables are complete."""
    for number in range(3):
        await session.add_items(turn(f"turn {number}"))
        await session.store_run_usage(result(15))
    await session.get_items()
    return session


class Context:
    """The context of a run, which a session remembers as long as it is there."""

    def __init__(self, usage: Any) -> None:
        self.usage = usage


OPERATIONS: dict[str, tuple[Callable[[Session], Awaitable[Any]], int]] = {
    "append a question": (lambda talk: talk.add_items([user("What?")]), 5),
    "append an answer": (lambda talk: talk.add_items(TURN[1:]), 5),
    "append a turn": (lambda talk: talk.add_items(TURN), 5),
    "store usage": (lambda talk: talk.store_run_usage(result(15)), 3),
    "read the newest": (lambda talk: talk.get_items(20), 1),
    "pop": (lambda talk: talk.pop_item(), 6),
    "branch": (lambda talk: talk.create_branch_from_turn(2, "side"), 6),
}


@pytest.mark.parametrize("name", OPERATIONS)
async def test_a_session_takes_few(talk: Session, statements: Statements, name: str) -> None:
    operation, most = OPERATIONS[name]
    assert len(await statements.of(operation(talk))) <= most


@pytest.mark.sqlite_only("a server is asked about changes in the same message")
async def test_only_a_file_that_has_changed_is_looked_through(
    talk: Session, statements: Statements, path: Path
) -> None:
    """For messages of other programs, and whether the session was cleared."""
    with closing(sqlite3.connect(path)) as other:
        other.execute(
            "INSERT INTO agent_messages (session_id, message_data) VALUES ('talk', '\"plain\"')"
        )
        other.commit()
    assert (await talk.get_items())[-1] == "plain"
    await talk.add_items([user("Why?")])
    assert len(await statements.of(talk.get_items(20))) == 3
    assert len(await statements.of(talk.get_items(20))) == 1


async def test_a_run_takes_no_more(talk: Session, statements: Statements) -> None:
    """It finds its branch and its turn again in the same statements."""
    run = result(15)
    run.context_wrapper = Context(run.context_wrapper.usage)
    await talk.get_items(wrapper=run.context_wrapper)
    for items in (TURN[:1], TURN[1:3], TURN[3:]):
        append = talk.add_items(items, wrapper=run.context_wrapper)
        assert len(await statements.of(append)) <= 5
    assert len(await statements.of(talk.store_run_usage(run))) <= 3


async def test_many_items_take_no_more_than_a_few(talk: Session, statements: Statements) -> None:
    items = [user(str(number)) for number in range(32)]
    assert len(await statements.of(talk.add_items(items))) <= 5
    assert await talk.get_items(32) == items


async def test_a_stored_turn_takes_few(
    statements: Statements, store: ConversationStore, path: Path
) -> None:
    run = RunRecord("model", 1, 10, 5, 15)
    await store.start_session("talk")
    await store.record_turn("talk", "main", TURN, run)
    assert len(await statements.of(store.record_turn("talk", "main", TURN, run))) <= 9
