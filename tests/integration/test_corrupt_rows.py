"""Rows that hold what they should not: what can be read is read, and nothing is lost by it."""

import logging
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from agents.extensions.memory import AdvancedSQLiteSession as TheirSession
from agents.memory import SQLiteSession

from convo import AdvancedSQLiteSession, ConversationStore
from convo.errors import ConvoError, DamagedDatabaseError
from tests.core.addresses import execute, rows
from tests.core.talk import call, result, run, texts, turn, user
from tests.integration import damage
from tests.integration.soundness import assert_sound, broken_rules

Uses = dict[str, Callable[[AdvancedSQLiteSession, ConversationStore], Awaitable[Any]]]

READS: Uses = {
    "items": lambda session, _: session.get_items(),
    "newest items": lambda session, _: session.get_items(2),
    "items of a branch": lambda session, _: session.get_items(branch_id="fork"),
    "turns": lambda session, _: session.get_conversation_turns(),
    "by turns": lambda session, _: session.get_conversation_by_turns(),
    "tools": lambda session, _: session.get_tool_usage(),
    "find": lambda session, _: session.find_turns_by_content("c"),
    "list": lambda session, _: session.list_branches(),
    "usage": lambda session, _: session.get_session_usage(),
    "usage by turn": lambda session, _: session.get_turn_usage(),
    "usage of a turn": lambda session, _: session.get_turn_usage(2),
    "head": lambda _, store: store.head(),
    "sessions": lambda _, store: store.sessions(),
    "branches": lambda _, store: store.branches("talk"),
    "summaries": lambda _, store: store.turns("talk", "main"),
    "bill": lambda _, store: store.usage("talk"),
    "bill by turn": lambda _, store: store.usage("talk", by="turn"),
    "bill by branch": lambda _, store: store.usage("talk", by="branch"),
    "history": lambda _, store: store.history("talk", "fork"),
    "model": lambda _, store: store.session_model("talk"),
    "no such branch": lambda _, store: store.require_branch("talk", "none"),
    "transcript": lambda _, store: store.transcript("talk", "fork"),
    "tree": lambda _, store: store.tree("talk"),
    "comparison": lambda _, store: store.compare("talk", "main", "fork"),
    "search": lambda _, store: store.search("tool"),
    "removed": lambda _, store: store.removed("talk"),
    "failed": lambda _, store: store.failed_turn("talk", "fork"),
    "check": lambda _, store: store.check(),
}
WRITES: Uses = {
    "append": lambda session, _: session.add_items(turn("new")),
    "usage": lambda session, _: session.store_usage(None, run(9)),  # type: ignore[arg-type]
    "branch": lambda session, _: session.create_branch_from_turn(1, include_turn=True),
    "branch by content": lambda session, _: session.create_branch_from_content("c"),
    "record": lambda _, store: store.record_turn("talk", "main", turn("newer"), run(3)),
    "fork": lambda _, store: store.branch("talk", "main", turn=2, expected=None),
    "restore": lambda _, store: store.restore("talk"),
    "undo": lambda _, store: store.undo("talk", "main"),
    "rename branch": lambda _, store: store.rename_branch("talk", "fork", "spoon"),
    "repair": lambda _, store: store.repair(),
    "rename": lambda _, store: store.rename_session("talk", "renamed"),
}
REMOVALS: Uses = {
    "pop": lambda session, _: session.pop_item(),
    "delete": lambda session, _: session.delete_branch("fork", force=True),
    "clear": lambda session, _: session.clear_session(),
    "delete session": lambda _, store: store.delete_session("talk"),
}
TABLES = (
    "agent_sessions",
    "agent_messages",
    "message_structure",
    "turn_usage",
    "convo_runs",
    "others",
)


@pytest.fixture
async def sound(path: Path) -> Path:
    await damage.make(path)
    return path


