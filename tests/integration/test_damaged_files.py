"""Files that lost a part of themselves: a clear error, and nothing more is lost."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from convo import AdvancedSQLiteSession, ConversationStore
from convo.errors import DamagedDatabaseError
from tests.core.addresses import execute
from tests.core.talk import run, texts, turn

TURNS = 40
SAID = [text for n in range(TURNS) for text in (f"{n} " + "x" * 2000, f"About {n} " + "x" * 2000)]
Harm = Callable[[Path], None]


def opened(path: Path) -> AdvancedSQLiteSession:
    return AdvancedSQLiteSession(session_id="talk", db_path=path, create_tables=True)


def truncated(part: float) -> Harm:
    return lambda path: os.truncate(path, int(path.stat().st_size * part))


def cut_in_its_header(path: Path) -> None:
    os.truncate(path, 100)


def made_a_diary(path: Path) -> None:
    path.write_bytes(b"Dear diary, " * (path.stat().st_size // 12))


def written_over(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xaa" * 40960)


HARM: dict[str, Harm] = {
    "nine tenths": truncated(0.9),
    "half": truncated(0.5),
    "a tenth": truncated(0.1),
    "a part of the header": cut_in_its_header,
    "no database": made_a_diary,
    "a hole": written_over,
}


@pytest.fixture
async def talk(path: Path) -> Path:
    async with ConversationStore(path, create=True) as store:
        await store.start_session("talk")
        for number in range(TURNS):
            await store.record_turn("talk", "main", turn(f"{number} " + "x" * 2000), run())
    return path


def move_log_into_file(path: Path) -> None:
    execute(path, "PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.mark.parametrize("harm", HARM)
async def test_a_damaged_file(talk: Path, harm: str) -> None:
    """Whoever opens it is told so, and it is left as it is for somebody to mend."""
    HARM[harm](talk)
    before = talk.read_bytes()
    with pytest.raises(DamagedDatabaseError, match=str(talk)):
        async with opened(talk) as session:
            await session.get_items()
    with pytest.raises(DamagedDatabaseError, match=str(talk)):
        async with ConversationStore(talk) as store:
            await store.history("talk", "main")
    assert talk.read_bytes() == before


@pytest.mark.parametrize("harm", HARM)
async def test_a_file_that_is_damaged_while_it_is_open(talk: Path, harm: str) -> None:
    async with opened(talk) as session:
        assert texts(await session.get_items()) == SAID
        await session.add_items(turn("more"))
        move_log_into_file(talk)
        HARM[harm](talk)
        for _ in range(2):
            with pytest.raises(DamagedDatabaseError, match=str(talk)):
                await session.get_items()


@pytest.mark.parametrize("harm", HARM)
async def test_what_is_in_the_log_is_read_from_there(talk: Path, harm: str) -> None:
    """SQLite needs no more of the file than the log lacks: all that was said goes on."""
    async with opened(talk) as session:
        await session.get_items()
        with closing(sqlite3.connect(talk)) as other:
            # Every page, once over, in the log.
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            other.execute("VACUUM")
        HARM[harm](talk)
        assert texts(await session.get_items()) == SAID
        await session.add_items(turn("more"))
    async with opened(talk) as session:
        assert texts(await session.get_items()) == [*SAID, "more", "About more"]
    async with ConversationStore(talk) as store:
        assert await store.check() == []


async def test_a_file_that_is_emptied_while_it_is_open(talk: Path) -> None:
    async with opened(talk) as session:
        await session.get_items()
        await session.add_items(turn("more"))
        move_log_into_file(talk)
        os.truncate(talk, 0)
        for use in (session.get_items, session.pop_item, session.clear_session):
            with pytest.raises(DamagedDatabaseError, match=str(talk)):
                await use()
    async with opened(talk) as session:
        assert await session.get_items() == []
        await session.add_items(turn("new"))
        assert texts(await session.get_items()) == ["new", "About new"]


@pytest.mark.parametrize(
    "tables", [("message_structure",), ("convo_adopted", "convo_branches", "convo_runs")]
)
async def test_tables_that_are_dropped_while_the_file_is_open(
    talk: Path, tables: tuple[str, ...]
) -> None:
    """One use finds it out, the next has made them again; every message finds its place."""
    async with opened(talk) as session:
        await session.get_items()
        for table in tables:
            execute(talk, f"DROP TABLE {table}")
        with pytest.raises(DamagedDatabaseError, match="it has no such table"):
            await session.get_items()
        assert texts(await session.get_items()) == SAID
        await session.add_items(turn("more"))
        assert len(await session.get_conversation_turns()) == TURNS + 1
    async with ConversationStore(talk) as store:
        assert {problem.kind for problem in await store.check()} <= {"usage without turn"}
