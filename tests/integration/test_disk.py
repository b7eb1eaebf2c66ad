"""A disk that is full: reads go on, nothing is lost, and writing goes on once there is space.

Two kinds of fullness: a small file system of the test's own, which only root may mount (elsewhere
the size of any file is bounded for the process), and SQLite's bound on the pages of the database.
"""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from agents.memory import SQLiteSession

from convo import AdvancedSQLiteSession, ConversationStore
from convo.errors import DatabaseError, DatabaseFullError
from tests.core.addresses import rows
from tests.core.better_than_sdk.trouble import no_space
from tests.core.sqlite.test_connection import run as run_on
from tests.core.talk import run, texts, turn, user
from tests.integration.soundness import assert_sound


def may_mount() -> bool:
    """Whether this process may have a file system of its own; in a container not even root may."""
    if os.getuid() != 0:
        return False
    with TemporaryDirectory() as folder:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True)
        if mounted.returncode == 0:
            shell("umount", "--lazy", folder)
    return mounted.returncode == 0


def shell(*command: str) -> str:
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


MAY_MOUNT = may_mount()
FULL = DatabaseFullError if MAY_MOUNT else DatabaseError
"""SQLite tells a bound on the size of a file from other errors less well than a full disk."""

SAID = ["a", "About a", "b", "About b"]
Write = Callable[[AdvancedSQLiteSession, ConversationStore], Awaitable[Any]]
WRITES: dict[str, Write] = {
    "add": lambda session, _: session.add_items([user("x" * 50_000)]),
    "pop": lambda session, _: session.pop_item(),
    "branch": lambda session, _: session.create_branch_from_turn(2),
    "delete": lambda session, _: session.delete_branch("fork"),
    "clear": lambda session, _: session.clear_session(),
    "record": lambda _, store: store.record_turn("talk", "main", turn("no"), run()),
    "rename": lambda _, store: store.rename_session("talk", "no"),
}
READER = """
import asyncio, sys
from convo import ConversationStore
async def main():
    async with ConversationStore(sys.argv[1]) as store:
        print(len(await store.history("talk", "main")), [s.turns for s in await store.sessions()])
asyncio.run(main())
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of two megabytes, where that may be had."""
    if not MAY_MOUNT:
        yield tmp_path
        return
    shell("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(tmp_path))
    try:
        yield tmp_path
    finally:
        shell("umount", "--lazy", str(tmp_path))


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """No space is left for anything."""
    if not MAY_MOUNT:
        with no_space():
            yield
        return
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 4096, 512, 1):
            while True:
                try:
                    file.write(b"\0" * size)
                except OSError:
                    break
    yield
    filler.unlink()


@asynccontextmanager
async def talk(path: Path) -> AsyncIterator[tuple[AdvancedSQLiteSession, ConversationStore]]:
    async with ConversationStore(path, create=True) as store:
        if not await store.sessions():
            await store.start_session("talk")
            for question in "ab":
                await store.record_turn("talk", "main", turn(question), run())
            await store.branch("talk", "main", turn=2, name="fork", expected=None)
        async with AdvancedSQLiteSession(session_id="talk", db_path=path) as session:
            yield session, store


async def test_a_full_disk(disk: Path) -> None:
    path = disk / "conversations.db"
    async with talk(path) as (session, store):
        await session.get_items()
        with full(disk):
            for write in [*WRITES.values(), *WRITES.values()]:
                with pytest.raises(FULL, match=str(path)):
                    await write(session, store)
                assert texts(await session.get_items()) == SAID
            assert [row["branch_id"] for row in await session.list_branches()] == ["main", "fork"]
            assert [info.total_tokens for info in await store.sessions()] == [30]
        await session.add_items(turn("c"))
        assert texts(await session.get_items()) == [*SAID, "c", "About c"]
    await assert_sound(path)


async def test_a_disk_that_fills_up(disk: Path) -> None:
    """Turn by turn, until there is no space: all that was acknowledged is there."""
    path, kept = disk / "conversations.db", 0
    async with talk(path) as (_, store):
        if MAY_MOUNT:
            kept = await turns_until_it_is_full(store)
            assert kept > 10
        items = await store.history("talk", "fork")
        assert [item["content"].split()[0] for item in items[2:]] == [str(n) for n in range(kept)]
    if MAY_MOUNT:
        shell("mount", "-o", "remount,size=8m", str(disk))
    async with talk(path) as (_, store):
        await store.record_turn("talk", "fork", turn("after"), run())
        assert len(await store.history("talk", "fork")) == 2 + kept + 2
    await assert_sound(path)


async def turns_until_it_is_full(store: ConversationStore) -> int:
    kept = 0
    while True:
        try:
            await store.record_turn("talk", "fork", [user(f"{kept} " + "x" * 9000)], run())
        except DatabaseFullError:
            return kept
        kept += 1


@pytest.mark.parametrize("is_closed", [True, False], ids=["closed", "open elsewhere"])
async def test_who_comes_to_a_full_disk_can_read(disk: Path, is_closed: bool) -> None:
    """Neither the log nor its index, which is a file too, can be made there."""
    path = disk / "conversations.db"
    async with talk(path) as (session, _):
        await session.get_items()
        if is_closed:
            await session.close()
        with full(disk):
            read_by_another_process(path)
    with full(disk):
        read_by_another_process(path)
        async with talk(path) as (session, store):
            assert texts(await session.get_items()) == SAID
            for write in WRITES.values():
                with pytest.raises(FULL, match=str(path)):
                    await write(session, store)
    async with talk(path) as (session, _):
        await session.add_items(turn("c"))
    await assert_sound(path)


def read_by_another_process(path: Path) -> None:
    assert shell(sys.executable, "-c", READER, str(path)) == "4 [2]\n"


async def test_plain_messages_on_a_full_disk_are_read(disk: Path) -> None:
    path = disk / "conversations.db"
    async with talk(path) as (session, _):
        plain = SQLiteSession("talk", path)
        await plain.add_items(turn("plain"))
        plain.close()
        with full(disk):
            assert texts(await session.get_items()) == [*SAID, "plain", "About plain"]
        assert rows(path, "SELECT max(user_turn_number) FROM message_structure") == [(2,)]
        assert texts(await session.get_items()) == [*SAID, "plain", "About plain"]
    await assert_sound(path)


async def test_a_database_that_may_not_grow(path: Path) -> None:
    """A bound on its pages, as a quota is: what needs no page still goes on."""
    async with talk(path) as (session, store):
        await session.get_items()
        (pages,) = rows(path, "PRAGMA page_count")[0]
        thread = session._file._storage._database()._connections.of("writes")
        await run_on(thread, lambda file: file.execute(f"PRAGMA max_page_count = {pages}"))
        for _ in range(3):
            with pytest.raises(DatabaseFullError, match="nothing of this was stored"):
                await session.add_items([user("x" * 50_000)])
            assert texts(await session.get_items()) == SAID
        await session.delete_branch("fork")
        await session.pop_item()
        await session.add_items([user("small")])
        await run_on(thread, lambda file: file.execute(f"PRAGMA max_page_count = {2**30}"))
        await session.add_items([user("x" * 50_000)])
        assert texts(await session.get_items()) == ["a", "About a", "b", "small", "x" * 50_000]
        assert await store.check() == []
