import asyncio
import os
import stat
import threading
from pathlib import Path

import pytest

from convo import ConversationStore
from convo.errors import (
    ConflictError,
    DamagedDatabaseError,
    DatabaseUnavailableError,
    NameTakenError,
    NotFoundError,
)
from tests.core.addresses import rows
from tests.core.talk import run, turn

MESSAGES = "SELECT session_id, message_data FROM agent_messages ORDER BY id"


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    folder = tmp_path / "copies"
    folder.mkdir()
    return folder


async def made(path: Path, turns: int = 3) -> Path:
    async with ConversationStore(path, create=True) as store:
        await store.start_session("talk")
        for number in range(turns):
            await store.record_turn("talk", "main", turn(f"q{number}"), run())
    return path


async def test_a_copy_has_all_and_is_one_file(path: Path, copies: Path) -> None:
    await made(path)
    copy = copies / "copy.db"
    async with ConversationStore(path) as store:
        backup = await store.back_up(copy)
    assert backup == (str(copy), copy.stat().st_size, 1, 6)
    assert rows(copy, MESSAGES) == rows(path, MESSAGES)
    assert [file.name for file in copies.iterdir()] == ["copy.db"]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


async def test_what_is_only_in_the_log_is_copied(path: Path, copies: Path) -> None:
    await made(path)
    async with ConversationStore(path) as store:
        await store.record_turn("talk", "main", turn("last"), run())
        assert Path(f"{path}-wal").stat().st_size > 0
        await store.back_up(copies / "copy.db")
    async with ConversationStore(copies / "copy.db") as store:
        assert (await store.turns("talk", "main"))[-1].text == "last"


async def test_the_copy_is_of_one_moment_while_others_write(path: Path, copies: Path) -> None:
    await made(path, turns=300)
    done = threading.Event()

    def write() -> None:
        async def many() -> None:
            async with ConversationStore(path) as store:
                while not done.is_set():
                    await store.record_turn("talk", "main", turn("more"), run())

        asyncio.run(many())

    writer = threading.Thread(target=write)
    writer.start()
    try:
        async with ConversationStore(path) as store:
            for number in range(5):
                await store.back_up(copies / f"{number}.db")
    finally:
        done.set()
        writer.join()
    for number in range(5):
        async with ConversationStore(copies / f"{number}.db") as store:
            assert await store.check() == []
            assert len(await store.history("talk", "main")) % 2 == 0


async def test_a_file_that_is_there_is_left_alone(path: Path, copies: Path) -> None:
    await made(path)
    copy = copies / "copy.db"
    copy.write_text("mine")
    async with ConversationStore(path) as store:
        with pytest.raises(NameTakenError):
            await store.back_up(copy)
        assert copy.read_text() == "mine"
        await store.back_up(copy, overwrite=True)
        with pytest.raises(ConflictError, match="the database itself"):
            await store.back_up(path, overwrite=True)
    assert rows(copy, MESSAGES) == rows(path, MESSAGES)


async def test_a_device_is_not_replaced_by_the_copy(path: Path, copies: Path) -> None:
    await made(path)
    fifo = copies / "fifo"
    os.mkfifo(fifo)
    async with ConversationStore(path) as store:
        with pytest.raises(DatabaseUnavailableError, match="it is not a file"):
            await store.back_up(fifo, overwrite=True)
    assert stat.S_ISFIFO(fifo.stat().st_mode)


@pytest.mark.parametrize("end", ["-wal", "-shm", "-journal"])
async def test_the_files_of_the_database_are_left_alone(path: Path, end: str) -> None:
    await made(path)
    async with ConversationStore(path) as store:
        with pytest.raises(ConflictError, match="belongs to the database itself"):
            await store.back_up(f"{path}{end}", overwrite=True)


async def test_a_database_that_is_open_is_not_written_over(path: Path, copies: Path) -> None:
    await made(path)
    other = await made(copies / "other.db")
    async with ConversationStore(other) as there:
        await there.record_turn("talk", "main", turn("in the log"), run())
        async with ConversationStore(path) as store:
            with pytest.raises(ConflictError, match="is a log of the database"):
                await store.back_up(other, overwrite=True)
        assert (await there.turns("talk", "main"))[-1].text == "in the log"


async def test_where_no_copy_can_be_made(path: Path, copies: Path) -> None:
    async with ConversationStore(path) as store:
        with pytest.raises(NotFoundError, match="no database"):
            await store.back_up(copies / "copy.db")
    await made(path)
    async with ConversationStore(path) as store:
        with pytest.raises(DatabaseUnavailableError, match="No such file"):
            await store.back_up(copies / "none" / "copy.db")


async def test_of_a_damaged_file_no_copy_is_left(path: Path, copies: Path) -> None:
    await made(path, turns=200)
    page = path.stat().st_size // 2 // 4096 * 4096
    with path.open("rb+") as file:
        file.seek(page)
        file.write(b"\xff" * 4096)
    async with ConversationStore(path) as store:
        with pytest.raises(DamagedDatabaseError):
            await store.back_up(copies / "copy.db")
    assert list(copies.iterdir()) == []
