"""The SDK's classes without branches, and ours, on one session: on a file and on a server."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from agents.extensions.memory import SQLAlchemySession
from agents.memory import Session as SdkSession
from agents.memory import SQLiteSession

from convo import ConversationStore
from tests.core.addresses import Address, Session, is_server, open_session
from tests.core.postgres.sharing import engine_for
from tests.core.talk import assistant, result, texts, turn, user


@pytest.fixture
async def plain(path: Address) -> AsyncIterator[Any]:
    """The session `talk` as the SDK's class for the engine opens it."""
    if is_server(path):
        engine = engine_for(str(path))
        yield SQLAlchemySession("talk", engine=engine, create_tables=True)
        await engine.dispose()
    else:
        file = SQLiteSession("talk", str(path))
        yield file
        file.close()


async def test_it_is_a_session_of_the_sdk(session: Session) -> None:
    assert isinstance(session, SdkSession)


async def test_a_plain_session_is_adopted(plain: Any, path: Address) -> None:
    await plain.add_items(turn("a") + turn("b"))
    async with open_session(path, create_tables=True) as ours:
        assert await ours.get_items() == turn("a") + turn("b")
        assert [t["turn"] for t in await ours.get_conversation_turns()] == [1, 2]
        assert await ours.pop_item() == assistant("About b")
        assert texts(await ours.get_items()) == ["a", "About a", "b"]


async def test_usage_of_a_plain_run_is_stored(plain: Any, path: Address) -> None:
    """Nothing has read the session yet, so nothing has given the run's items their turn."""
    await plain.add_items(turn("a"))
    async with open_session(path, create_tables=True) as ours:
        await ours.store_run_usage(result(110))
        assert (await ours.get_turn_usage(1))["total_tokens"] == 110  # type: ignore[call-overload]


async def test_plain_rows_written_under_an_open_session(plain: Any, session: Session) -> None:
    await session.add_items(turn("a"))
    await plain.add_items([user("plain")])
    assert texts(await session.get_items()) == ["a", "About a", "plain"]


async def test_plain_rows_between_others_take_their_place(plain: Any, session: Session) -> None:
    await plain.add_items([user("1")])
    await session.add_items(turn("2"))
    await session.store_run_usage(result(110))
    await plain.add_items([assistant("more"), user("3")])
    await session.add_items(turn("4"))
    await session.store_run_usage(result(220))
    said = ["1", "2", "About 2", "more", "3", "4", "About 4"]
    assert texts(await session.get_items()) == texts(await plain.get_items()) == said
    assert [(t["turn"], t["content"]) for t in await session.get_conversation_turns()] == [
        (n, str(n)) for n in (1, 2, 3, 4)
    ]
    usage: Any = await session.get_turn_usage()
    assert [(row["user_turn_number"], row["total_tokens"]) for row in usage] == [(2, 110), (4, 220)]


async def test_both_write_and_pop_in_turn(plain: Any, session: Session, path: Address) -> None:
    for number in range(4):
        await plain.add_items(turn(f"their {number}"))
        await session.add_items(turn(f"our {number}"))
        assert await plain.pop_item() == assistant(f"About our {number}")
        assert await session.pop_item() == user(f"our {number}")
        assert await session.get_items() == await plain.get_items()
        assert await session.get_items(2) == await plain.get_items(2)
    async with ConversationStore(path) as store:
        assert await store.check() == []


async def test_clears_are_seen_by_both(plain: Any, session: Session) -> None:
    await session.add_items(turn("a") + turn("b"))
    await plain.clear_session()
    assert await session.get_items() == []
    await session.add_items([user("after")])
    assert texts(await plain.get_items()) == ["after"]
    await session.clear_session()
    await plain.add_items([user("again")])
    assert texts(await session.get_items()) == ["again"]
