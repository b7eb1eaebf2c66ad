"""Sixteen processes on one file at once."""

import json
import subprocess
import sys
from pathlib import Path

from convo import AdvancedSQLiteSession, ConversationStore
from tests.core.addresses import rows
from tests.core.talk import turn
from tests.integration.soundness import assert_sound

ROOT = Path(__file__).parents[2]
PROCESSES, TURNS = 16, 12


def write_all_at_once(path: Path) -> list[str]:
    """Let them all begin at one moment; return what they printed, line by line."""
    writers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.integration.crowd", str(number), str(TURNS), path],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    said = [writer.communicate(timeout=240) for writer in writers]
    assert [errors for _, errors in said] == [""] * PROCESSES
    assert [writer.returncode for writer in writers] == [0] * PROCESSES
    return [line for out, _ in said for line in out.splitlines()]


async def test_sixteen_processes_write_at_once(path: Path) -> None:
    async with AdvancedSQLiteSession(
        session_id="shared", db_path=path, create_tables=True
    ) as session:
        await session.add_items(turn("before"))
    taken = write_all_at_once(path)

    async with ConversationStore(path) as store:
        counts = {row.branch_id: row.user_turns for row in await store.branches("shared")}
        left = [item["content"] for item in await store.history("pile", "main")]
    await assert_sound(path)
    total = PROCESSES * TURNS
    assert counts == {
        "main": total + 1,
        **{f"branch {number}": TURNS + 1 for number in range(PROCESSES)},
    }
    assert foreign_items(path) == []
    assert foreign_usage(path) == []
    assert rows(path, "SELECT count(*), sum(requests) FROM turn_usage") == [(total, total)]
    # Each was taken by one of them, or is there still: none twice, and none not at all.
    assert sorted(taken + left) == sorted(
        f"{process}.{count}.{letter}"
        for process in range(PROCESSES)
        for count in range(TURNS)
        for letter in "abc"
    )


def foreign_items(path: Path) -> list[tuple[int, set[str]]]:
    """The turns of `main` in which somebody else has a say."""
    said: dict[int, set[str]] = {}
    for number, data in rows(
        path,
        "SELECT user_turn_number, message_data FROM message_structure AS s"
        " JOIN agent_messages AS m ON m.id = s.message_id"
        " WHERE s.session_id = 'shared' AND branch_id = 'main' AND user_turn_number > 1",
    ):
        said.setdefault(number, set()).add(json.loads(data)["content"])
    return [(number, names) for number, names in said.items() if len(names) > 1]


def foreign_usage(path: Path) -> list[tuple[int, int]]:
    """The turns of `main` whose usage is that of another turn's run."""
    wrong = []
    for number, cost, data in rows(
        path,
        "SELECT u.user_turn_number, u.total_tokens, m.message_data FROM turn_usage AS u"
        " JOIN message_structure AS s ON s.session_id = u.session_id AND s.branch_id = u.branch_id"
        " AND s.user_turn_number = u.user_turn_number AND s.message_type = 'user'"
        " JOIN agent_messages AS m ON m.id = s.message_id",
    ):
        process, count = map(int, json.loads(data)["content"].split("."))
        if cost != 10_000 * (process + 1) + count:
            wrong.append((number, cost))
    return wrong
