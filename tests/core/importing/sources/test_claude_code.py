"""Session files of Claude Code, in the form of its versions 1.0 to 2.1."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import given, settings

from convo.importing.records import ImportedRun
from convo.importing.source import Places, Report
from convo.importing.sources.claude_code import SOURCE
from tests.core.importing.hostile import changed, damaged, everything, imported
from tests.core.importing.reading_sources import HOSTILE, sessions_in, write_lines

SESSION = "aaaaaaaa-0000-4000-8000-000000000000"
USAGE = {
    "input_tokens": 3,
    "cache_creation_input_tokens": 100,
    "cache_read_input_tokens": 1000,
    "output_tokens": 20,
}


def line(uuid: str, parent: str | None, kind: str, content: Any, **more: Any) -> dict[str, Any]:
    message = {"role": kind, "content": content}
    if kind == "assistant":
        message |= {"id": f"msg_{uuid[0]}", "model": "claude-opus-4-6", "usage": USAGE}
        more = {"requestId": "req_1", **more}
    return {
        "parentUuid": parent,
        "isSidechain": False,
        "sessionId": SESSION,
        "cwd": "/work/app",
        "version": "2.1.37",
        "type": kind,
        "message": message,
        "uuid": uuid,
        "timestamp": "2026-02-09T08:31:08.455Z",
        **more,
    }


def text(said: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": said}]


def call(name: str = "toolu_1") -> list[dict[str, Any]]:
    return [{"type": "tool_use", "id": name, "name": "Bash", "input": {"command": "ls"}}]


def result(name: str = "toolu_1", content: Any = "a.txt") -> list[dict[str, Any]]:
    return [{"type": "tool_result", "tool_use_id": name, "content": content}]


TURN = [
    {"type": "file-history-snapshot", "messageId": "q1", "snapshot": {}},
    line("q1", None, "user", "What is here?"),
    line("a1", "q1", "assistant", [{"type": "thinking", "thinking": "Look.", "signature": "x"}]),
    line("a2", "a1", "assistant", call()),
    line("r1", "a2", "user", result(), toolUseResult={"stdout": "a.txt"}),
    line("b1", "r1", "assistant", text("One file."), requestId="req_2"),
    {"type": "system", "subtype": "turn_duration", "parentUuid": "b1", "uuid": "s1"},
]


def test_a_turn_with_its_tools_reasoning_and_usage(tmp_path: Path) -> None:
    path = write_lines(tmp_path / f"{SESSION}.jsonl", TURN)
    [found] = sessions_in(SOURCE, path)
    assert found.session.id == "q1"
    assert found.session.project == "/work/app"
    assert found.session.main == "q1"
    assert found.session.created_at == datetime(2026, 2, 9, 8, 31, 8, 455000, tzinfo=UTC)
    [turn] = found.turns
    assert turn.model == "claude-opus-4-6"
    assert [item.get("role") or item["type"] for item in turn.items] == [
        "user",
        "reasoning",
        "function_call",
        "function_call_output",
        "assistant",
    ]
    assert turn.items[2]["arguments"] == '{"command": "ls"}'
    assert turn.items[2]["call_id"] == turn.items[3]["call_id"] == "toolu_1"
    # Two lines of one request have the same usage; what was cached is part of the input.
    at = datetime(2026, 2, 9, 8, 31, 8, 455000, tzinfo=UTC)
    run = ImportedRun(
        "claude-opus-4-6", 1103, 20, cached_tokens=1000, cache_write_tokens=100, started_at=at
    )
    assert turn.runs == (run, run)


def test_the_last_line_of_a_request_has_its_usage_in_full(tmp_path: Path) -> None:
    first = line("a1", "q1", "assistant", text("One"), costUSD=0.25, durationMs=1500)
    first["message"]["usage"] = {**USAGE, "output_tokens": 1}
    last = line("a2", "a1", "assistant", text("Two"))
    last["message"]["usage"] = {**USAGE, "output_tokens_details": {"thinking_tokens": 7}}
    path = write_lines(tmp_path / "s.jsonl", [line("q1", None, "user", "Count"), first, last])
    [[run]] = [turn.runs for turn in sessions_in(SOURCE, path)[0].turns]
    assert (run.output_tokens, run.reasoning_tokens) == (20, 7)
    assert (run.recorded_cost, run.duration_s) == (0.25, 1.5)


def test_what_is_cached_for_an_hour_has_its_own_price(tmp_path: Path) -> None:
    answer = line("a1", "q1", "assistant", text("One"))
    kept = {"ephemeral_5m_input_tokens": 40, "ephemeral_1h_input_tokens": 60}
    answer["message"]["usage"] = {**USAGE, "cache_creation": kept}
    [run] = _runs_of(tmp_path, answer)
    assert (run.cache_write_tokens, run.cache_write_1h_tokens) == (100, 60)
    answer["message"]["usage"]["cache_creation"] = {"ephemeral_1h_input_tokens": 900}
    [damaged_run] = _runs_of(tmp_path, answer)
    assert damaged_run.cache_write_1h_tokens == 100


def _runs_of(folder: Path, answer: dict[str, Any]) -> tuple[ImportedRun, ...]:
    path = write_lines(folder / "s.jsonl", [line("q1", None, "user", "Count"), answer])
    [turn] = sessions_in(SOURCE, path)[0].turns
    return turn.runs


def test_an_edited_question_is_a_fork_and_the_newest_line_is_shown(tmp_path: Path) -> None:
    edited = [line("q2", "b1", "user", "And then?"), line("q3", "b1", "user", "And before?")]
    [found] = sessions_in(SOURCE, write_lines(tmp_path / "s.jsonl", TURN + edited))
    assert found.parents == {"q1": None, "q2": "q1", "q3": "q1"}
    assert found.session.main == "q3"


def test_a_resumed_session_that_holds_a_copy_is_not_taken_twice(tmp_path: Path) -> None:
    write_lines(tmp_path / "old.jsonl", TURN)
    copies = [{**one, "sessionId": "other"} for one in TURN]
    remade = [
        line("z1", None, "user", "What is here?", forkedFrom={"messageUuid": "q1"}),
        line("z2", "z1", "user", "A fork"),
    ]
    write_lines(tmp_path / "new.jsonl", [*copies, line("q2", "b1", "user", "More")])
    write_lines(tmp_path / "sdk.jsonl", remade)
    os.utime(tmp_path / "old.jsonl", (1, 1))
    [found] = sessions_in(SOURCE, tmp_path)
    assert found.session.id == "q1"
    assert found.parents == {"q1": None, "q2": "q1", "z2": "q1"}
    assert len(found.turns[0].runs) == 2


def test_what_the_program_writes_in_the_users_place_is_no_question(tmp_path: Path) -> None:
    written = [
        line("q1", None, "user", text("<system-reminder>Be kind</system-reminder>") + text("Hi")),
        line("n1", "q1", "user", "<task-notification>done</task-notification>"),
        line("a1", "n1", "assistant", text("Hello")),
        line(
            "c1", "a1", "user", "<local-command-caveat>Caveat</local-command-caveat>", isMeta=True
        ),
        line("c2", "c1", "user", "<command-name>/model</command-name>"),
        line("c3", "c2", "user", "<local-command-stdout>Set</local-command-stdout>"),
        line("c4", "c3", "user", "<bash-input>ls</bash-input>"),
        line("c5", "c4", "user", "<bash-stdout>a.txt</bash-stdout><bash-stderr></bash-stderr>"),
        line("c6", "c5", "user", text("[Request interrupted by user]")),
    ]
    [found] = sessions_in(SOURCE, write_lines(tmp_path / "s.jsonl", written))
    assert found.asked == ["Hi"]
    said = [item["content"] for item in found.turns[0].items if item.get("role") == "system"]
    assert said == [
        "<system-reminder>Be kind</system-reminder>",
        "<task-notification>done</task-notification>",
        "!ls",
        "<bash-stdout>a.txt</bash-stdout><bash-stderr></bash-stderr>",
        "[Request interrupted by user]",
    ]


def test_a_command_that_asks_the_model_is_a_question_as_it_was_typed(tmp_path: Path) -> None:
    command = (
        "<command-message>review</command-message>\n<command-name>/review</command-name>\n"
        "<command-args>the tests</command-args>"
    )
    written = [
        line("q1", None, "user", command),
        line("m1", "q1", "user", text("Review what was changed."), isMeta=True),
        line("a1", "m1", "assistant", text("Fine.")),
    ]
    [found] = sessions_in(SOURCE, write_lines(tmp_path / "s.jsonl", written))
    assert found.asked == ["/review the tests"]
    assert found.turns[0].items[1]["content"] == "Review what was changed."


def test_a_question_asked_while_the_model_works_begins_a_turn(tmp_path: Path) -> None:
    queued = {"type": "queued_command", "prompt": "Hurry", "commandMode": "prompt"}
    note = {**queued, "commandMode": "task-notification"}
    lines = [*TURN, {**line("q2", "b1", "attachment", ""), "attachment": queued}]
    lines.append({**line("q3", "q2", "attachment", ""), "attachment": note})
    [found] = sessions_in(SOURCE, write_lines(tmp_path / "s.jsonl", lines))
    assert found.asked == ["What is here?", "Hurry"]


def test_a_summary_is_part_of_the_turn_that_it_was_made_in(tmp_path: Path) -> None:
    compacted = [
        {
            **line("c1", None, "system", None, logicalParentUuid="b1"),
            "subtype": "compact_boundary",
        },
        line("c2", "c1", "user", "This session is being continued", isCompactSummary=True),
        line("q2", "c2", "user", "Go on"),
    ]
    [found] = sessions_in(SOURCE, write_lines(tmp_path / "s.jsonl", TURN + compacted))
    assert found.parents == {"q1": None, "q2": "q1"}
    assert found.turns[0].items[-1]["content"] == "This session is being continued"


def test_a_session_that_begins_with_a_summary_begins_with_that_turn(tmp_path: Path) -> None:
    summary = line("c2", None, "user", "Continued", isCompactSummary=True)
    lines = [summary, line("a1", "c2", "assistant", text("Yes"))]
    assert sessions_in(SOURCE, write_lines(tmp_path / "s.jsonl", lines))[0].asked == ["Continued"]


def test_images_and_files_are_named(tmp_path: Path) -> None:
    data = {"type": "base64", "media_type": "image/png", "data": "A" * 4000}
    image = {"type": "image", "source": data}
    attached = {"type": "file", "filename": "/work/app/notes.md", "displayPath": "notes.md"}
    lines = [
        line("q1", None, "user", [*text("See"), image]),
        {**line("f1", "q1", "attachment", ""), "attachment": attached},
        line("r1", "f1", "user", result(content=[*text("shot"), image])),
    ]
    [turn] = sessions_in(SOURCE, write_lines(tmp_path / "s.jsonl", lines))[0].turns
    assert [part["text"] for part in turn.items[0]["content"]] == [
        "See",
        "[image image/png (3,000 bytes)]",
    ]
    assert turn.items[1]["content"] == "[file notes.md]"
    assert turn.items[2]["output"] == "shot\n[image image/png (3,000 bytes)]"


def test_an_error_is_no_answer_of_the_model(tmp_path: Path) -> None:
    failed = line("a1", "q1", "assistant", text("API Error: 529"), isApiErrorMessage=True)
    failed["message"]["model"] = "<synthetic>"
    path = write_lines(tmp_path / "s.jsonl", [line("q1", None, "user", "Hi"), failed])
    [turn] = sessions_in(SOURCE, path)[0].turns
    assert turn.items[1] == {"role": "system", "content": "API Error: 529"}
    assert turn.runs == ()


def test_sub_agents_are_sessions_of_their_own(tmp_path: Path) -> None:
    write_lines(tmp_path / f"{SESSION}.jsonl", TURN)
    folder = tmp_path / SESSION / "subagents"
    for agent, about in (("x", {"description": "Search"}), ("y", {"parentAgentId": "x"})):
        started = line(f"{agent}1", None, "user", "Find it", isSidechain=True, agentId=agent)
        write_lines(folder / f"agent-{agent}.jsonl", [started])
        (folder / f"agent-{agent}.meta.json").write_text(json.dumps(about))
    main, x, y = sessions_in(SOURCE, tmp_path)
    assert (x.session.id, x.session.name, x.session.parent) == (
        f"{SESSION}/agent-x",
        "Search",
        main.session.id,
    )
    assert y.session.parent == x.session.id
    assert x.asked == ["Find it"]


def test_sub_agents_in_the_file_of_their_session_are_sessions_too(tmp_path: Path) -> None:
    side = [
        line("x1", None, "user", "Find it", isSidechain=True),
        line("x2", "x1", "assistant", text("Found"), isSidechain=True),
        line("y1", None, "user", "Test it", isSidechain=True),
    ]
    main, x, y = sessions_in(SOURCE, write_lines(tmp_path / "s.jsonl", TURN + side))
    assert main.session.main == "q1"
    assert [one.session.parent for one in (main, x, y)] == [None, "q1", "q1"]
    assert [len(one.turns[0].items) for one in (x, y)] == [2, 1]


def test_the_title_that_the_user_gave_is_the_name(tmp_path: Path) -> None:
    titles = [
        {"type": "summary", "summary": "Of another session", "leafUuid": "elsewhere"},
        {"type": "summary", "summary": "Looking around", "leafUuid": "b1"},
    ]
    path = write_lines(tmp_path / "s.jsonl", titles + TURN)
    assert sessions_in(SOURCE, path)[0].session.name == "Looking around"
    more = [{"type": "custom-title", "customTitle": "Mine"}, {"type": "ai-title", "aiTitle": "Its"}]
    write_lines(path, titles + TURN + more)
    assert sessions_in(SOURCE, path)[0].session.name == "Mine"


def test_a_line_that_is_being_written_costs_no_other(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "s.jsonl", ["no JSON", *TURN])
    with path.open("a") as stream:
        stream.write('{"type": "user", "uuid": "q2", "mess')
    report = Report()
    assert sessions_in(SOURCE, path, report)[0].asked == ["What is here?"]
    assert [(one.line, one.why) for one in report.skipped] == [
        (1, "it is not a JSON object"),
        (9, "it is not complete: the program may be writing it"),
    ]


def test_links_and_pipes_below_a_folder_are_not_read(tmp_path: Path) -> None:
    outside = write_lines(tmp_path / "outside" / "s.jsonl", TURN)
    folder = tmp_path / "projects"
    folder.mkdir()
    (folder / "link.jsonl").symlink_to(outside)
    (folder / "folder").symlink_to(outside.parent, target_is_directory=True)
    os.mkfifo(folder / "pipe.jsonl")
    report = Report()
    assert sessions_in(SOURCE, folder, report) == []
    assert sessions_in(SOURCE, tmp_path / "nowhere", report) == []
    assert [one.why for one in report.skipped] == ["No such file or directory"]


def test_hostile_lines_cost_only_themselves(tmp_path: Path) -> None:
    deep = '{"uuid": "d", "type": "user", "message": ' + "[" * 5_000 + "]" * 5_000 + "}"
    odd = [
        line("u1", "u1", "user", "\ud83d \x00 \x1b[2J"),
        line("u2", "u1", "user", result(content={"n": 10**400})),
        line("u3", "u2", "assistant", [{"type": "tool_use", "id": 5, "name": None, "input": "x"}]),
    ]
    odd[2]["message"]["usage"] = {"input_tokens": -1, "output_tokens": 1e400, "cache_read": "x"}
    path = write_lines(tmp_path / "s.jsonl", [deep, "[]", '"x"', *odd, *TURN])
    found = sessions_in(SOURCE, path)
    assert "What is here?" in found[0].asked


def test_sessions_are_found_where_versions_keep_them(tmp_path: Path) -> None:
    for folder in (".claude", ".config/claude", "mine"):
        (tmp_path / folder / "projects").mkdir(parents=True)
    found = list(SOURCE.find(Places(tmp_path, {}, "linux")))
    assert found == [tmp_path / ".claude/projects", tmp_path / ".config/claude/projects"]
    named = Places(tmp_path, {"CLAUDE_CONFIG_DIR": str(tmp_path / "mine")}, "linux")
    assert list(SOURCE.find(named)) == [tmp_path / "mine/projects"]


async def test_importing_twice_changes_nothing_and_growth_follows(tmp_path: Path) -> None:
    path, database = write_lines(tmp_path / "s.jsonl", TURN), tmp_path / "c.db"
    totals, _ = await imported(database, SOURCE.name, path)
    assert (totals.new, totals.turns) == (1, 1)
    before = everything(database)
    totals, _ = await imported(database, SOURCE.name, path)
    assert totals.same == 1
    assert everything(database) == before
    write_lines(path, [*TURN, line("q2", "b1", "user", "More"), line("q3", "b1", "user", "Other")])
    totals, _ = await imported(database, SOURCE.name, path)
    assert (totals.grown, totals.turns) == (1, 2)


@settings(HOSTILE, max_examples=60)
@given(lines=changed([*TURN, line("q2", "b1", "user", text("More"))]))
def test_no_change_raises_or_costs_another_session(tmp_path: Path, lines: Any) -> None:
    write_lines(tmp_path / "p" / "changed.jsonl", lines if isinstance(lines, list) else [lines])
    write_lines(tmp_path / "p" / "other.jsonl", [line("other", None, "user", "Still here")])
    assert ["Still here"] in [one.asked for one in sessions_in(SOURCE, tmp_path / "p")]


@settings(HOSTILE, max_examples=15)
@given(data=damaged("".join(f"{json.dumps(one)}\n" for one in TURN).encode()))
async def test_damaged_files_are_stored_as_far_as_they_go(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "s.jsonl").write_bytes(data)
    (tmp_path / "c.db").unlink(missing_ok=True)
    await imported(tmp_path / "c.db", SOURCE.name, tmp_path / "s.jsonl")
