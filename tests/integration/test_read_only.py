"""Places that may be read and not written, while somebody else writes there."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from agents.extensions.memory import AdvancedSQLiteSession as TheirSession
from agents.memory import SQLiteSession

from convo import AdvancedSQLiteSession, ConversationStore
from convo.errors import DatabaseUnavailableError, ReadOnlyDatabaseError
from tests.core.addresses import execute
from tests.core.better_than_sdk.trouble import read_only
from tests.core.talk import result, texts, turn
from tests.integration.soundness import assert_sound

WRITES: dict[str, Callable[[AdvancedSQLiteSession], Awaitable[Any]]] = {
    "add": lambda session: session.add_items(turn("no")),
    "pop": lambda session: session.pop_item(),
    "branch": lambda session: session.create_branch_from_turn(1),
    "delete": lambda session: session.delete_branch("fork"),
    "clear": lambda session: session.clear_session(),
}


@pytest.fixture
def place(path: Path) -> Path:
    """A database in a folder into which everybody may look."""
    path.parent.chmod(0o755)
    return path


def opened(path: Path) -> AdvancedSQLiteSession:
    return AdvancedSQLiteSession(session_id="talk", db_path=path, create_tables=True)


async def written_by_convo(path: Path) -> None:
    async with opened(path) as session:
        await session.add_items(turn("a") + turn("b"))
        await session.store_run_usage(result(15))
        await session.create_branch_from_turn(2, "fork")


async def written_by_the_sdk(path: Path) -> None:
    session = TheirSession(session_id="talk", db_path=path, create_tables=True)
    await session.add_items(turn("a") + turn("b"))
    await session.store_run_usage(result(15))
    await session.create_branch_from_turn(2, "fork")
    session.close()


async def written_by_both(path: Path) -> None:
    """With messages that have no structure yet before and after those that have."""
    await written_plainly(path, "a")
    session = TheirSession(session_id="talk", db_path=path, create_tables=True)
    await session.add_items(turn("b"))
    await session.store_run_usage(result(15))
    await session.create_branch_from_turn(1, "fork")
    session.close()


async def written_plainly(path: Path, *said: str) -> None:
    plain = SQLiteSession("talk", path)
    for text in said or ("a", "b"):
        await plain.add_items(turn(text))
    plain.close()


@pytest.mark.parametrize("what", ["file", "folder", "both"])
@pytest.mark.parametrize(
    "write", [written_by_convo, written_by_the_sdk, written_by_both, written_plainly]
)
async def test_everything_is_read_and_nothing_written(
    place: Path, write: Callable[[Path], Awaitable[None]], what: str
) -> None:
    await write(place)
    before = place.read_bytes()
    places = {"file": [place], "folder": [place.parent], "both": [place, place.parent]}[what]
    with read_only(*places):
        async with opened(place) as session, ConversationStore(place) as store:
            assert texts(await session.get_items()) == ["a", "About a", "b", "About b"]
            assert [t["turn"] for t in await session.get_conversation_turns()] == [1, 2]
            assert [info.turns for info in await store.sessions()] == [2]
            usage = await session.get_turn_usage()
            assert [row["user_turn_number"] for row in usage] in ([], [2])
            for use in WRITES.values():
                with pytest.raises(ReadOnlyDatabaseError, match=f"{place} is read-only"):
                    await use(session)
            with pytest.raises(ReadOnlyDatabaseError):
                await store.start_session("new")
            assert texts(await session.get_items()) == ["a", "About a", "b", "About b"]
    assert place.read_bytes() == before
    async with opened(place) as session:
        assert texts(await session.get_items()) == ["a", "About a", "b", "About b"]
    await assert_sound(place)


async def test_what_is_written_meanwhile_is_seen(place: Path) -> None:
    """Without a log there is no lock either: a change must show in some other way."""
    await written_by_convo(place)
    expected = ["a", "About a", "b", "About b"]
    async with opened(place) as reader:
        for number in range(5):
            with read_only(place, place.parent):
                assert texts(await reader.get_items(branch_id="main")) == expected
                assert texts(await reader.get_items(1, branch_id="main")) == expected[-1:]
            theirs = TheirSession(session_id="talk", db_path=place)
            await theirs.add_items(turn(f"later {number}"))
            expected += [f"later {number}", f"About later {number}"]
            if number % 2:
                # What the writer has not moved from its log into the file is seen as well.
                with read_only(place, place.parent):
                    assert texts(await reader.get_items(branch_id="main")) == expected
            theirs.close()


async def test_a_place_that_becomes_writable(place: Path) -> None:
    await written_plainly(place)
    async with opened(place) as session:
        with read_only(place, place.parent):
            assert len(await session.get_items()) == 4
            with pytest.raises(ReadOnlyDatabaseError):
                await session.add_items(turn("no"))
        await session.add_items(turn("c"))
        assert texts(await session.get_items()) == [*texts(turn("a") + turn("b")), "c", "About c"]
    await assert_sound(place)


async def test_who_may_not_even_read_is_told_so(place: Path) -> None:
    await written_by_convo(place)
    place.chmod(0o000)
    if os.geteuid() == 0:
        os.seteuid(65534)
    try:
        with pytest.raises(DatabaseUnavailableError, match="cannot be opened"):
            async with opened(place) as session:
                await session.get_items()
    finally:
        if os.getuid() == 0:
            os.seteuid(0)


async def test_a_file_that_cannot_be_written_is_backed_up(place: Path) -> None:
    await written_by_convo(place)
    execute(place, "PRAGMA journal_mode = DELETE")
    with TemporaryDirectory(dir=place.parent.parent) as name:
        copies = Path(name)
        copies.chmod(0o777)
        with read_only(place, place.parent):
            async with ConversationStore(place) as store:
                assert (await store.back_up(copies / "copy.db")).messages == 4
