"""A file that is deleted or replaced while sessions have it open.

SQLite would go on writing to what has no name any more, and nobody would see it again.
"""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from convo import AdvancedSQLiteSession, ConversationStore
from convo.errors import DatabaseUnavailableError
from tests.core.addresses import rows
from tests.core.talk import result, run, texts, turn
from tests.integration.locks import write_lock
from tests.integration.soundness import assert_sound


def opened(path: Path, name: str = "talk") -> AdvancedSQLiteSession:
    return AdvancedSQLiteSession(session_id=name, db_path=path, create_tables=True)


def delete(path: Path) -> None:
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()


def delete_leaving_logs(path: Path) -> None:
    path.unlink()


def replace(path: Path) -> None:
    """As a backup is put back: the logs of the old file are not those of the new one."""
    other = path.with_name("other.db")
    with sqlite3.connect(path) as source, sqlite3.connect(other) as target:
        source.backup(target)
        target.execute("""UPDATE agent_messages SET message_data = replace(replace(
            message_data, '"a"', '"b"'), 'About a', 'About b')""")
    source.close()
    target.close()
    delete(path)
    other.rename(path)


def move_away(path: Path) -> None:
    path.rename(path.with_name("elsewhere.db"))


LOSSES = [delete, delete_leaving_logs, replace, move_away]
Use = Callable[[AdvancedSQLiteSession], Awaitable[Any]]
USES: dict[str, Use] = {
    "add": lambda session: session.add_items(turn("lost")),
    "get": lambda session: session.get_items(),
    "pop": lambda session: session.pop_item(),
    "branch": lambda session: session.create_branch_from_turn(1),
    "switch": lambda session: session.switch_to_branch("main"),
    "clear": lambda session: session.clear_session(),
    "turns": lambda session: session.get_conversation_turns(),
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("lose", LOSSES)
async def test_nothing_is_done_to_a_lost_file(
    path: Path, lose: Callable[[Path], None], use: str
) -> None:
    async with opened(path) as session:
        await session.add_items(turn("a"))
        await session.get_items()
        lose(path)
        before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
        what = "replaced" if lose is replace else "deleted"
        with pytest.raises(DatabaseUnavailableError, match=f"has been {what}") as caught:
            await USES[use](session)
        assert caught.value.hint == "close every session on it and open them again"
    after = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    assert after.items() >= {name: data for name, data in before.items() if "-" not in name}.items()
    assert path.exists() == (lose is replace)


async def test_usage_of_a_lost_file_is_an_error_in_the_log(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(path) as session:
        await session.add_items(turn("a"))
        delete(path)
        await session.store_run_usage(result(15))
    assert "could not be stored" in caplog.text
    assert not path.exists()


async def test_a_lost_file_that_only_readers_have_open(path: Path) -> None:
    async with opened(path) as session:
        await session.add_items(turn("a"))
    async with opened(path) as session:
        await session.get_items()
        delete(path)
        with pytest.raises(DatabaseUnavailableError, match="has been deleted"):
            await session.add_items(turn("b"))
    assert not path.exists()


async def test_what_was_put_in_its_place_is_used_once_it_is_opened(path: Path) -> None:
    session = opened(path)
    await session.add_items(turn("a"))
    replace(path)
    with pytest.raises(DatabaseUnavailableError):
        await session.add_items(turn("lost"))
    async with opened(path) as later:
        # Though the old one is open still.
        await later.add_items(turn("new"))
        assert texts(await later.get_items()) == ["b", "About b", "new", "About new"]
        with pytest.raises(DatabaseUnavailableError):
            await session.get_items()
    await session.close()
    await assert_sound(path)
    async with opened(path) as session:
        assert texts(await session.get_items()) == ["b", "About b", "new", "About new"]


async def test_a_file_that_comes_back_is_used_again(path: Path) -> None:
    async with opened(path) as session:
        await session.add_items(turn("a"))
        move_away(path)
        with pytest.raises(DatabaseUnavailableError):
            await session.add_items(turn("lost"))
        path.with_name("elsewhere.db").rename(path)
        await session.add_items(turn("b"))
        assert texts(await session.get_items()) == ["a", "About a", "b", "About b"]
    await assert_sound(path)


async def test_a_file_that_goes_while_a_write_waits(path: Path) -> None:
    async with opened(path) as session:
        await session.add_items(turn("a"))
        with write_lock(path) as lock:
            writing = asyncio.create_task(session.add_items(turn("lost")))
            await lock.is_waited_for(writing)
            delete(path)
        with pytest.raises(DatabaseUnavailableError, match="has been deleted"):
            await writing
    assert not path.exists()


async def test_a_store_whose_file_is_replaced(path: Path) -> None:
    async with ConversationStore(path, create=True) as store:
        await store.start_session("talk")
        await store.record_turn("talk", "main", turn("a"), run())
        replace(path)
        for use in (
            store.sessions(),
            store.record_turn("talk", "main", turn("lost"), run()),
            store.delete_session("talk"),
        ):
            with pytest.raises(DatabaseUnavailableError, match="has been replaced"):
                await use
    async with ConversationStore(path) as store:
        assert texts(await store.history("talk", "main")) == ["b", "About b"]


async def test_a_link_that_is_turned_to_another_file(path: Path) -> None:
    link, second = path.with_name("link.db"), path.with_name("second.db")
    link.symlink_to(path)
    async with opened(link) as session:
        await session.add_items(turn("a"))
        shutil.copy(path, second)
        link.unlink()
        link.symlink_to(second)
        await session.add_items(turn("b"))
    assert rows(path, "SELECT count(*) FROM agent_messages") == [(4,)]
    assert os.path.realpath(link) == str(second)
