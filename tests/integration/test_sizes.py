"""Things that are large, many, or oddly named."""

import sqlite3
from pathlib import Path

import pytest

from convo import AdvancedSQLiteSession, ConversationStore
from convo.errors import DatabaseError, InvalidNameError, TurnNotFoundError
from tests.core.sqlite.test_connection import run as run_on
from tests.core.talk import texts, turn, user
from tests.integration.folders import quick_database
from tests.integration.soundness import assert_sound

ODD_NAMES = [
    "",
    " ",
    "nul \0 in it",
    "x" * 10_000,
    "'; DROP TABLE agent_messages; --",
    '"quoted"',
    "%_",
    "line\nbreak",
    "\x1b[31mred",
    "\U0001f600 日本 ‮",
    "MAIN",
]


async def test_a_message_of_fifty_megabytes() -> None:
    with quick_database() as path:
        async with AdvancedSQLiteSession(
            session_id="talk", db_path=path, create_tables=True
        ) as session:
            large = user("x" * 50_000_000)
            await session.add_items([user("before"), large])
            assert await session.get_items(limit=1) == [large]
            assert [len(t["content"]) for t in await session.get_conversation_turns()] == [6, 103]
            assert await session.pop_item() == large
            assert len(await session.get_items()) == 1


async def test_a_hundred_thousand_turns() -> None:
    with quick_database() as path:
        async with AdvancedSQLiteSession(
            session_id="talk", db_path=path, create_tables=True
        ) as session:
            await session.add_items([user(f"{number}") for number in range(100_000)])
            await session.create_branch_from_turn(50_001, "half")
            await session.add_items(turn("other"))
            assert [t["content"] for t in await session.find_turns_by_content("99999", "main")] == [
                "99999"
            ]
            branches = await session.list_branches()
            assert [(row["branch_id"], row["user_turns"]) for row in branches] == [
                ("main", 100_000),
                ("half", 50_001),
            ]
        async with ConversationStore(path) as store:
            assert await store.check() == []


async def test_a_thousand_branches() -> None:
    with quick_database() as path:
        async with AdvancedSQLiteSession(
            session_id="talk", db_path=path, create_tables=True
        ) as session:
            await session.add_items(turn("a") + turn("b"))
            for number in range(1000):
                await session.create_branch_from_turn(2, f"branch {number}")
                await session.switch_to_branch("main")
            branches = await session.list_branches()
            assert [row["branch_id"] for row in branches] == [
                "main",
                *(f"branch {number}" for number in range(1000)),
            ]


@pytest.mark.parametrize("name", ODD_NAMES)
async def test_names_of_every_odd_kind(name: str) -> None:
    with quick_database() as path:
        async with AdvancedSQLiteSession(
            session_id=name, db_path=path, create_tables=True
        ) as session:
            await session.add_items(turn("a") + turn("b"))
            if name.strip():
                await session.create_branch_from_turn(2, name)
                await session.add_items(turn("c"))
                assert len(await session.get_items(branch_id=name)) == 4
                await session.delete_branch(name, force=True)
            assert len(await session.get_items()) == 4
        async with ConversationStore(path) as store:
            assert await store.check() == []
            assert [info.session_id for info in await store.sessions()] == [name]


NO_TEXT = "lone \ud800 surrogate"


async def test_names_that_are_no_text(path: Path) -> None:
    """They can be neither stored nor looked for, and nothing is stored by halves."""
    async with (
        AdvancedSQLiteSession(session_id="talk", db_path=path, create_tables=True) as session,
        AdvancedSQLiteSession(session_id=NO_TEXT, db_path=path) as nobody,
    ):
        await session.add_items(turn("a") + turn("b"))
        for use in (
            nobody.add_items(turn("c")),
            nobody.get_items(),
            session.create_branch_from_turn(2, NO_TEXT),
            session.switch_to_branch(NO_TEXT),
            session.get_items(branch_id=NO_TEXT),
            session.delete_branch(NO_TEXT),
        ):
            with pytest.raises(InvalidNameError, match="is not valid text"):
                await use
        items = [{"type": NO_TEXT, "name": NO_TEXT}, user(NO_TEXT)]
        await session.add_items(items)
        assert (await session.get_items())[4:] == items
        assert [t["turn"] for t in await session.find_turns_by_content("\ud800")] == [3]
    await assert_sound(path)


@pytest.mark.parametrize("number", [2**63 - 1, 2**63, 2**70, -(2**70)])
async def test_numbers_beyond_all_turns(path: Path, number: int) -> None:
    async with AdvancedSQLiteSession(
        session_id="talk", db_path=path, create_tables=True
    ) as session:
        await session.add_items(turn("a"))
        assert await session.get_items(limit=number) == turn("a")
        assert await session.get_turn_usage(number) == {}
        with pytest.raises(TurnNotFoundError, match=f"Turn {number} does not contain"):
            await session.create_branch_from_turn(number)


async def test_a_message_that_sqlite_cannot_take(path: Path) -> None:
    """Its own bound is a thousand million bytes; a lower one does for a test."""
    async with AdvancedSQLiteSession(
        session_id="talk", db_path=path, create_tables=True
    ) as session:
        await session.add_items(turn("a"))
        thread = session._file._storage._database()._connections.of("writes")
        await run_on(thread, lambda file: file.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 100_000))
        with pytest.raises(DatabaseError, match="too big"):
            await session.add_items([*turn("b"), user("x" * 100_000)])
        await session.add_items(turn("c"))
        assert texts(await session.get_items()) == ["a", "About a", "c", "About c"]
