"""`llm`: its log database, of both kinds of release."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from convo import ConversationStore
from convo.importing.registry import source_called
from convo.importing.source import Places
from tests.core.importing.hostile import STRANGE, damaged, everything, imported

NEW = """
CREATE TABLE threads (id TEXT PRIMARY KEY, name TEXT, tip_message_hash TEXT, forked_from TEXT,
    datetime_utc TEXT);
CREATE TABLE messages (hash TEXT PRIMARY KEY, parent_hash TEXT, role TEXT, provider_metadata TEXT);
CREATE TABLE parts (id INTEGER PRIMARY KEY, message_hash TEXT, position INTEGER, type TEXT,
    tool_name TEXT, text TEXT, payload TEXT);
CREATE TABLE turns (id TEXT PRIMARY KEY, thread_id TEXT, parent_message_hash TEXT,
    tip_message_hash TEXT, model TEXT, resolved_model TEXT, input_tokens INTEGER,
    output_tokens INTEGER, token_details TEXT, duration_ms INTEGER, datetime_utc TEXT);
CREATE TABLE attachments (id TEXT PRIMARY KEY, type TEXT, path TEXT, url TEXT, content BLOB);
CREATE TABLE part_attachments (part_id INTEGER, attachment_id TEXT, "order" INTEGER);
CREATE TABLE fragments (id INTEGER PRIMARY KEY, hash TEXT, content TEXT);
"""
OLD = """
CREATE TABLE conversations (id TEXT PRIMARY KEY, name TEXT, model TEXT);
CREATE TABLE responses (id TEXT PRIMARY KEY, model TEXT, prompt TEXT, system TEXT, response TEXT,
    conversation_id TEXT, duration_ms INTEGER, datetime_utc TEXT, input_tokens INTEGER,
    output_tokens INTEGER, token_details TEXT);
CREATE TABLE tool_calls (id INTEGER PRIMARY KEY, response_id TEXT, name TEXT, arguments TEXT,
    tool_call_id TEXT);
CREATE TABLE tool_results (id INTEGER PRIMARY KEY, response_id TEXT, name TEXT, output TEXT,
    tool_call_id TEXT);
