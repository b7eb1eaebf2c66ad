"""Locks, cancellation, lost connections, and servers that take no writes."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from convo import AdvancedPostgresSession, ConversationStore
from convo.errors import (
    DatabaseLockedError,
    DatabaseUnavailableError,
    InvalidNameError,
    NewerDatabaseError,
    ReadOnlyDatabaseError,
)
from convo.postgres.connection import ServerConnection
from convo.postgres.pools import close_all
from tests.core.addresses import execute, rows
from tests.core.talk import assistant, turn, user

PLAIN = "INSERT INTO agent_messages (session_id, message_data) VALUES ('talk', ?)"


@pytest.fixture
def session(postgres_url: str) -> AdvancedPostgresSession:
    return AdvancedPostgresSession("talk", url=postgres_url)


@contextmanager
def locked(url: str, session_id: str = "talk") -> Iterator[psycopg.Connection[Any]]:
    """Another program holds the row of a session, as the SDK's class does while it writes."""
    with psycopg.connect(url) as other:
        other.execute(
            "SELECT 1 FROM agent_sessions WHERE session_id = %s FOR UPDATE", (session_id,)
        )
        yield other
        other.rollback()


async def waiting(url: str, how: str = "Lock") -> None:
    """Wait until a connection of convo waits for a lock."""
    query = (
        "SELECT 1 FROM pg_stat_activity WHERE application_name = 'convo' AND wait_event_type = ?"
    )
    while not rows(url, query, how):  # noqa: ASYNC110 - the server tells nobody
        await asyncio.sleep(0.01)


async def test_a_write_waits_for_the_row_of_its_session(
    session: AdvancedPostgresSession, postgres_url: str
) -> None:
    await session.add_items(turn("first"))
    with locked(postgres_url):
        write = asyncio.ensure_future(session.add_items(turn("second")))
        await waiting(postgres_url)
        assert len(await session.get_items()) == len(turn("x"))
    await write
    assert len(await session.get_items()) == 2 * len(turn("x"))


async def test_a_lock_is_waited_for_as_long_as_was_asked(
    session: AdvancedPostgresSession, postgres_url: str
) -> None:
    await session.add_items(turn("first"))
    hasty = AdvancedPostgresSession("talk", url=postgres_url, lock_timeout=0.05)
    with locked(postgres_url), pytest.raises(DatabaseLockedError, match=r"0\.05 s"):
        await hasty.add_items(turn("second"))


async def test_the_first_writers_of_a_session_wait_for_each_other(postgres_url: str) -> None:
    """As many processes would, each with a pool of its own."""
    sessions = [
        AdvancedPostgresSession("talk", url=postgres_url, pool_size=size) for size in range(1, 9)
    ]
    await asyncio.gather(*(one.add_items(turn(f"{n}")) for n, one in enumerate(sessions)))
    numbers = rows(
        postgres_url, "SELECT sequence_number FROM message_structure ORDER BY sequence_number"
    )
    assert [number for (number,) in numbers] == list(range(1, 8 * len(turn("x")) + 1))


async def test_a_session_that_is_only_looked_for_is_not_made(
    session: AdvancedPostgresSession, postgres_url: str
) -> None:
    assert await session.pop_item() is None
    assert rows(postgres_url, "SELECT * FROM agent_sessions") == []


async def test_a_cancelled_writer_that_waits_leaves_at_once_and_stores_nothing(
    session: AdvancedPostgresSession, postgres_url: str
) -> None:
    await session.add_items(turn("first"))
    with locked(postgres_url):
        write = asyncio.ensure_future(session.add_items(turn("second")))
        await waiting(postgres_url)
        write.cancel()
        with pytest.raises(asyncio.CancelledError):
            await write
        # The server has been asked to give up, too.
        query = "SELECT 1 FROM pg_locks WHERE NOT granted"
        while rows(postgres_url, query):  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.01)
    assert len(await session.get_items()) == len(turn("x"))


async def test_a_cancelled_writer_that_commits_is_told_after_the_end(
    session: AdvancedPostgresSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    await session.add_items(turn("first"))
    loop, send = asyncio.get_running_loop(), ServerConnection.send
    tasks: list[asyncio.Future[None]] = []

    def cancelling(self: ServerConnection, statements: list[str]) -> Any:
        if statements[-1] == "COMMIT" and len(statements) > 1:
            loop.call_soon_threadsafe(tasks[0].cancel)
            # The loop is between two tasks once it has done this.
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result()
        return send(self, statements)

    monkeypatch.setattr(ServerConnection, "send", cancelling)
    tasks.append(asyncio.ensure_future(session.add_items(turn("second"))))
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]
    assert len(await session.get_items()) == 2 * len(turn("x"))


