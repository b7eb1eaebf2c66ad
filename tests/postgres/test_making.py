"""Tables that many processes make at once, and that are completed while others write."""

import asyncio
import subprocess
import sys
from pathlib import Path

from convo import AdvancedPostgresSession
from tests.core.addresses import execute, rows
from tests.core.talk import user

PROCESSES, TIMES = 8, 20


def test_processes_make_the_tables_at_once(new_postgres_url: str) -> None:
    numbers = [str(PROCESSES), str(TIMES)]
    command = [sys.executable, "-m", "tests.postgres.makers", new_postgres_url, *numbers]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for number in range(TIMES):
        query = f"SELECT count(*), max(sequence_number) FROM empty_{number}.message_structure"
        assert rows(new_postgres_url, query) == [(PROCESSES, PROCESSES)]


async def test_tables_are_completed_while_an_older_release_writes(new_postgres_url: str) -> None:
    """The older one has looked at the tables before, and knows none of what is added."""
    older = AdvancedPostgresSession("talk", url=new_postgres_url, create_tables=True, pool_size=1)
    await older.add_items([user("0")])
    execute(new_postgres_url, "ALTER TABLE convo_runs DROP COLUMN tool_times")
    execute(new_postgres_url, "UPDATE convo_schema SET version = 0")
    written, is_over = 1, False

    async def write() -> None:
        nonlocal written
        while not is_over:
            await older.add_items([user(f"{written}")])
            written += 1

    writer = asyncio.ensure_future(write())
    await asyncio.sleep(0.05)
    newer = AdvancedPostgresSession("talk", url=new_postgres_url, create_tables=True, pool_size=2)
    await newer.get_items()
    before = written
    while written < before + 5:
        assert not writer.done()
        await asyncio.sleep(0.005)
    is_over = True
    await writer
    assert [one["content"] for one in await newer.get_items()] == [f"{n}" for n in range(written)]
    assert rows(new_postgres_url, "SELECT count(tool_times) FROM convo_runs") == [(0,)]
    assert rows(new_postgres_url, "SELECT version > 0 FROM convo_schema") == [(True,)]
