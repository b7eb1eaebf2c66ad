"""Programs that fork after they have used a database: `python -m tests.integration.forking`.

Each is given the database, prints nothing, and ends with 0 if all went as it should; whatever
hangs is ended by an alarm.
"""

import asyncio
import gc
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from convo import AdvancedSQLiteSession, ConversationStore
from convo.errors import SessionClosedError

_ALARM = 60
FORKS = 40


def opened(path: str, name: str = "talk", **options: Any) -> AdvancedSQLiteSession:
    return AdvancedSQLiteSession(session_id=name, db_path=path, create_tables=True, **options)


def turn(text: str) -> list[Any]:
    return [{"role": "user", "content": text}, {"role": "assistant", "content": f"About {text}"}]


def in_child(work: Callable[[], None], *, orderly: bool = False) -> int:
    """Fork, do the work in the child and return the child's id; `orderly` ends as programs do."""
    child = os.fork()
    if child:
        return child
    signal.alarm(_ALARM)
    code = 1
    try:
        work()
        code = 0
    except Exception:
        traceback.print_exc()
        raise
    finally:
        if not orderly:
            os._exit(code)
    sys.exit(code)


def ended_well(child: int) -> None:
    _, status = os.waitpid(child, 0)
    assert status == 0, f"the child ended with status {status}"


def inherited_session(path: str) -> None:
    """The child goes on with the very object, in an event loop of its own; the parent does too."""
    session = opened(path)
    asyncio.run(session.add_items(turn("before")))

    def use() -> None:
        assert len(asyncio.run(session.get_items())) == 2
        asyncio.run(session.add_items(turn("child")))

    ended_well(in_child(use))
    asyncio.run(session.add_items(turn("parent")))
    assert len(asyncio.run(session.get_items())) == 6


def open_loop(path: str) -> None:
    """The fork happens within a coroutine, with connections open; the child opens its own."""

    async def main() -> None:
        async with opened(path) as session:
            await session.add_items(turn("before"))
            under_way = asyncio.create_task(session.add_items(turn("parent")))
            await asyncio.sleep(0)
            child = in_child(lambda: asyncio.run(opened(path).add_items(turn("child"))))
            await asyncio.to_thread(ended_well, child)
            await under_way
            assert len(await session.get_items()) == 6

    asyncio.run(main())


def closed_in_child(path: str) -> None:
    """The child closes and drops what it inherited, and ends as any program; the parent goes on."""
    loop = asyncio.new_event_loop()
    session, store = opened(path), ConversationStore(path)
    loop.run_until_complete(session.add_items(turn("before")))
    loop.run_until_complete(store.__aenter__())

    def close() -> None:
        nonlocal session, store
        asyncio.run(session.close())
        asyncio.run(store.__aexit__())
        del session, store
        gc.collect()

    for number in range(5):
        child = in_child(close, orderly=True)
        loop.run_until_complete(session.add_items(turn(f"meanwhile {number}")))
        ended_well(child)
        loop.run_until_complete(session.add_items(turn(f"afterwards {number}")))
    assert len(loop.run_until_complete(session.get_items())) == 22
    assert len(loop.run_until_complete(store.sessions())) == 1
    loop.run_until_complete(session.close())
    loop.run_until_complete(store.__aexit__())
    loop.close()


def in_memory(path: str) -> None:
    """What is in the parent's memory stays there: the child is told so, and need not wait."""
    session = AdvancedSQLiteSession(session_id="talk", create_tables=True)
    asyncio.run(session.add_items(turn("before")))

    def use() -> None:
        for use in (session.get_items, lambda: session.add_items(turn("child"))):
            try:
                asyncio.run(use())
            except SessionClosedError:
                continue
            raise AssertionError("the child used the parent's memory")
        asyncio.run(session.close())

    ended_well(in_child(use))
    assert len(asyncio.run(session.get_items())) == 2
    asyncio.run(opened(path).add_items(turn("before")))


def under_load(path: str) -> None:
    """Threads write and read without a pause while the main thread forks, again and again."""
    over = threading.Event()

    async def keep_busy(name: str) -> None:
        async with opened(path, name) as session:
            number = 0
            while not over.is_set():
                number += 1
                await session.add_items(turn(f"{name} {number}"))
                assert len(await session.get_items(4)) == min(4, 2 * number)

    with ThreadPoolExecutor(3) as threads:
        busy = [threads.submit(asyncio.run, keep_busy(f"busy {n}")) for n in range(3)]
        for number in range(FORKS):
            session = opened(path, f"child {number}")
            ended_well(in_child(lambda session=session: asyncio.run(session.add_items(turn("x")))))
        over.set()
        for future in busy:
            future.result()


CASES = (inherited_session, open_loop, closed_in_child, in_memory, under_load)

if __name__ == "__main__":
    signal.alarm(2 * _ALARM)
    {case.__name__: case for case in CASES}[sys.argv[1]](sys.argv[2])
