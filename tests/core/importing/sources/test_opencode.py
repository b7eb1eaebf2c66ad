"""The stores of opencode: a folder of JSON files, and a database with messages of two forms."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from hypothesis import given, settings

from convo.importing.source import Places, Report
from convo.importing.sources.opencode import SOURCE
from tests.core.importing.hostile import changed, damaged, everything, imported
from tests.core.importing.reading_sources import HOSTILE, sessions_in

SCHEMA = """
CREATE TABLE session (id TEXT, parent_id TEXT, directory TEXT, title TEXT, revert TEXT,
    time_created INTEGER);
CREATE TABLE message (id TEXT, session_id TEXT, time_created INTEGER, data TEXT);
CREATE TABLE part (id TEXT, message_id TEXT, session_id TEXT, data TEXT);
CREATE TABLE session_message (id TEXT, session_id TEXT, type TEXT, time_created INTEGER, data TEXT);
"""
Message = dict[str, Any]


def user(name: str, at: int, *parts: dict[str, Any]) -> Message:
    return {"info": {"id": name, "role": "user", "time": {"created": at}}, "parts": list(parts)}


def assistant(name: str, at: int, *parts: dict[str, Any], **more: Any) -> Message:
    info = {"id": name, "role": "assistant", "modelID": "claude-opus-4-7", "cost": 0.5, **more}
    return {"info": {**info, "time": {"created": at}}, "parts": list(parts)}


def text(said: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": said, **more}


def session(name: str = "ses_1", at: int = 1000, **more: Any) -> dict[str, Any]:
    return {"id": name, "directory": "/w", "title": "Looking", "time": {"created": at}, **more}


TOOL = {
    "type": "tool",
    "tool": "bash",
    "callID": "c1",
    "state": {"status": "completed", "input": {"command": "ls"}, "output": "a.txt"},
}
TOKENS = {
    "total": 60,
    "input": 10,
    "output": 20,
    "reasoning": 5,
    "cache": {"read": 15, "write": 10},
}
TALK = [
    user("msg_1", 1001, text("What is here?"), text("Read this", synthetic=True)),
    assistant(
        "msg_2",
        1002,
        {"type": "step-start"},
        {"type": "reasoning", "text": "Look."},
        TOOL,
        {"type": "step-finish", "tokens": TOKENS, "cost": 0.25},
        text("One file."),
        {"type": "step-finish", "tokens": TOKENS, "cost": 0.25},
    ),
    user("msg_3", 1003, text("And then?")),
]


def in_database(path: Path, *sessions: tuple[dict[str, Any], list[Message]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as file:
        file.executescript("PRAGMA synchronous = OFF;" + SCHEMA)
        for info, messages in sessions:
            row = [info.get(key) for key in ("id", "parentID", "directory", "title")]
            revert = json.dumps(info["revert"]) if "revert" in info else None
            values = [*row, revert, info["time"]["created"]]
            file.execute("INSERT INTO session VALUES (?, ?, ?, ?, ?, ?)", values)
            for one in messages:
                name, at = one["info"]["id"], one["info"]["time"]["created"]
                data = json.dumps(one["info"])
                file.execute(
                    "INSERT INTO message VALUES (?, ?, ?, ?)", (name, info["id"], at, data)
                )
                for number, part in enumerate(one["parts"]):
                    values = [f"{name}-{number}", name, info["id"], json.dumps(part)]
                    file.execute("INSERT INTO part VALUES (?, ?, ?, ?)", values)
        file.commit()
    return path


def in_folder(path: Path, info: dict[str, Any], messages: list[Message]) -> Path:
    def write(value: Any, *names: str) -> None:
        file = path.joinpath("storage", *names).with_suffix(".json")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(value))

    write(info, "session", "p1", info["id"])
    for one in messages:
        write(one["info"], "message", info["id"], one["info"]["id"])
        for number, part in enumerate(one["parts"]):
            write(part, "part", one["info"]["id"], f"prt_{number}")
    return path


def test_a_turn_with_its_tools_reasoning_usage_and_cost(tmp_path: Path) -> None:
    path = in_database(tmp_path / "opencode.db", (session(), TALK))
    [found] = sessions_in(SOURCE, path)
    assert (found.session.id, found.session.name) == ("ses_1", "Looking")
    assert (found.session.project, found.session.main) == ("/w", "msg_3")
    assert found.parents == {"msg_1": None, "msg_3": "msg_1"}
    turn = found.turns[0]
    assert [item.get("role") or item["type"] for item in turn.items] == [
        *("user", "system", "reasoning", "function_call", "function_call_output", "assistant")
    ]
    assert turn.items[4]["output"] == "a.txt"
    assert len(turn.runs) == 2
    run = turn.runs[0]
    assert (run.input_tokens, run.cached_tokens, run.cache_write_tokens) == (35, 15, 10)
    assert (run.output_tokens, run.reasoning_tokens, run.recorded_cost) == (25, 5, 0.25)


def test_usage_of_a_whole_answer_is_taken_where_no_step_has_any(tmp_path: Path) -> None:
    tokens = {"input": 10, "output": 20, "reasoning": 5}
    messages = [TALK[0], assistant("msg_2", 1002, text("Hello"), tokens=tokens)]
    [[run]] = [
        turn.runs
        for turn in sessions_in(SOURCE, in_database(tmp_path / "o.db", (session(), messages)))[
            0
        ].turns
    ]
    assert (run.output_tokens, run.reasoning_tokens, run.recorded_cost) == (20, 5, 0.5)


def test_the_folder_of_older_releases_is_read_unless_the_database_has_the_session(
    tmp_path: Path,
) -> None:
    in_folder(tmp_path, session(), TALK[:2])
    in_folder(tmp_path, session("ses_0", 1), [user("msg_0", 1, text("Before"))])
    assert [one.session.id for one in sessions_in(SOURCE, tmp_path)] == ["ses_0", "ses_1"]
    in_database(tmp_path / "opencode.db", (session(), TALK))
    found = sessions_in(SOURCE, tmp_path)
    assert [one.asked for one in found] == [["What is here?", "And then?"], ["Before"]]


def test_a_fork_is_a_branch_of_the_session_and_undone_turns_are_kept(tmp_path: Path) -> None:
    copies = [
        user("msg_11", 1001, *TALK[0]["parts"]),
        assistant("msg_12", 1002, *TALK[1]["parts"]),
        user("msg_13", 2003, text("Other")),
        user("msg_14", 2004, text("Undone")),
    ]
    fork = session("ses_2", 2000, title="Looking (fork #1)")
    path = in_database(tmp_path / "o.db", (session(), TALK), (fork, copies))
    [found] = sessions_in(SOURCE, path)
    assert found.parents == {"msg_1": None, "msg_3": "msg_1", "msg_13": "msg_1", "msg_14": "msg_13"}
    assert found.session.main == "msg_3"
    undone = session(revert={"messageID": "msg_3"})
    path = in_database(tmp_path / "o.db", (undone, TALK), (fork, copies))
    assert sessions_in(SOURCE, path)[0].session.main == "msg_1"


def test_sub_agents_are_sessions_of_their_own(tmp_path: Path) -> None:
    child = session("ses_2", 1002, parentID="ses_1", title="Child session - 2026")
    asked = [user("msg_5", 1001, text("Find it"))]
    path = in_database(tmp_path / "o.db", (session(), TALK), (child, asked))
    main, found = sessions_in(SOURCE, path)
    assert (found.session.parent, found.session.name) == (main.session.id, None)
    assert found.asked == ["Find it"]


def test_compaction_and_what_opencode_says_for_the_user_begin_no_turn(tmp_path: Path) -> None:
    messages = [
        *TALK[:2],
        user("msg_3", 1003, {"type": "compaction", "auto": True}),
        assistant("msg_4", 1004, text("So far"), summary=True),
        user("msg_5", 1005, text("Continue", synthetic=True)),
        assistant("msg_6", 1006, text("Going on")),
    ]
    found = sessions_in(SOURCE, in_database(tmp_path / "o.db", (session(), messages)))[0]
    assert found.asked == ["What is here?"]
    assert [item["content"] for item in found.turns[0].items[-3:-1]] == ["So far", "Continue"]


def test_files_are_named(tmp_path: Path) -> None:
    image = {"type": "file", "mime": "image/png", "filename": "cat.png", "url": "data:..."}
    messages = [user("msg_1", 1, text("See"), image)]
    found = sessions_in(SOURCE, in_database(tmp_path / "o.db", (session(), messages)))[0]
    assert [part["text"] for part in found.asked[0]] == ["See", "[image cat.png]"]


def test_messages_of_the_newer_form_are_read(tmp_path: Path) -> None:
    path = in_database(tmp_path / "opencode.db", (session(), TALK[:1]))
    done = {"status": "completed", "input": {"command": "ls"}, "content": [text("a.txt")]}
    tool = {"type": "tool", "id": "c1", "name": "bash", "state": done}
    failed = {**tool, "id": "c2", "state": {"status": "error", "error": {"message": "No"}}}
    model = {"id": "claude-opus-4-8", "providerID": "anthropic"}
    rows = [
        ("msg_1", "user", 1001, {"text": "What is here?"}),
        ("msg_2", "assistant", 1002, {"model": model, "content": [text("I look."), tool, failed],
                                      "tokens": TOKENS, "cost": 0.125}),
        ("msg_3", "shell", 1003, {"command": "id", "output": "root"}),
        ("msg_4", "model-switched", 1004, {}),
    ]  # fmt: skip
    with closing(sqlite3.connect(path)) as file:
        for name, kind, at, data in rows:
            given_ = json.dumps({**data, "time": {"created": at}})
            values = (name, "ses_1", kind, at, given_)
            file.execute("INSERT INTO session_message VALUES (?, ?, ?, ?, ?)", values)
        file.commit()
    [turn] = sessions_in(SOURCE, path)[0].turns
    assert [item.get("role") or item["type"] for item in turn.items] == [
        *("user", "assistant", "function_call", "function_call_output"),
        *("function_call", "function_call_output", "system"),
    ]
    assert [item["output"] for item in turn.items if "output" in item] == ["a.txt", "No"]
    assert (turn.model, turn.runs[0].recorded_cost) == ("claude-opus-4-8", 0.125)


def test_names_in_files_lead_nowhere_else(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "m.json").write_text(json.dumps(user("msg_1", 1, text("secret"))["info"]))
    for name in ("../../secret", "..", str(secret)):
        storage = tmp_path / "data" / "storage" / "session" / "p"
        storage.mkdir(parents=True, exist_ok=True)
        (storage / "s.json").write_text(json.dumps(session(name)))
        (tmp_path / "data" / "storage" / "message").mkdir(exist_ok=True)
        assert sessions_in(SOURCE, tmp_path / "data")[0].turns == []


def test_the_stores_are_found(tmp_path: Path) -> None:
    folder = tmp_path / ".local/share/opencode"
    assert list(SOURCE.find(Places(tmp_path, {}, "linux"))) == []
    path = in_database(folder / "opencode-dev.db", (session(), TALK))
    assert list(SOURCE.find(Places(tmp_path, {}, "linux"))) == [folder]
    named = Places(tmp_path, {"OPENCODE_DB": str(path)}, "linux")
    assert list(SOURCE.find(named)) == [path]
    report = Report()
    with closing(sqlite3.connect(tmp_path / "other.db")) as file:
        file.execute("CREATE TABLE t (x)")
    assert sessions_in(SOURCE, tmp_path / "other.db", report) == []
    (tmp_path / "no.db").write_text("no database")
    assert sessions_in(SOURCE, tmp_path / "no.db", report) == []
    assert report.count == 2


async def test_importing_twice_changes_nothing_and_growth_follows(tmp_path: Path) -> None:
    path, target = in_database(tmp_path / "opencode.db", (session(), TALK)), tmp_path / "c.db"
    totals, _ = await imported(target, SOURCE.name, path)
    assert (totals.new, totals.turns) == (1, 2)
    before = everything(target)
    totals, _ = await imported(target, SOURCE.name, path)
    assert totals.same == 1
    assert everything(target) == before
    in_database(path, (session(), [*TALK, assistant("msg_4", 1004, text("Nothing."))]))
    totals, _ = await imported(target, SOURCE.name, path)
    assert (totals.grown, totals.turns) == (1, 1)


@settings(HOSTILE, max_examples=40)
@given(value=changed(TALK))
def test_no_change_raises_or_costs_another_session(tmp_path: Path, value: Any) -> None:
    other = session("ses_9", 9, directory="/other"), [user("msg_9", 9, text("Still here"))]
    path = in_database(tmp_path / "o.db", (session(), TALK), other)
    with closing(sqlite3.connect(path)) as file:
        for one in value if isinstance(value, list) else [value]:
            info = one.get("info") if isinstance(one, dict) else one
            parts = one.get("parts") if isinstance(one, dict) else None
            data = json.dumps(info)
            file.execute("INSERT INTO message VALUES ('msg_5', 'ses_1', 1004, ?)", (data,))
            for part in parts if isinstance(parts, list) else []:
                file.execute("INSERT INTO part VALUES ('p', 'msg_5', '', ?)", (json.dumps(part),))
        file.commit()
    assert ["Still here"] in [one.asked for one in sessions_in(SOURCE, path)]


@settings(HOSTILE, max_examples=15)
@given(data=damaged(b"".join(bytes([n % 251]) for n in range(20_000))))
async def test_damaged_files_are_stored_as_far_as_they_go(tmp_path: Path, data: bytes) -> None:
    path = in_database(tmp_path / "o.db", (session(), TALK))
    whole = bytearray(path.read_bytes())
    whole[4096 : 4096 + len(data)] = data[: len(whole) - 4096]
    path.write_bytes(whole)
    (tmp_path / "c.db").unlink(missing_ok=True)
    await imported(tmp_path / "c.db", SOURCE.name, path)