async def survived(uses: Uses, session: AdvancedSQLiteSession, store: ConversationStore) -> None:
    """Each use works or raises an error that is documented, and no other."""
    for name, use in uses.items():
        try:
            await use(session, store)
        except ConvoError:
            continue
        except Exception as error:
            error.add_note(f"while: {name}")
            raise


def columns(path: Path, table: str) -> list[tuple[str, str]]:
    there = damage.tables(path)
    chosen = set(there) - set(TABLES) if table == "others" else {table}
    return [(name, column) for name in sorted(chosen) for column in there[name]]


@pytest.mark.parametrize("value", damage.VALUES)
@pytest.mark.parametrize("table", TABLES)
async def test_damage_of_every_kind_is_survived(
    sound: Path, table: str, value: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    others = await history(sound, "other")
    for name, column in columns(sound, table):
        damaged = sound.with_name("damaged.db")
        shutil.copy(sound, damaged)
        if not damage.damage(damaged, name, column, damage.VALUES[value]):
            continue
        messages = rows(damaged, "SELECT id FROM agent_messages")
        try:
            await use_in_every_way(damaged, messages, others)
        except BaseException as error:
            error.add_note(f"with {value} in {name}.{column}")
            raise


async def use_in_every_way(path: Path, messages: list[Any], others: dict[str, Any]) -> None:
    async with (
        ConversationStore(path) as store,
        AdvancedSQLiteSession(session_id="talk", db_path=path) as session,
    ):
        await survived(READS, session, store)
        await survived(WRITES, session, store)
        # Whatever was told or repaired: no message has gone.
        assert set(messages) <= set(rows(path, "SELECT id FROM agent_messages"))
        await survived(REMOVALS, session, store)
    assert await history(path, "other") == others


async def history(path: Path, session_id: str) -> dict[str, Any]:
    async with ConversationStore(path) as store:
        return {
            branch_id: await store.history(session_id, branch_id) for branch_id in ("main", "fork")
        }


@pytest.mark.parametrize("value", damage.MESSAGES)
async def test_a_message_that_cannot_be_read_takes_no_other_with_it(
    sound: Path, value: str, caplog: pytest.LogCaptureFixture
) -> None:
    expected = [item for q in "abc" for item in [*turn(q), call(f"tool-{q}")]]
    assert damage.damage(sound, "agent_messages", "message_data", damage.MESSAGES[value])
    async with (
        ConversationStore(sound) as store,
        AdvancedSQLiteSession(session_id="talk", db_path=sound) as session,
    ):
        await survived(READS, session, store)
        found = await session.get_items()
        assert [item for item in found if item in expected] == expected[:3] + expected[4:]
        assert await session.get_items(5) == expected[4:]
        # It is the question of turn 2: the turn stays, and can be branched from.
        assert await session.create_branch_from_turn(3, "third") == "third"
        assert [item for item in await session.get_items() if item in expected] == [
            *expected[:3],
            *expected[4:6],
        ]
        assert await session.pop_item() == expected[5]
        assert await session.pop_item() == expected[4]
        await session.switch_to_branch("main")
        assert [item for item in await session.get_items() if item in expected] == [
            *expected[:3],
            *expected[4:],
        ]
    unreadable = len(found) < len(expected)
    assert ("cannot be read and is left out" in caplog.text) == unreadable


@pytest.mark.parametrize("value", damage.MESSAGES)
async def test_a_plain_message_that_cannot_be_read_is_adopted_like_any(
    sound: Path, value: str
) -> None:
    for data in (damage.MESSAGES[value], """'{"role": "user", "content": "next"}'"""):
        execute(
            sound,
            f"INSERT INTO agent_messages (session_id, message_data) VALUES ('talk', {data})",
        )
    async with (
        ConversationStore(sound) as store,
        AdvancedSQLiteSession(session_id="talk", db_path=sound) as session,
    ):
        assert await session.get_items(1) == [user("next")]
        await survived(READS, session, store)
        assert (await session.get_conversation_turns())[-1]["content"] == "next"
        assert await session.pop_item() == user("next")
        assert "message not adopted" not in {problem.kind for problem in await store.check()}


@pytest.mark.parametrize("value", ["a word", "bytes", "no UTF-8", "huge", "a fraction", "negative"])
@pytest.mark.parametrize("column", ["sequence_number", "user_turn_number", "branch_turn_number"])
async def test_a_wrong_number_hides_no_message(sound: Path, column: str, value: str) -> None:
    """Its place is lost; what it says, and what is said next, is not."""
    expected = [item for q in "abc" for item in [*turn(q), call(f"tool-{q}")]]
    assert damage.damage(sound, "message_structure", column, damage.VALUES[value])
    async with AdvancedSQLiteSession(session_id="talk", db_path=sound) as session:
        for limit in (None, 9, 100):
            found = await session.get_items(limit)
            assert sorted(map(repr, found)) == sorted(map(repr, expected))
        await session.add_items([user("next")])
        said = await session.get_items()
        assert sorted(map(repr, said)) == sorted(map(repr, [*expected, user("next")]))


async def test_what_is_repaired_is_sound(sound: Path) -> None:
    for column, value in (("sequence_number", "'abc'"), ("user_turn_number", "NULL")):
        damage.damage(sound, "message_structure", column, value)
    async with ConversationStore(sound) as store:
        assert await store.repair() == []
        assert await store.check() == []
    assert rows(sound, "SELECT count(*) FROM agent_messages") == [(22,)]


async def test_usage_of_a_turn_that_is_gone_is_not_in_the_way(path: Path) -> None:
    """Plain rows move the turns after them on, to a number that such usage may have."""
    plain = SQLiteSession("talk", path)
    await plain.add_items([user("plain")])
    plain.close()
    theirs = TheirSession(session_id="talk", db_path=path, create_tables=True)
    await theirs.add_items(turn("a"))
    await theirs.store_run_usage(result(15))
    theirs.close()
    execute(
        path,
        "INSERT INTO turn_usage (session_id, user_turn_number, total_tokens) VALUES ('talk', 2, 9)",
    )
    async with AdvancedSQLiteSession(session_id="talk", db_path=path) as session:
        assert texts(await session.get_items()) == ["plain", "a", "About a"]
        assert (await session.get_turn_usage(2))["total_tokens"] == 15
    async with ConversationStore(path) as store:
        assert (await store.usage("talk"))[0].tokens.total_tokens == 24
    await assert_sound(path)


async def test_usage_of_turns_that_become_one_is_added_up(path: Path) -> None:
    async with ConversationStore(path, create=True) as store:
        await store.start_session("talk")
        for question, cost in (("a", 15), ("b", 30), ("c", 60)):
            await store.record_turn("talk", "main", turn(question), run(cost))
        execute(path, "UPDATE message_structure SET message_type = 'other' WHERE id = 3")
        assert await store.repair() == []
        async with store.session("talk") as session:
            usage = [row["total_tokens"] for row in await session.get_turn_usage()]
            assert texts(await session.get_items()) == [*texts(turn("a") + turn("b") + turn("c"))]
        assert usage == [45, 60]
        assert (await store.usage("talk"))[0].tokens.total_tokens == 105
    assert broken_rules(path).keys() <= {"the type of a message is not that of its row"}


async def test_a_session_without_a_name_is_nobodys(path: Path) -> None:
    await damage.make(path)
    damage.damage(path, "agent_sessions", "session_id", "NULL")
    async with ConversationStore(path) as store:
        with pytest.raises(ConvoError, match="no session 'talk'") as caught:
            await store.session_head("talk")
        assert caught.value.hint == "there is 'other'"


async def test_numbers_that_cannot_be_added_up(path: Path) -> None:
    await damage.make(path)
    damage.damage(path, "convo_runs", "total_tokens", damage.VALUES["huge"])
    async with ConversationStore(path) as store:
        with pytest.raises(DamagedDatabaseError, match="too big to be added up"):
            await store.sessions()
        assert len(await store.history("talk", "main")) == 9
