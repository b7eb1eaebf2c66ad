"""Sessions that are used from several event loops, and from loops that end too early."""

import asyncio
import threading
from pathlib import Path

from convo import AdvancedSQLiteSession, ConversationStore
from tests.core.talk import turn
from tests.integration.folders import quick_database


def opened(path: Path, name: str = "talk") -> AdvancedSQLiteSession:
    return AdvancedSQLiteSession(session_id=name, db_path=path, create_tables=True)


async def still_sound(path: Path, turns: int) -> None:
    async with ConversationStore(path) as store:
        assert await store.check() == []
        assert len(await store.turns("talk", "main")) == turns


def test_two_threads_with_a_loop_each_share_a_session() -> None:
    with quick_database() as path:
        session, errors = opened(path), []

        async def talk(name: str) -> None:
            for number in range(20):
                await session.add_items(turn(f"{name} {number}"))
                assert await session.get_items(limit=1)

        def run(name: str) -> None:
            try:
                asyncio.run(talk(name))
            except BaseException as error:  # noqa: BLE001 - shown by the test
                errors.append(error)

        threads = [threading.Thread(target=run, args=(name,)) for name in ("one", "other")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert errors == []
        asyncio.run(still_sound(path, 40))
        asyncio.run(session.close())


def test_a_loop_that_ends_with_work_under_way() -> None:
    with quick_database() as path:
        session = opened(path)
        tasks = []

        async def leave() -> None:
            await session.add_items(turn("kept"))
            tasks.extend(
                asyncio.create_task(session.add_items(turn(f"perhaps {n}"))) for n in range(10)
            )
            await asyncio.sleep(0)

        asyncio.run(leave())
        assert all(task.done() for task in tasks)

        async def go_on() -> int:
            await session.add_items(turn("after"))
            return len(await session.get_conversation_turns())

        assert 2 <= asyncio.run(go_on()) <= 12
        asyncio.run(session.close())


def test_a_task_that_never_began_blocks_nobody() -> None:
    with quick_database() as path:
        session = opened(path)

        async def leave() -> None:
            await session.add_items(turn("kept"))
            asyncio.create_task(session.add_items(turn("never"))).cancel()

        asyncio.run(leave())
        asyncio.run(asyncio.wait_for(session.add_items(turn("after")), 20))
        asyncio.run(still_sound(path, 2))
        asyncio.run(session.close())
