"""The session files of pi, of its first version (lists) and of its third (trees)."""

import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings

from convo.importing.source import Places, Report
from convo.importing.sources.pi import SOURCE
from tests.core.importing.hostile import changed, damaged, everything, imported
from tests.core.importing.reading_sources import HOSTILE, Given, sessions_in, write_lines

A, B = (f"0000000{n}-0000-4000-8000-000000000000" for n in (1, 2))
USAGE = {
    "input": 10,
    "output": 20,
    "cacheRead": 5,
    "cacheWrite": 2,
    "cost": {"total": 0.125},
}


def header(session: str, **more: Any) -> dict[str, Any]:
    time = "2026-01-02T03:04:05.000Z"
    return {"type": "session", "version": 3, "id": session, "timestamp": time, "cwd": "/w", **more}


def entry(entry_id: str, parent: str | None, kind: str, **more: Any) -> dict[str, Any]:
    time = "2026-01-02T03:04:07.000Z"
    return {"type": kind, "id": entry_id, "parentId": parent, "timestamp": time, **more}


def message(name: str, parent: str | None, role: str, content: Any, **more: Any) -> dict[str, Any]:
    if role == "assistant":
        more = {"model": "claude-opus-4-8", "usage": USAGE, "stopReason": "stop", **more}
    return entry(name, parent, "message", message={"role": role, "content": content, **more})


