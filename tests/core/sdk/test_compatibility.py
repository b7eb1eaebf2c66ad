"""The SDK's class with branches and ours on one file."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from agents.extensions.memory import AdvancedSQLiteSession as TheirSession
from agents.memory import SQLiteSession

from convo import AdvancedSQLiteSession, ConversationStore
from tests.core.addresses import rows
from tests.core.talk import assistant, result, texts, turn, user

pytestmark = pytest.mark.sqlite_only("the SDK's class with branches has files only")


@pytest.fixture
async def theirs(path: Path) -> AsyncIterator[TheirSession]:
    session = TheirSession(session_id="talk", db_path=path, create_tables=True)
    yield session
    session.close()


async def test_the_sdk_reads_what_we_write(session: AdvancedSQLiteSession, path: Path) -> None:
    await session.add_items(turn("a") + turn("b"))
    await session.store_run_usage(result(110))
    await session.create_branch_from_turn(2, "fork")
    await session.add_items(turn("c"))

    theirs = TheirSession(session_id="talk", db_path=path)
    assert await theirs.get_items() == turn("a") + turn("b")
    assert await theirs.get_items(branch_id="fork") == turn("a") + turn("c")
    assert await theirs.get_session_usage() == await session.get_session_usage()
    assert await theirs.get_turn_usage(2) == await session.get_turn_usage(2, "main")
    assert [t["turn"] for t in await theirs.get_conversation_turns("fork")] == [1, 2]
    with pytest.raises(ValueError, match="has already been used"):
        await theirs.create_branch_from_turn(2, "fork")
    theirs.close()


async def test_we_read_what_the_sdk_writes(theirs: TheirSession, path: Path) -> None:
    await theirs.add_items(turn("a") + turn("b"))
    await theirs.store_run_usage(result(110))
    await theirs.create_branch_from_turn(2, "fork")
    await theirs.add_items(turn("c"))

    async with AdvancedSQLiteSession(session_id="talk", db_path=path) as ours:
        for branch_id in ("main", "fork"):
            assert await ours.get_items(branch_id=branch_id) == await theirs.get_items(
                branch_id=branch_id
            )
            assert await ours.get_conversation_by_turns(
                branch_id
            ) == await theirs.get_conversation_by_turns(branch_id)
        assert await ours.get_turn_usage(2) == await theirs.get_turn_usage(2, "main")
        await ours.switch_to_branch("fork")
        assert [row["user_turns"] for row in await ours.list_branches()] == [2, 2]
        with pytest.raises(ValueError, match="has already been used"):
            await ours.create_branch_from_turn(1, "fork")


async def test_both_write_in_turn(theirs: TheirSession, path: Path) -> None:
    async with AdvancedSQLiteSession(session_id="talk", db_path=path) as ours:
        for number in range(4):
            await theirs.add_items(turn(f"their {number}"))
            await ours.add_items(turn(f"our {number}"))
            assert await theirs.pop_item() == assistant(f"About our {number}")
            assert await ours.get_items() == await theirs.get_items()
    assert rows(
        path, "SELECT count(*), count(DISTINCT sequence_number) FROM message_structure"
    ) == [(12, 12)]


async def test_usage_that_the_sdk_replaces_stays_in_the_ledger(
    theirs: TheirSession, path: Path
) -> None:
    async with AdvancedSQLiteSession(session_id="talk", db_path=path) as ours:
        await ours.add_items(turn("a"))
        await ours.store_run_usage(result(110))
        await theirs.store_run_usage(result(220))
        assert (await ours.get_turn_usage(1))["total_tokens"] == 220
    async with ConversationStore(path) as store:
        assert (await store.usage("talk"))[0].tokens.total_tokens == 330


async def test_clears_are_seen_by_both(theirs: TheirSession, path: Path) -> None:
    async with AdvancedSQLiteSession(session_id="talk", db_path=path) as ours:
        await ours.add_items(turn("a") + turn("b"))
        await theirs.create_branch_from_turn(2, "fork")
        await ours.clear_session()
        await theirs.add_items([user("after")])
        assert texts(await ours.get_items()) == ["after"]
        await ours.create_branch_from_turn(1, "second")
        await theirs.clear_session()
        await ours.add_items([user("again")])
        assert texts(await theirs.get_items()) == ["again"]


async def names(session: AdvancedSQLiteSession) -> list[str]:
    return [row["branch_id"] for row in await session.list_branches()]


async def test_a_clear_by_the_sdk_takes_empty_branches_along(
    theirs: TheirSession, path: Path
) -> None:
    async with AdvancedSQLiteSession(session_id="talk", db_path=path) as ours:
        await ours.add_items(turn("a"))
        await ours.create_branch_from_turn(1, "empty")
        await theirs.clear_session()
        assert await names(ours) == ["main"]
        with pytest.raises(ValueError, match="Branch 'empty' does not exist"):
            await ours.switch_to_branch("empty")
        await ours.add_items(turn("a"))
        await ours.create_branch_from_turn(1, "second")
        assert await names(ours) == ["main", "second"]
    async with ConversationStore(path) as store:
        assert [session.branches for session in await store.sessions()] == [2]
        await store.rename_session("talk", "renamed")
        assert [branch.branch_id for branch in await store.branches("renamed")] == [
            "main",
            "second",
        ]


async def test_an_empty_branch_that_the_sdk_fills_and_deletes(
    theirs: TheirSession, path: Path
) -> None:
    await theirs.add_items([user("a"), user("b")])
    await theirs.create_branch_from_turn(2, "fork")
    async with AdvancedSQLiteSession(session_id="talk", db_path=path) as ours:
        await ours.switch_to_branch("fork")
        await ours.pop_item()
        assert await names(ours) == ["main", "fork"]
        await theirs.add_items(turn("c"))
        assert await names(ours) == ["main", "fork"]
        await theirs.switch_to_branch("main")
        await theirs.delete_branch("fork")
        assert await names(ours) == ["main"]


async def test_plain_rows_between_others_take_their_place(theirs: TheirSession, path: Path) -> None:
    plain = SQLiteSession("talk", path)
    await plain.add_items([user("1")])
    await theirs.add_items(turn("2"))
    await theirs.store_run_usage(result(110))
    await plain.add_items([assistant("more"), user("3")])
    await theirs.add_items(turn("4"))
    await theirs.store_run_usage(result(220))
    plain.close()
    async with AdvancedSQLiteSession(session_id="talk", db_path=path) as ours:
        said = ["1", "2", "About 2", "more", "3", "4", "About 4"]
        assert texts(await ours.get_items()) == said
        assert [(t["turn"], t["content"]) for t in await ours.get_conversation_turns()] == [
            (n, str(n)) for n in (1, 2, 3, 4)
        ]
        usage = await ours.get_turn_usage()
        assert [(row["user_turn_number"], row["total_tokens"]) for row in usage] == [
            (2, 110),
            (4, 220),
        ]
        await ours.add_items([user("5")])
        assert texts(await theirs.get_items()) == [*said, "5"]


async def test_an_older_layout(theirs: TheirSession, path: Path) -> None:
    from tests.core.addresses import execute

    await theirs.add_items(turn("a") + turn("b"))
    theirs.close()
    execute(path, "DROP TABLE branch_reservations")
    execute(path, "DROP TABLE session_clear_generations")
    async with AdvancedSQLiteSession(session_id="talk", db_path=path) as ours:
        await ours.create_branch_from_turn(2, "fork")
        await ours.add_items(turn("c"))
        assert texts(await ours.get_items()) == ["a", "About a", "c", "About c"]
        await ours.clear_session()
        assert await ours.get_items() == []


async def test_tables_of_other_names(path: Path) -> None:
    names = {"sessions_table": "my_sessions", "messages_table": "my_messages"}
    theirs = TheirSession(session_id="talk", db_path=path, create_tables=True, **names)
    await theirs.add_items(turn("a"))
    async with AdvancedSQLiteSession(session_id="talk", db_path=path, **names) as ours:
        assert await ours.get_items() == turn("a")
        await ours.add_items(turn("b"))
    assert await theirs.get_items() == turn("a") + turn("b")
    theirs.close()
    with pytest.raises(ValueError, match=r"belongs to 'my_sessions.*pair 'agent_sessions'"):
        AdvancedSQLiteSession(session_id="talk", db_path=path, create_tables=True)


async def test_both_write_at_once(theirs: TheirSession, path: Path) -> None:
    async with AdvancedSQLiteSession(session_id="talk", db_path=path) as ours:
        await asyncio.gather(
            *(ours.add_items(turn(f"our {n}")) for n in range(20)),
            *(theirs.add_items(turn(f"their {n}")) for n in range(20)),
        )
        assert len(await ours.get_items()) == 80
        assert await ours.get_items() == await theirs.get_items()
