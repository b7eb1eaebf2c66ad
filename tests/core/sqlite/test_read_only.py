"""Reading where nothing can be written: done by a user who may not, since root always may."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from convo import AdvancedSQLiteSession
from tests.core.talk import turn

READER = """
import asyncio, os, sys
# Later they are out of reach.
import aiosqlite, convo.items.encoding, convo.sdk, orjson, urllib.parse
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
from convo.errors import DatabaseError

async def main():
    session = convo.AdvancedSQLiteSession(session_id="talk", db_path=sys.argv[1])
    print(len(await session.get_items()))
    try:
        await session.add_items([{"role": "user", "content": "no"}])
    except DatabaseError as error:
        print(type(error).__name__, "is read-only" in str(error))
    await session.close()

asyncio.run(main())
"""


def read_as_somebody_else(path: Path) -> list[str]:
    for folder in (path.parent, *path.parent.parents[:3]):
        folder.chmod(folder.stat().st_mode | 0o055)
    done = subprocess.run(
        [sys.executable, "-c", READER, path], capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.fixture
def shared(path: Path) -> Path:
    async def talk() -> None:
        async with AdvancedSQLiteSession(
            session_id="talk", db_path=path, create_tables=True
        ) as session:
            await session.add_items(turn("a"))

    asyncio.run(talk())
    return path


def test_a_read_only_file(shared: Path) -> None:
    shared.chmod(0o444)
    assert read_as_somebody_else(shared) == ["2", "ReadOnlyDatabaseError True"]