def text(said: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": said}]


TALK = [
    header(A),
    entry("m1", None, "model_change", provider="anthropic", modelId="claude-opus-4-8"),
    message("q1", "m1", "user", "What is here?"),
    message("a1", "q1", "assistant", [
        {"type": "thinking", "thinking": "Look."},
        {"type": "toolCall", "id": "c1", "name": "bash", "arguments": {"command": "ls"}},
    ]),
    message("r1", "a1", "toolResult", text("a.txt"), toolCallId="c1", toolName="bash"),
    message("b1", "r1", "assistant", text("One file.")),
    message("q2", "b1", "user", text("And then?")),
]  # fmt: skip


def write(folder: Path, session: str, lines: list[Any], day: int = 1) -> Path:
    name = f"2026-01-0{day}T03-04-05-000Z_{session}.jsonl"
    return write_lines(folder / "--w--" / name, lines)


def read(folder: Path, *lines: Any) -> Given:
    [found] = sessions_in(SOURCE, write(folder, A, [*TALK, *lines]))
    return found


def test_a_turn_with_its_tools_reasoning_usage_and_cost(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert (found.session.id, found.session.project, found.session.main) == (A, "/w", "q2")
    assert found.parents == {"q1": None, "q2": "q1"}
    turn = found.turns[0]
    assert [item.get("role") or item["type"] for item in turn.items] == [
        *("user", "reasoning", "function_call", "function_call_output", "assistant")
    ]
    assert turn.items[3]["output"] == "a.txt"
    run, _ = turn.runs
    assert (run.input_tokens, run.cached_tokens, run.cache_write_tokens) == (17, 5, 2)
    assert (run.model, run.output_tokens, run.recorded_cost) == ("claude-opus-4-8", 20, 0.125)


def test_a_branch_begins_with_the_summary_of_the_line_that_was_left(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        entry("s1", "b1", "branch_summary", fromId="q2", summary="Asked what comes then"),
        message("q3", "s1", "user", "And before?"),
        entry("l1", "q3", "label", targetId="q1", label="start"),
    )
    assert found.parents == {"q1": None, "q2": "q1", "q3": "q1"}
    assert found.session.main == "q3"
    assert found.turns[2].items[1] == {"role": "system", "content": "Asked what comes then"}


def test_a_request_that_two_turns_show_is_spent_once(tmp_path: Path) -> None:
    found = read(tmp_path, message("b2", "r1", "assistant", text("A file.")))
    assert {turn.id: len(turn.runs) for turn in found.turns} == {"q1": 2, "q1/b2": 1, "q2": 0}


def test_what_is_added_for_the_model_is_kept_beside_the_question(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        entry("x1", "q2", "custom_message", content="From an extension", display=True),
        entry("x2", "x1", "custom", customType="state", data={}),
        message("x3", "x2", "bashExecution", None, command="ls", output="a.txt", exitCode=0),
        message("x4", "x3", "bashExecution", None, command="id", excludeFromContext=True),
        entry("x5", "x4", "compaction", summary="So far", usage=USAGE),
        message("x6", "x5", "assistant", [], errorMessage="Request was aborted"),
    )
    assert [item["content"] for item in found.turns[1].items] == [
        *("And then?", "From an extension", "!ls\na.txt", "So far", "Request was aborted")
    ]
    assert len(found.turns[1].runs) == 2


def test_images_are_named_and_the_name_of_the_session_is_kept(tmp_path: Path) -> None:
    image = {"type": "image", "data": "A" * 4000, "mimeType": "image/png"}
    found = read(
        tmp_path,
        message("q3", "q2", "user", [*text("See"), image]),
        entry("n1", "q3", "session_info", name="Looking around"),
    )
    assert found.session.name == "Looking around"
    named = [part["text"] for part in found.asked[2]]
    assert named == ["See", "[image image/png (3,000 bytes)]"]


def test_a_fork_in_another_file_is_a_branch_of_the_session(tmp_path: Path) -> None:
    first = write(tmp_path, A, TALK)
    origin = str(first)
    fork = [header(B, parentSession=origin), *TALK[1:6], message("q3", "b1", "user", "Other")]
    write(tmp_path, B, fork, day=2)
    [found] = sessions_in(SOURCE, tmp_path)
    assert found.session.id == A
    assert found.parents == {"q1": None, "q2": "q1", "q3": "q1"}
    assert found.session.main == "q2"
    # One that was only started from another holds no copy.
    new = [header(B, parentSession=origin), message("q9", None, "user", "Anew")]
    write(tmp_path, B, new, day=2)
    first_, second = sessions_in(SOURCE, tmp_path)
    assert (first_.session.parent, second.session.parent) == (None, A)


def test_the_first_version_wrote_lists(tmp_path: Path) -> None:
    lines = [{key: one[key] for key in one if key not in ("id", "parentId")} for one in TALK[1:]]
    found = sessions_in(SOURCE, write(tmp_path, A, [header(A, version=None), *lines]))[0]
    assert found.asked == ["What is here?", "And then?"]
    assert list(found.parents.values()) == [None, found.turns[0].id]


def test_other_files_are_left_out(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "other.jsonl", [{"type": "user", "id": A}])
    report = Report()
    assert sessions_in(SOURCE, tmp_path, report) == []
    assert report.count == 0
    assert sessions_in(SOURCE, path, report) == []
    assert [one.why for one in report.skipped] == ["it is not a session of pi"]


def test_sessions_are_found_where_variables_say(tmp_path: Path) -> None:
    for folder in (".pi/agent/sessions", "mine/sessions", "else"):
        (tmp_path / folder).mkdir(parents=True)
    for environ, found in (
        ({}, ".pi/agent/sessions"),
        ({"PI_CODING_AGENT_DIR": str(tmp_path / "mine")}, "mine/sessions"),
        ({"PI_CODING_AGENT_SESSION_DIR": str(tmp_path / "else")}, "else"),
    ):
        assert list(SOURCE.find(Places(tmp_path, environ, "linux"))) == [tmp_path / found]


def test_circles_end(tmp_path: Path) -> None:
    write(tmp_path, A, [header(A, parentSession=f"/x_{B}.jsonl"), *TALK[1:]])
    write(tmp_path, B, [header(B, parentSession=f"/x_{A}.jsonl"), *TALK[1:]], day=2)
    report = Report()
    assert sessions_in(SOURCE, tmp_path, report)[0].asked == ["What is here?", "And then?"]
    circle = [message("q", "a", "user", "1"), message("a", "q", "assistant", text("2"))]
    assert not sessions_in(SOURCE, write(tmp_path / "c", A, [header(A), *circle]), report)[0].turns
    assert report.count == 1


async def test_importing_twice_changes_nothing_and_growth_follows(tmp_path: Path) -> None:
    path, database = write(tmp_path, A, TALK), tmp_path / "c.db"
    totals, _ = await imported(database, SOURCE.name, path)
    assert (totals.new, totals.turns) == (1, 2)
    before = everything(database)
    totals, _ = await imported(database, SOURCE.name, path)
    assert totals.same == 1
    assert everything(database) == before
    write(tmp_path, A, [*TALK, message("a2", "q2", "assistant", text("Nothing."))])
    totals, _ = await imported(database, SOURCE.name, path)
    assert (totals.grown, totals.turns) == (1, 1)


@settings(HOSTILE, max_examples=60)
@given(lines=changed(TALK))
def test_no_change_raises_or_costs_another_session(tmp_path: Path, lines: Any) -> None:
    write(tmp_path, A, lines if isinstance(lines, list) else [lines])
    write(tmp_path, B, [header(B), message("o", None, "user", "Still here")], day=2)
    assert ["Still here"] in [one.asked for one in sessions_in(SOURCE, tmp_path)]


@settings(HOSTILE, max_examples=15)
@given(data=damaged("".join(f"{json.dumps(one)}\n" for one in TALK).encode()))
async def test_damaged_files_are_stored_as_far_as_they_go(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "s.jsonl").write_bytes(data)
    (tmp_path / "c.db").unlink(missing_ok=True)
    await imported(tmp_path / "c.db", SOURCE.name, tmp_path / "s.jsonl")