@pytest.mark.parametrize("is_stored", [True, False])
async def test_a_commit_without_an_answer_is_asked_about_and_never_repeated(
    session: AdvancedPostgresSession,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
    is_stored: bool,
) -> None:
    await session.add_items(turn("first"))
    send, lost = ServerConnection.send, []

    def losing(self: ServerConnection, statements: list[str]) -> Any:
        if statements[-1] == "COMMIT" and len(statements) > 1 and not lost:
            lost.append(statements)
            if is_stored:
                send(self, statements)
            self.close()
            raise psycopg.OperationalError("the connection is lost")
        return send(self, statements)

    monkeypatch.setattr(ServerConnection, "send", losing)
    await session.add_items([user("once")])
    assert lost
    assert [item["content"] for item in await session.get_items()].count("once") == 1


async def test_a_commit_that_nobody_knows_of_is_not_repeated(
    session: AdvancedPostgresSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    await session.add_items(turn("first"))
    send = ServerConnection.send

    def losing(self: ServerConnection, statements: list[str]) -> Any:
        if statements[-1] == "COMMIT" and len(statements) > 1:
            self.close()
            raise psycopg.OperationalError("the connection is lost")
        if "pg_is_in_recovery" in statements[0]:
            # As many writes came in between as nobody remembers.
            statements = ["SELECT FALSE, 1000, 'others'"]
        return send(self, statements)

    monkeypatch.setattr(ServerConnection, "send", losing)
    with pytest.raises(DatabaseUnavailableError, match="cannot say whether it was"):
        await session.add_items([user("once")])


async def test_a_deadlock_is_tried_again(
    session: AdvancedPostgresSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    await session.add_items(turn("first"))
    send, failed = ServerConnection.send, []

    def failing(self: ServerConnection, statements: list[str]) -> Any:
        if any("INSERT INTO" in one and "message_structure" in one for one in statements):
            failed.append(True)
            if len(failed) == 1:
                raise psycopg.errors.DeadlockDetected("deadlock")
        return send(self, statements)

    monkeypatch.setattr(ServerConnection, "send", failing)
    await session.add_items([user("once")])
    assert len(failed) == 2
    assert [item["content"] for item in await session.get_items()].count("once") == 1


async def test_a_role_that_may_only_read_reads_what_others_added(
    session: AdvancedPostgresSession, postgres_url: str
) -> None:
    await session.add_items([user("one")])
    execute(postgres_url, PLAIN, '{"role": "user", "content": "two: 2"}')
    execute(postgres_url, PLAIN, '{"role": "assistant", "content": "three"}')
    read_only = f"{postgres_url}?options=-cdefault_transaction_read_only%3Don"
    reader = AdvancedPostgresSession("talk", url=read_only)
    assert [item["content"] for item in await reader.get_items()] == ["one", "two: 2", "three"]
    assert [turn["turn"] for turn in await reader.get_conversation_turns()] == [1, 2]
    assert (await reader.list_branches())[0]["message_count"] == 3
    with pytest.raises(ReadOnlyDatabaseError):
        await reader.add_items([user("four")])
    async with ConversationStore(read_only) as store:
        assert [(one.session_id, one.turns) for one in await store.sessions()] == [("talk", 2)]
    assert rows(postgres_url, "SELECT count(*) FROM message_structure") == [(1,)]


async def test_a_database_of_a_newer_release_is_read_and_not_written(
    new_postgres_url: str,
) -> None:
    session = AdvancedPostgresSession("talk", url=new_postgres_url, create_tables=True)
    await session.add_items([user("one")])
    execute(new_postgres_url, "UPDATE convo_schema SET version = 99, release = '9.9'")
    with pytest.raises(NewerDatabaseError, match=r"newer convo .* needs convo 9\.9"):
        await session.add_items([user("two")])
    assert len(await session.get_items()) == 1
    close_all()
    assert len(await session.get_items()) == 1


async def test_text_that_no_server_stores(
    session: AdvancedPostgresSession, postgres_url: str
) -> None:
    strange = "a\0b \ud800 ä"
    await session.add_items([user(strange), assistant(strange)])
    assert await session.get_items() == [user(strange), assistant(strange)]
    for name in ("a\0b", "\ud800"):
        with pytest.raises(InvalidNameError, match="not valid text"):
            await AdvancedPostgresSession(name, url=postgres_url).get_items()


async def test_many_rows_are_fetched_in_parts(session: AdvancedPostgresSession) -> None:
    await session.add_items([user(f"{n}") for n in range(1_200)])
    assert len(await session.get_conversation_turns()) == 1_200
    assert len(await session.get_items()) == 1_200
