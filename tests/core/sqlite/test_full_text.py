"""An index of messages: caught up in pieces, mended when damaged, never in the way."""

import asyncio
from pathlib import Path

import pytest

from convo import AdvancedSQLiteSession, ConversationStore
from convo.search import prompts
from convo.sqlite import full_text
from convo.sqlite.full_text import FullTextIndex, index_for
from convo.storage.search_index import Progress
from convo.storage.transaction import Transaction
from tests.core.addresses import execute, rows
from tests.core.search.test_prompts import LONG, found, locked, looked_at
from tests.core.talk import user

__all__ = ["looked_at"]
PROMPTS = index_for(prompts.PROMPTS)
WORDS_POSITION = "SELECT message_id, entries FROM convo_indexed WHERE name = 'convo_words 2'"
POSITION = "SELECT message_id, entries FROM convo_indexed WHERE name = 'convo_prompts'"


@pytest.fixture
async def long(session: AdvancedSQLiteSession) -> AdvancedSQLiteSession:
    """A conversation long enough to be indexed."""
    await session.add_items([user(f"number {number}.") for number in range(1, LONG + 1)])
    return session


async def written(session: AdvancedSQLiteSession, work: object) -> None:
    await session._file.write(lambda tx, _: work(tx))  # type: ignore[operator]


async def test_it_is_caught_up_in_transactions_of_bounded_size(
    long: AdvancedSQLiteSession, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Transaction] = []
    advance = FullTextIndex.advance
    monkeypatch.setattr(full_text, "_BATCH", 100)
    monkeypatch.setattr(
        FullTextIndex,
        "advance",
        lambda index, tx, is_first: begun.append(tx) or advance(index, tx, is_first),
    )
    assert await found(long, "number 299.") == [299]
    assert len(begun) == LONG // 100
    assert rows(path, POSITION) == [(LONG, LONG)]


async def test_a_search_that_is_cancelled_keeps_what_is_indexed(
    long: AdvancedSQLiteSession, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(full_text, "_BATCH", 100)
    told: list[Progress] = []

    def stop(at: Progress) -> None:
        told.append(at)
        searching.cancel()

    async with ConversationStore(path) as store:
        searching = asyncio.ensure_future(store.search("number 299", progress=stop))
        with pytest.raises(asyncio.CancelledError):
            await searching
        assert told == [Progress(100, LONG)]
        assert rows(path, WORDS_POSITION) == [(100, 100)]
        (hit,) = await store.search("number 299", progress=told.append)
        assert (hit.turn, told[1:]) == (299, [Progress(200, LONG), Progress(LONG, LONG)])
        assert await store.search("number 299", progress=told.append) == [hit]
    assert len(told) == 3


async def test_long_texts_make_a_transaction_shorter(
    long: AdvancedSQLiteSession, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(full_text, "_BATCH_LENGTH", 50)
    await written(long, PROMPTS.advance)
    ((up_to, entries),) = rows(path, POSITION)
    assert up_to == entries < 10


async def test_two_who_catch_up_at_once_enter_nothing_twice(
    long: AdvancedSQLiteSession, path: Path
) -> None:
    for _ in range(2):
        await written(long, PROMPTS.advance)
    assert rows(path, POSITION) == [(LONG, LONG)]


DAMAGES = [
    "DELETE FROM convo_prompts_data",
    "UPDATE convo_prompts_data SET block = x'00' WHERE id > 10",
    "DROP TABLE convo_prompts_data",
    "DROP TABLE convo_prompts_config",
    "DROP TABLE convo_prompts",
    "UPDATE convo_indexed SET message_id = 'nonsense', entries = 'x'",
]


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_damaged_index_is_made_again(
    long: AdvancedSQLiteSession, path: Path, looked_at: list[bytes], damage: str
) -> None:
    assert await found(long, "number 7.") == [7]
    execute(path, damage)
    async with AdvancedSQLiteSession(session_id="talk", db_path=path) as session:
        assert await found(session, "number 299.") == [299]
        looked_at.clear()
        assert await found(session, "number 30.") == [30]
    assert await found(long, "number 31.") == [31]
    assert len(looked_at) == 2
    assert rows(path, POSITION) == [(LONG, LONG)]
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]


async def test_a_damaged_index_that_cannot_be_mended_is_done_without(
    long: AdvancedSQLiteSession, path: Path
) -> None:
    await found(long, "number 7.")
    execute(path, "DELETE FROM convo_prompts_data")
    with locked(path):
        assert await found(long, "number 299.") == [299]


async def test_a_message_that_is_put_back_is_found_again(
    long: AdvancedSQLiteSession, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute(path, "CREATE TABLE bin AS SELECT * FROM agent_messages WHERE id = 7")
    execute(path, "DELETE FROM agent_messages WHERE id = 7")
    assert await found(long, "number 7.") == []
    execute(path, "INSERT INTO agent_messages SELECT * FROM bin")
    assert await found(long, "number 7.") == []
    monkeypatch.setattr(PROMPTS, "_contents", PROMPTS._contents._replace(tail=10))
    await written(long, lambda tx: PROMPTS.forget_above(tx, 6))
    for number in (7, 8, 299):
        assert await found(long, f"number {number}.") == [number]


async def test_to_forget_is_allowed_before_anything_is_indexed(long: AdvancedSQLiteSession) -> None:
    await written(long, lambda tx: PROMPTS.forget_above(tx, 0))
    assert await found(long, "number 7.") == [7]


async def test_what_was_deleted_does_not_pile_up(
    long: AdvancedSQLiteSession, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(full_text, "_SPARE", 10)
    monkeypatch.setattr(PROMPTS, "_contents", PROMPTS._contents._replace(tail=0))
    await found(long, "number 7.")
    for _ in range(3):
        await long.clear_session()
        await long.add_items([user(f"another {number}.") for number in range(1, LONG + 1)])
        assert await found(long, "another 7.") == [7]
    ((_, entries),) = rows(path, POSITION)
    assert entries <= 3 * LONG


async def test_tables_that_are_made_anew_are_indexed_again(
    long: AdvancedSQLiteSession, path: Path
) -> None:
    await found(long, "number 7.")
    await long.close()
    for table in ("message_structure", "turn_usage", "agent_messages", "agent_sessions"):
        execute(path, f"DROP TABLE {table}")
    async with AdvancedSQLiteSession(
        session_id="talk", db_path=path, create_tables=True
    ) as session:
        await session.add_items([user(f"another {number}.") for number in range(1, LONG + 1)])
        assert await found(session, "another 7.") == [7]
