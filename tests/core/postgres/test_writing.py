"""Writes that wait for the same session share a transaction, and nothing else."""

import asyncio
from typing import Any

import psycopg
import pytest

from convo import AdvancedPostgresSession
from convo.errors import TurnNotFoundError
from convo.postgres.connection import ServerConnection
from tests.core.addresses import rows
from tests.core.talk import user


@pytest.fixture
async def session(postgres_url: str) -> AdvancedPostgresSession:
    session = AdvancedPostgresSession("talk", url=postgres_url)
    await session.add_items([user("first")])
    return session


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of statements that were sent with each COMMIT of a write."""
    send, found = ServerConnection.send, []

    def counting(self: ServerConnection, statements: list[str]) -> Any:
        if statements[-1] == "COMMIT" and len(statements) > 1:
            found.append(len(statements))
        return send(self, statements)

    monkeypatch.setattr(ServerConnection, "send", counting)
    return found


async def said(session: AdvancedPostgresSession) -> list[str]:
    return [item["content"] for item in await session.get_items()]


async def test_what_waits_at_once_is_committed_together(
    session: AdvancedPostgresSession, commits: list[int]
) -> None:
    await asyncio.gather(*(session.add_items([user(f"{n}")]) for n in range(20)))
    assert len(commits) <= 2
    assert await said(session) == ["first", *(f"{n}" for n in range(20))]


async def test_one_that_fails_takes_nothing_with_it(
    session: AdvancedPostgresSession, postgres_url: str
) -> None:
    results = await asyncio.gather(
        session.add_items([user("1")]),
        session.add_items([user("2")]),
        session.create_branch_from_turn(99),
        session.add_items([user("3")]),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [
        type(None),
        type(None),
        TurnNotFoundError,
        type(None),
    ]
    assert await said(session) == ["first", "1", "2", "3"]
    numbers = rows(postgres_url, "SELECT sequence_number FROM message_structure ORDER BY 1")
    assert numbers == [(1,), (2,), (3,), (4,)]


async def test_a_cancelled_one_is_left_out(session: AdvancedPostgresSession) -> None:
    tasks = [asyncio.ensure_future(session.add_items([user(f"{n}")])) for n in range(4)]
    await asyncio.sleep(0)
    tasks[2].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results[2], asyncio.CancelledError)
    assert await said(session) == ["first", "0", "1", "3"]


async def test_all_of_one_transaction_are_asked_about_at_once(
    session: AdvancedPostgresSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    send, lost = ServerConnection.send, []

    def losing(self: ServerConnection, statements: list[str]) -> Any:
        is_commit = statements[-1] == "COMMIT" and len(statements) > 1
        results = send(self, statements)
        if is_commit and not lost:
            lost.append(statements)
            self.close()
            raise psycopg.OperationalError("the connection is lost")
        return results

    monkeypatch.setattr(ServerConnection, "send", losing)
    await asyncio.gather(*(session.add_items([user(f"{n}")]) for n in range(5)))
    assert lost
    assert sorted(await said(session)) == ["0", "1", "2", "3", "4", "first"]


async def test_a_cancelled_first_one_does_not_take_the_others_with_it(
    session: AdvancedPostgresSession, postgres_url: str
) -> None:
    """Its statement is aborted while it waits for the lock; the others wait on."""
    with psycopg.connect(postgres_url) as other:
        other.execute("SELECT 1 FROM agent_sessions WHERE session_id = 'talk' FOR UPDATE")
        tasks = [asyncio.ensure_future(session.add_items([user(f"{n}")])) for n in range(4)]
        query = "SELECT 1 FROM pg_locks WHERE NOT granted"
        while not rows(postgres_url, query):  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.01)
        tasks[0].cancel()
        with pytest.raises(asyncio.CancelledError):
            await tasks[0]
    await asyncio.gather(*tasks[1:])
    assert await said(session) == ["first", "1", "2", "3"]
