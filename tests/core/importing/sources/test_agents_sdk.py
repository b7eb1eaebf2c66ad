"""Databases that the SDK's own classes have made."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from agents import RunResult, Usage
from agents.extensions.memory import AdvancedSQLiteSession
from agents.memory import SQLiteSession
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from convo import ConversationStore
from tests.core.importing.hostile import damaged, imported, imported_twice


def user(said: str) -> dict[str, Any]:
    return {"role": "user", "content": said}


def answer(said: str) -> dict[str, Any]:
    return {"role": "assistant", "content": said}


async def plain(path: Path, name: str, *said: str, **tables: str) -> None:
    session = SQLiteSession(name, path, **tables)
    for one in said:
        await session.add_items([user(one), answer(one.upper())])  # type: ignore[list-item]
    session.close()


async def advanced(path: Path) -> AdvancedSQLiteSession:
    session = AdvancedSQLiteSession(session_id="talk", db_path=path, create_tables=True)
    for one in ("a", "b", "c"):
        await session.add_items([user(one), answer(one.upper())])  # type: ignore[list-item]
    return session


async def asked(store: ConversationStore, session: str, branch: str = "main") -> list[str]:
    return [turn.text for turn in await store.turns(session, branch)]


async def test_plain_sessions_of_two_databases_get_names_of_their_own(tmp_path: Path) -> None:
    for name in ("one", "two"):
        await plain(tmp_path / f"{name}.db", "user", f"hello {name}", "and then")
    for _ in range(2):
        await imported(tmp_path / "c.db", "agents-sdk", tmp_path / "one.db", tmp_path / "two.db")
    async with ConversationStore(tmp_path / "c.db") as store:
        assert {info.session_id for info in await store.sessions()} == {"user", "user-2"}
        assert await asked(store, "user-2") == ["hello two", "and then"]
        assert await store.history("user", "main") == [
            user("hello one"),
            answer("HELLO ONE"),
            user("and then"),
            answer("AND THEN"),
        ]


async def test_branches_keep_their_names_and_turns_their_usage(tmp_path: Path) -> None:
    session = await advanced(tmp_path / "sdk.db")
    usage = Usage(requests=2, input_tokens=30, output_tokens=5, total_tokens=35)
    await session.store_run_usage(_result(usage))
    await session.create_branch_from_turn(2, "other")
    await session.add_items([user("b2"), answer("B2")])  # type: ignore[list-item]
    await session.create_branch_from_turn(2, "short")
    session.close()
    await imported(tmp_path / "c.db", "agents-sdk", tmp_path / "sdk.db")
    async with ConversationStore(tmp_path / "c.db") as store:
        found = {one.branch_id: one for one in await store.branches("talk")}
        assert set(found) == {"main", "other", "short"}
        assert found["main"].tokens.total_tokens == 35
        assert await asked(store, "talk") == ["a", "b", "c"]
        assert await asked(store, "talk", "other") == ["a", "b2"]
        assert await asked(store, "talk", "short") == ["a"]
        assert (await store.turns("talk", "main"))[2].tokens.requests == 2  # type: ignore[union-attr]
        assert (await store.compare("talk", "main", "other")).common_turn_a == 1


def _result(usage: Usage) -> RunResult:
    class Context:
        pass

    class Result:
        context_wrapper = Context()

    Result.context_wrapper.usage = usage  # type: ignore[attr-defined]
    return Result()  # type: ignore[return-value]


async def test_a_session_that_grows_there_grows_here(tmp_path: Path) -> None:
    session = await advanced(tmp_path / "sdk.db")
    await imported(tmp_path / "c.db", "agents-sdk", tmp_path / "sdk.db")
    await session.add_items([user("d")])
    await session.add_items([answer("D")])  # type: ignore[list-item]
    session.close()
    totals, _ = await imported(tmp_path / "c.db", "agents-sdk", tmp_path / "sdk.db")
    assert (totals.new, totals.grown, totals.turns) == (0, 1, 1)
    async with ConversationStore(tmp_path / "c.db") as store:
        assert await asked(store, "talk") == ["a", "b", "c", "d"]


async def test_tables_with_names_of_their_own_are_found(tmp_path: Path) -> None:
    path = tmp_path / "sdk.db"
    await plain(path, "x", "default")
    await plain(path, "x", "custom", sessions_table="people", messages_table="their_words")
    totals, report = await imported(tmp_path / "c.db", "agents-sdk", path)
    assert (totals.new, report.count) == (2, 0)
    async with ConversationStore(tmp_path / "c.db") as store:
        assert sorted(await asked(store, "x") + await asked(store, "x-2")) == ["custom", "default"]


async def test_another_database_is_named(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as file:
        file.execute("CREATE TABLE agent_messages (id INTEGER, message_data TEXT)")
    _, report = await imported(tmp_path / "c.db", "agents-sdk", tmp_path / "other.db")
    assert [one.why for one in report.skipped] == ["it has no tables of the Agents SDK"]


async def test_messages_that_are_no_json_are_left_out(tmp_path: Path) -> None:
    await plain(tmp_path / "sdk.db", "x", "one", "two")
    with closing(sqlite3.connect(tmp_path / "sdk.db")) as file, file:
        file.execute("UPDATE agent_messages SET message_data = '{' WHERE id = 2")
    _, report = await imported(tmp_path / "c.db", "agents-sdk", tmp_path / "sdk.db")
    assert [one.why for one in report.skipped] == ["message 2 of session x is not JSON"]
    async with ConversationStore(tmp_path / "c.db") as store:
        assert await asked(store, "x") == ["one", "two"]


@pytest.fixture(scope="module")
def sdk_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    import asyncio

    path = tmp_path_factory.mktemp("sdk") / "sdk.db"
    asyncio.run(plain(path, "x", "one", "two"))
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA journal_mode = DELETE")
    return path.read_bytes()


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
async def test_damaged_databases_harm_nothing(
    sdk_file: bytes, tmp_path: Path, data: st.DataObject
) -> None:
    path, database = tmp_path / "sdk.db", tmp_path / "c.db"
    path.write_bytes(data.draw(damaged(sdk_file)))
    await imported_twice(database, "agents-sdk", path)
