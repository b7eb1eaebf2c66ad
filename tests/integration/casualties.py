"""Writers of one file, some of whom are killed: `python -m tests.integration.casualties COUNT DB`.

The others never notice: their writes go through, and whatever was acknowledged to anybody is there.
"""

import asyncio
import os
import random
import signal
import sqlite3
import sys
import time
import traceback
from contextlib import closing
from dataclasses import dataclass

from convo import AdvancedSQLiteSession, ConversationStore
from tests.integration.victims import turn

WRITERS = 4


@dataclass(frozen=True)
class Writer:
    """A process, the pipe on which it says what it wrote, and that on which it is told to stop."""

    process: int
    written: int
    stop: int

    def end(self, by: signal.Signals | None = None) -> list[str]:
        """Kill it, or let it come to its end; return all that was acknowledged to it."""
        if by is not None:
            os.kill(self.process, by)
        os.close(self.stop)
        lines = b"".join(iter(lambda: os.read(self.written, 65536), b""))
        os.close(self.written)
        _, status = os.waitpid(self.process, 0)
        expected = 0 if by is None else by
        assert status == expected, f"a writer ended with status {status}"
        return lines.decode().splitlines()


def begin(path: str, name: str, others: list[Writer]) -> Writer:
    told, tell = os.pipe()
    reading, writing = os.pipe()
    process = os.fork()
    if process:
        os.close(told)
        os.close(writing)
        return Writer(process, reading, tell)
    for descriptor in [tell, reading, *(other.stop for other in others)]:
        os.close(descriptor)
    code = 1
    try:
        asyncio.run(write(path, name, writing, told))
        code = 0
    except Exception:
        traceback.print_exc()
        raise
    finally:
        os._exit(code)


async def write(path: str, name: str, written: int, told: int) -> None:
    """Write to the conversation of all, and to one's own, until the other end is closed."""
    os.set_blocking(told, False)
    common = AdvancedSQLiteSession(session_id="common", db_path=path)
    own = AdvancedSQLiteSession(session_id=name, db_path=path)
    number = 0
    while not is_closed(told):
        # At once: they are committed together.
        await asyncio.gather(
            *(session.add_items(turn(f"{name}.{number}")) for session in (common, own))
        )
        os.write(written, f"{name}.{number}\n".encode())
        number += 1
    await common.close()
    await own.close()


def is_closed(pipe: int) -> bool:
    try:
        return os.read(pipe, 1) == b""
    except BlockingIOError:
        return False


def look(path: str, acknowledged: list[str]) -> None:
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        written = file.execute(
            "SELECT session_id, json_extract(message_data, '$.content') FROM agent_messages"
        ).fetchall()
    for name in acknowledged:
        for session in ("common", name.rpartition(".")[0]):
            assert written.count((session, name)) == 1, name
            assert written.count((session, f"About {name}")) == 1, name


async def sound(path: str, *, create: bool = False) -> None:
    async with ConversationStore(path, create=create) as store:
        assert await store.check() == []


def main(count: int, path: str) -> None:
    asyncio.run(sound(path, create=True))
    chance = random.Random(count)
    writers: list[Writer] = []
    for number in range(WRITERS):
        writers.append(begin(path, f"writer {number}", writers))
    acknowledged = []
    for number in range(WRITERS, WRITERS + count):
        time.sleep(chance.uniform(0.005, 0.03))
        unlucky = writers.pop(chance.randrange(WRITERS))
        acknowledged += unlucky.end(signal.SIGKILL)
        writers.append(begin(path, f"writer {number}", writers))
    while writers:
        acknowledged += writers.pop().end()
    look(path, acknowledged)
    asyncio.run(sound(path))
    print(count, "killed,", "some" if len(acknowledged) > count else "too little", "acknowledged")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
