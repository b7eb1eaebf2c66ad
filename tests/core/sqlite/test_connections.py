"""One connection for reads and writes, until they come together."""

from __future__ import annotations

import asyncio
from pathlib import Path

from convo import AdvancedSQLiteSession
from convo.sqlite.connection import ConnectionThread
from tests.core.better_than_sdk.trouble import locked
from tests.core.sqlite.test_storage import opened
from tests.core.talk import turn


def threads(session: AdvancedSQLiteSession) -> dict[str, ConnectionThread]:
    return session._file._storage._database()._connections._threads  # type: ignore[attr-defined,return-value]


async def stored(path: Path) -> None:
    async with opened(path) as session:
        await session.add_items(turn("a"))


async def test_a_session_that_waits_for_each_call_has_one_connection(path: Path) -> None:
    await stored(path)
    async with opened(path) as session:
        assert len(await session.get_items()) == 2
        (reads,) = threads(session).values()
        await session.add_items(turn("b"))
        assert len(await session.get_items()) == 4
        assert threads(session) == {"writes": reads}
        synchronous = await reads.call(
            lambda _: reads._connection.execute("PRAGMA synchronous").fetchone()  # type: ignore[union-attr]
        )
        assert synchronous == (2,)


async def test_a_read_does_not_wait_for_a_write(path: Path) -> None:
    async with opened(path) as session:
        await session.add_items(turn("a"))
        with locked(path):
            write = asyncio.create_task(session.add_items(turn("b")))
            await asyncio.sleep(0)
            assert len(await session.get_items()) == 2
            assert not write.done()
        await write
        assert threads(session).keys() == {"reads", "writes"}


async def test_a_write_that_met_a_read_leaves_reads_to_another_thread(path: Path) -> None:
    async with opened(path) as session:
        await session.add_items(turn("a"))
        read = asyncio.create_task(session.get_items())
        await asyncio.sleep(0)
        await session.add_items(turn("b"))
        await read
        assert threads(session).keys() == {"writes"}
        assert len(await session.get_items()) == 4
        assert threads(session).keys() == {"reads", "writes"}


async def test_what_cannot_be_written_is_not_read_by_the_writer(path: Path) -> None:
    await stored(path)
    async with opened(path) as session:
        await session.get_items()
        (reads,) = threads(session).values()
        reads.discard()
        await session.add_items(turn("b"))
        assert threads(session)["writes"] is not reads


async def test_writes_at_once_stay_on_one_thread(path: Path) -> None:
    await stored(path)
    async with opened(path) as session:
        await session.get_items()
        await asyncio.gather(*(session.add_items(turn(str(n))) for n in range(20)))
        assert len(await session.get_items()) == 42
        assert threads(session).keys() == {"reads", "writes"}
