"""Sixteen processes on one file at once."""

import json
import subprocess
import sys
from pathlib import Path

from convo import AdvancedSQLiteSession, ConversationStore
from tests.core.talk import rows, turn
from tests.integration.folders import quick_database

ROOT = Path(__file__).parents[2]
PROCESSES, TURNS = 16, 8


def write_all_at_once(path: Path) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.integration.crowd", str(number), str(TURNS), path],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    assert [writer.communicate(timeout=240)[1] for writer in writers] == [""] * PROCESSES
    assert [writer.returncode for writer in writers] == [0] * PROCESSES


async def test_sixteen_processes_write_at_once() -> None:
    with quick_database() as path:
        async with AdvancedSQLiteSession(
            session_id="shared", db_path=path, create_tables=True
        ) as session:
            await session.add_items(turn("before"))
        write_all_at_once(path)

        async with ConversationStore(path) as store:
            assert await store.check() == []
            counts = {row.branch_id: row.user_turns for row in await store.branches("shared")}
        total = PROCESSES * TURNS
        assert counts == {
            "main": total + 1,
            **{f"branch {number}": TURNS + 1 for number in range(PROCESSES)},
        }
        assert (
            rows(
                path, "SELECT sequence_number FROM message_structure GROUP BY 1 HAVING count(*) > 1"
            )
            == []
        )
        assert foreign_items(path) == []
        assert foreign_usage(path) == []
        assert rows(path, "SELECT count(*), sum(requests) FROM turn_usage") == [(total, total)]


def foreign_items(path: Path) -> list[tuple[int, set[str]]]:
    """The turns of `main` in which somebody else has a say."""
    said: dict[int, set[str]] = {}
    for number, data in rows(
        path,
        "SELECT user_turn_number, message_data FROM message_structure AS s"
        " JOIN agent_messages AS m ON m.id = s.message_id"
        " WHERE branch_id = 'main' AND user_turn_number > 1",
    ):
        said.setdefault(number, set()).add(json.loads(data)["content"])
    return [(number, names) for number, names in said.items() if len(names) > 1]


def foreign_usage(path: Path) -> list[tuple[int, int]]:
    """The turns of `main` whose usage is that of another turn's run."""
    wrong = []
    for number, cost, data in rows(
        path,
        "SELECT u.user_turn_number, u.total_tokens, m.message_data FROM turn_usage AS u"
        " JOIN message_structure AS s ON s.branch_id = u.branch_id"
        " AND s.user_turn_number = u.user_turn_number AND s.message_type = 'user'"
        " JOIN agent_messages AS m ON m.id = s.message_id",
    ):
        process, count = map(int, json.loads(data)["content"].split("."))
        if cost != 10_000 * (process + 1) + count:
            wrong.append((number, cost))
    return wrong