"""
CALL = {"name": "time", "arguments": {"zone": "UTC"}, "tool_call_id": "c1"}
RESULT = {"name": "time", "output": "noon", "tool_call_id": "c1"}
DETAILS = json.dumps({"prompt_tokens_details": {"cached_tokens": 4}})
TIME = "2026-05-01T10:00:00+00:00"

Row = tuple[Any, ...]


def log(path: Path, schema: str, rows: dict[str, list[Row]]) -> Path:
    with closing(sqlite3.connect(path)) as file:
        file.executescript(schema)
        for table, added in rows.items():
            for row in added:
                file.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
        file.commit()
    return path


def threads() -> dict[str, list[Row]]:
    """Two threads that share their first turn, of which the other asks something else then."""
    return {
        "threads": [("t1", "Noon", "m6", None, TIME), ("t2", None, "m8", "t1", TIME)],
        "messages": [
            ("m0", None, "system", None),
            ("m1", "m0", "user", None),
            ("m2", "m1", "assistant", None),
            ("m3", "m2", "tool", None),
            ("m4", "m3", "assistant", None),
            ("m5", "m4", "user", None),
            ("m6", "m5", "assistant", None),
            ("m7", "m4", "user", None),
            ("m8", "m7", "assistant", None),
        ],
        "parts": [
            (1, "m0", 0, "text", None, "Be brief.", None),
            (2, "m1", 0, "text", None, None, json.dumps({"text_ref": [{"fragment": 1}]})),
            (3, "m1", 1, "attachment", None, None, "{}"),
            (4, "m2", 0, "reasoning", None, "A tool knows.", None),
            (5, "m2", 1, "tool_call", "time", None, json.dumps(CALL)),
            (6, "m3", 0, "tool_result", "time", None, json.dumps(RESULT)),
            (7, "m4", 0, "text", None, "Noon.", None),
            (8, "m5", 0, "text", None, "And now?", None),
            (9, "m6", 0, "text", None, "Still noon.", None),
            (10, "m7", 0, "text", None, "Where?", None),
            (11, "m8", 0, "text", None, "Here.", None),
        ],
        "turns": [
            ("r1", "t1", "m1", "m2", "alias", "m-1", 10, 5, DETAILS, 1500, TIME),
            ("r2", "t1", "m3", "m4", "m", None, 12, 3, None, 500, TIME),
            ("r3", "t1", "m5", "m6", "m", None, 20, 3, None, 500, TIME),
            ("r4", "t2", "m7", "m8", "m", None, 21, 2, None, 500, TIME),
        ],
        "attachments": [("a", "image/png", None, None, b"\x89PNG")],
        "part_attachments": [(3, "a", 0)],
        "fragments": [(1, "h", "What is the time?")],
    }


def responses() -> dict[str, list[Row]]:
    """A conversation of two turns, the first with a tool."""
    return {
        "conversations": [("t1", "Noon", "m")],
        "responses": [
            ("r1", "m", "What is the time?", "Be brief.", "", "t1", 10, TIME, 10, 5, DETAILS),
            ("r2", "m", "", None, "Noon.", "t1", 10, TIME, 12, 3, None),
            ("r3", "m", "And now?", None, "Still noon.", "t1", 10, TIME, 20, 3, None),
        ],
        "tool_calls": [(1, "r1", "time", '{"zone": "UTC"}', "c1")],
        "tool_results": [(1, "r2", "time", "noon", "c1")],
    }


async def said(database: Path, session: str, branch: str) -> list[list[str]]:
    async with ConversationStore(database) as store:
        turns = await store.transcript(session, branch)
        return [[item.kind for item in turn.items] for turn in turns]


async def test_threads_are_branches_of_one_session(tmp_path: Path) -> None:
    path, database = log(tmp_path / "logs.db", NEW, threads()), tmp_path / "c.db"
    totals, report = await imported(database, "llm", path)
    assert (totals.new, totals.turns, report.skipped) == (1, 3, [])
    with_tool = ["user", "reasoning", "tool_call", "tool_output", "assistant"]
    async with ConversationStore(database) as store:
        (session,) = await store.sessions()
        branches = await store.branches(session.session_id)
        turns = await store.turns(session.session_id, "main")
        usage = await store.usage(session.session_id)
        models = await store.models_asked(session.session_id)
    assert session.session_id == "noon"
    assert [branch.branch_id for branch in branches] == ["main", "turn-2"]
    assert [turn.text for turn in turns] == ["What is the time?", "And now?"]
    assert (await said(database, "noon", "main"))[-2:] == [with_tool, ["user", "assistant"]]
    assert sum(row.tokens.input_tokens for row in usage) == 10 + 12 + 20 + 21
    assert sum(row.tokens.cached_tokens for row in usage) == 4
    assert {model for model, _ in models} == {"m-1", "m"}


async def test_the_same_question_may_have_two_answers(tmp_path: Path) -> None:
    rows = threads()
    rows["messages"][7:] = [("m8", "m5", "assistant", None)]
    path, database = log(tmp_path / "logs.db", NEW, rows), tmp_path / "c.db"
    totals, _ = await imported(database, "llm", path)
    assert totals.turns == 3
    async with ConversationStore(database) as store:
        other = await store.turns("noon", "turn-2")
    assert [turn.text for turn in other] == ["What is the time?", "And now?"]


async def test_responses_of_older_releases_are_taken_too(tmp_path: Path) -> None:
    path, database = log(tmp_path / "logs.db", OLD, responses()), tmp_path / "c.db"
    totals, report = await imported(database, "llm", path)
    assert (totals.new, totals.turns, report.skipped) == (1, 2, [])
    with_tool = ["user", "tool_call", "tool_output", "assistant"]
    assert (await said(database, "noon", "main"))[-2:] == [with_tool, ["user", "assistant"]]


async def test_a_conversation_that_a_newer_release_goes_on_with_grows(tmp_path: Path) -> None:
    path, database = log(tmp_path / "logs.db", OLD, responses()), tmp_path / "c.db"
    await imported(database, "llm", path)
    rows = threads()
    rows["threads"][1:] = []
    rows["threads"][0] = ("t1", "Noon", "m10", None, TIME)
    rows["messages"] += [("m9", "m6", "user", None), ("m10", "m9", "assistant", None)]
    rows["parts"] += [(12, "m9", 0, "text", None, "And then?", None)]
    rows["parts"] += [(13, "m10", 0, "text", None, "Then, too.", None)]
    log(path, NEW, rows)
    totals, _ = await imported(database, "llm", path)
    assert (totals.new, totals.grown) == (0, 1)
    async with ConversationStore(database) as store:
        assert [branch.branch_id for branch in await store.branches("noon")] == ["main"]
        turns = await store.turns("noon", "main")
    assert [turn.text for turn in turns] == ["What is the time?", "And now?", "And then?"]


async def test_nothing_is_taken_twice(tmp_path: Path) -> None:
    path, database = log(tmp_path / "logs.db", NEW, threads()), tmp_path / "c.db"
    await imported(database, "llm", path)
    before = everything(database)
    totals, _ = await imported(database, "llm", path)
    assert (totals.same, everything(database)) == (1, before)


def test_it_is_found_where_llm_keeps_it(tmp_path: Path) -> None:
    source = source_called("llm")
    folder = tmp_path / ".config" / "io.datasette.llm"
    assert list(source.find(Places(tmp_path, {}, "linux"))) == []
    folder.mkdir(parents=True)
    (folder / "logs.db").touch()
    assert list(source.find(Places(tmp_path, {}, "linux"))) == [folder / "logs.db"]
    named = Places(tmp_path / "x", {"LLM_USER_PATH": str(folder)}, "linux")
    assert list(source.find(named)) == [folder / "logs.db"]


async def test_another_database_is_reported(tmp_path: Path) -> None:
    path = log(tmp_path / "logs.db", "CREATE TABLE songs (name TEXT);", {})
    totals, report = await imported(tmp_path / "c.db", "llm", path)
    assert totals.met == 0
    assert [one.why for one in report.skipped] == ["it is not a log of llm"]


async def test_threads_and_messages_in_a_circle_end(tmp_path: Path) -> None:
    rows = threads()
    rows["threads"][0] = ("t1", "Noon", "m6", "t2", TIME)
    rows["messages"][0] = ("m0", "m6", "system", None)
    path = log(tmp_path / "logs.db", NEW, rows)
    totals, _ = await imported(tmp_path / "c.db", "llm", path)
    assert totals.new == 1


FEW = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@FEW
@given(data=st.data())
async def test_a_strange_value_costs_no_more_than_its_session(
    tmp_path: Path, data: st.DataObject
) -> None:
    rows = threads()
    table = data.draw(st.sampled_from(sorted(rows)))
    at = data.draw(st.integers(0, len(rows[table]) - 1))
    column = data.draw(st.integers(1 if table in ("parts", "fragments") else 0, 3 - 1))
    strange = data.draw(st.sampled_from([v for v in STRANGE if isinstance(v, str | int | None)]))
    row = list(rows[table][at])
    if column >= len(row) or (isinstance(strange, int) and abs(strange) > 2**62):
        return
    row[column] = strange.encode("utf-8", "replace") if strange == "\ud800" else strange
    rows[table][at] = tuple(row)
    rows["threads"].append(("t9", "Other", "x2", None, TIME))
    rows["messages"] += [("x1", None, "user", None), ("x2", "x1", "assistant", None)]
    rows["parts"].append((99, "x1", 0, "text", None, "Hello", None))
    path, database = tmp_path / "logs.db", tmp_path / "c.db"
    for file in tmp_path.iterdir():
        file.unlink()
    totals, _ = await imported(database, "llm", log(path, NEW, rows))
    assert totals.new >= 1


@FEW
@given(data=st.data())
async def test_a_damaged_file_raises_nothing(tmp_path: Path, data: st.DataObject) -> None:
    for file in tmp_path.iterdir():
        file.unlink()
    path = log(tmp_path / "logs.db", NEW + OLD, {**threads(), **responses()})
    path.write_bytes(data.draw(damaged(path.read_bytes())))
    await imported(tmp_path / "c.db", "llm", path)
