"""Tasks that are cancelled before each message that they send to the server."""

import asyncio
import threading
from typing import Any

import psycopg
import pytest

from convo import AdvancedPostgresSession, ConversationStore
from convo.postgres.connection import ServerConnection
from tests.core.addresses import rows
from tests.core.talk import assistant, result, user
from tests.postgres.proxy import Proxy
from tests.postgres.victims import look

MOST_MESSAGES = 8


@pytest.mark.parametrize("number", range(MOST_MESSAGES))
async def test_a_cancelled_task_has_stored_all_or_nothing(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    session = AdvancedPostgresSession("talk", url=postgres_url)
    await session.add_items([user("before"), assistant("before")])
    await session.store_run_usage(result(15))
    loop, send, sent = asyncio.get_running_loop(), ServerConnection.send, 0
    tasks: list[asyncio.Future[None]] = []

    def cancelling(self: ServerConnection, statements: list[str]) -> Any:
        nonlocal sent
        sent += 1
        if sent == number + 1:
            loop.call_soon_threadsafe(tasks[0].cancel)
            # The loop is between two tasks once it has done this.
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result()
        return send(self, statements)

    async def work() -> None:
        await session.add_items([user("one"), assistant("one")])
        await session.create_branch_from_turn(1, "side")
        await session.add_items([user("two"), assistant("two")])

    monkeypatch.setattr(ServerConnection, "send", cancelling)
    tasks.append(asyncio.ensure_future(work()))
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]
    monkeypatch.setattr(ServerConnection, "send", send)
    look(postgres_url, "cancelled", [])
    assert sent > number
    await session.switch_to_branch("main")
    await session.add_items([user("after"), assistant("after")])
    said = [item.get("content") for item in await session.get_items() if item["role"] == "user"]  # type: ignore[typeddict-item]
    assert said in (["before", "after"], ["before", "one", "after"])
    async with ConversationStore(postgres_url) as store:
        assert await store.check() == []


async def test_a_server_that_does_not_hear_of_it_stops_nothing_else(
    postgres_url: str, proxied: tuple[Proxy, str]
) -> None:
    proxy, through = proxied
    session = AdvancedPostgresSession("talk", url=through)
    await session.add_items([user("before")])
    with psycopg.connect(postgres_url) as other:
        other.execute("SELECT 1 FROM agent_sessions FOR UPDATE")
        write = asyncio.ensure_future(session.add_items([user("after")]))
        while not rows(postgres_url, "SELECT 1 FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        proxy.is_silent = True
        write.cancel()
        with pytest.raises(asyncio.CancelledError):
            await write
        while not proxy.is_asked_in_vain:  # noqa: ASYNC110 - another thread sets it
            await asyncio.sleep(0.01)
        # All of this would stand still until the network is given up.
        assert "convo-postgres-cancel" in {thread.name for thread in threading.enumerate()}
        proxy.cut()
