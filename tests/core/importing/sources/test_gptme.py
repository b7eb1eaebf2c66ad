"""The conversations of gptme: its messages in JSON Lines, with branches and forks as copies."""

import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings

from convo.importing.source import Places, Report
from convo.importing.sources.gptme import SOURCE
from tests.core.importing.hostile import changed, damaged, everything, imported
from tests.core.importing.reading_sources import HOSTILE, Given, sessions_in, write_lines

FIRST = "2026-01-02T03:04:00.000001"
METADATA = {
    "model": "anthropic/claude-sonnet-4-6",
    "cost": 0.125,
    "usage": {
        "input_tokens": 10,
        "output_tokens": 20,
        "cache_read_tokens": 5,
        "cache_creation_tokens": 2,
    },
}


def message(role: str, content: Any, second: int, **more: Any) -> dict[str, Any]:
    if role == "assistant":
        more = {"metadata": METADATA, **more}
    timestamp = f"2026-01-02T03:04:{second:02}.000001"
    return {"role": role, "content": content, "timestamp": timestamp, **more}


CALL = '<think>\nLook.\n</think>\nI look.\n\n@shell(c1): {"command": "ls"}'
TALK = [
    {"role": "system", "content": "You are gptme.", "timestamp": FIRST, "pinned": True},
    message("system", "# Workspace", 1),
    message("user", "What is here?", 2),
    message("assistant", CALL, 3),
    message("system", "a.txt", 4, call_id="c1"),
    message("assistant", "One file.", 5),
    message("user", "And then?", 6),
]


def write(folder: Path, name: str, lines: list[Any]) -> Path:
    return write_lines(folder / name / "conversation.jsonl", lines)


def read(folder: Path, *lines: Any) -> Given:
    write(folder, "2026-01-02-talk", [*TALK, *lines])
    [found] = sessions_in(SOURCE, folder)
    return found


def texts(found: Given, turn: int) -> list[Any]:
    """What the items of a turn say, after the question."""
    return [
        item.get("content") if item.get("role") == "system" else item["content"][0]["text"]
        for item in found.turns[turn].items[1:]
    ]


def test_a_turn_with_its_tools_reasoning_usage_and_cost(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert (found.session.id, found.session.name) == (FIRST, "2026-01-02-talk")
    assert found.asked == ["What is here?", "And then?"]
    turn, last = found.turns
    assert (last.parent, found.session.main) == (turn.id, last.id)
    kinds = [item.get("role") or item["type"] for item in turn.items]
    assert kinds == [
        *("user", "reasoning", "assistant", "function_call", "function_call_output", "assistant")
    ]
    assert (turn.items[1]["summary"][0]["text"], turn.items[4]["output"]) == ("Look.", "a.txt")
    assert (turn.items[3]["name"], turn.items[3]["arguments"]) == ("shell", '{"command": "ls"}')
    run, _ = turn.runs
    assert (run.input_tokens, run.cached_tokens, run.cache_write_tokens) == (17, 5, 2)
    assert (run.model, run.output_tokens, run.recorded_cost) == (METADATA["model"], 20, 0.125)


def test_what_an_undo_left_is_a_branch(tmp_path: Path) -> None:
    undone = [*TALK, message("assistant", "Nothing.", 7)]
    write_lines(tmp_path / "2026-01-02-talk/branches/main-undo-0.jsonl", undone)
    found = read(tmp_path, message("assistant", "Look again.", 8))
    first, old, new = found.turns
    assert (old.parent, new.parent, found.session.main) == (first.id, first.id, new.id)
    assert (texts(found, 1), texts(found, 2)) == (["Nothing."], ["Look again."])


def test_a_request_that_two_turns_show_is_spent_once(tmp_path: Path) -> None:
    undone = [*TALK[:-1], message("assistant", "Two files.", 8)]
    write_lines(tmp_path / "2026-01-02-talk/branches/main-undo-0.jsonl", undone)
    found = read(tmp_path)
    assert [len(turn.items) for turn in found.turns] == [6, 7, 1]
    assert [len(turn.runs) for turn in found.turns] == [2, 1, 0]


def test_a_fork_is_a_branch_of_the_conversation_whose_name_is_first(tmp_path: Path) -> None:
    write(tmp_path, "a-fork", [*TALK[:-1], message("user", "Other", 9)])
    found = read(tmp_path)
    assert found.asked == ["What is here?", "And then?", "Other"]
    assert found.turns[2].parent == found.turns[0].id
    assert (found.session.name, found.session.main) == ("2026-01-02-talk", found.turns[1].id)


def test_what_gptme_adds_is_beside_the_question_or_left_out(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        message("system", "Hidden", 7, hide=True),
        message("system", "Prompt", 7, metadata={"prompt_generation": "2"}),
        message("assistant", "```shell\nls\n```", 8),
        message("system", "Ran `ls`", 9, files=["/w/a.png"]),
        message("user", "<system>No tool call detected</system>", 10),
        message("assistant", "Done.", 11),
        message("user", "See", 12, files=["/w/b.png"]),
    )
    assert texts(found, 1) == [
        *("```shell\nls\n```", "Ran `ls`", "[file /w/a.png]"),
        *("<system>No tool call detected</system>", "Done."),
    ]
    assert [part["text"] for part in found.asked[2]] == ["See", "[file /w/b.png]"]


def test_only_calls_outside_of_code_blocks_are_calls(tmp_path: Path) -> None:
    said = '```\n@shell(c2): {"command": "id"}\n```\n@a.b(c3): {"x": {"y": "}"}}\n@shell(c4): {no'
    found = read(
        tmp_path,
        message("assistant", f"<thinking>\n{said}", 8),
        message("system", "1", 9, call_id="c3"),
        message("system", "2", 9, call_id="c3"),
        message("system", "3", 9, call_id="c2"),
    )
    items = found.turns[1].items
    called = [item for item in items if item.get("type") == "function_call"]
    assert [(one["name"], one["call_id"], one["arguments"]) for one in called] == [
        ("a.b", "c3", '{"x": {"y": "}"}}'),
    ]
    assert [item["output"] for item in items if "output" in item] == ["1"]
    # What else a tool puts out is an instruction, as is what no call is known of.
    assert [item["content"] for item in items[-2:]] == ["2", "3"]


def test_the_settings_of_a_conversation_name_it_and_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "2026-01-02-talk"
    folder.mkdir()
    (folder / "workspace").symlink_to("/w")
    assert read(tmp_path).session.project == "/w"
    (folder / "config.toml").write_text('[chat]\nname = "Files"\nworkspace = "/v"\n')
    found = read(tmp_path).session
    assert (found.name, found.project) == ("Files", "/v")
    for damage in (b"\xff", b"[chat", b"a = " + b"[" * 100_000):
        (folder / "config.toml").write_bytes(damage)
        assert read(tmp_path).session.name == "2026-01-02-talk"


def test_the_first_versions_wrote_usage_beside_the_model_or_none(tmp_path: Path) -> None:
    flat = {"model": "openai/gpt-4o", "input_tokens": 3, "output_tokens": 4}
    found = read(
        tmp_path,
        message("assistant", "One.", 7, metadata=flat),
        message("assistant", "Two.", 8, metadata=None),
    )
    [run] = found.turns[1].runs
    assert (run.model, run.input_tokens, run.output_tokens) == ("openai/gpt-4o", 3, 4)


def test_a_compacted_conversation_begins_without_a_question(tmp_path: Path) -> None:
    lines = [*TALK[:2], message("system", "Resumed:", 7), message("assistant", "Summary", 8)]
    path = write(tmp_path, "talk", lines)
    [found] = sessions_in(SOURCE, path)
    assert (found.asked, texts(found, 0)) == ([""], ["Summary"])


def test_other_files_are_left_out(tmp_path: Path) -> None:
    write_lines(tmp_path / "talk/events.jsonl", [{"type": "message_append", "payload": {}}])
    write_lines(tmp_path / "talk/workspace/deep/conversation.jsonl", TALK)
    path = write(tmp_path, "other", [{"type": "user", "content": "?"}])
    report = Report()
    assert sessions_in(SOURCE, tmp_path, report) == []
    assert report.count == 0
    assert sessions_in(SOURCE, path, report) == []
    assert [one.why for one in report.skipped] == ["it is not a conversation of gptme"]


def test_conversations_are_found_where_variables_say(tmp_path: Path) -> None:
    for folder in (".local/share/gptme/logs", "data/gptme/logs", "mine"):
        (tmp_path / folder).mkdir(parents=True)
    for environ, found in (
        ({}, ".local/share/gptme/logs"),
        ({"XDG_DATA_HOME": str(tmp_path / "data")}, "data/gptme/logs"),
        ({"GPTME_LOGS_HOME": str(tmp_path / "mine")}, "mine"),
    ):
        for platform in ("linux", "darwin"):
            assert list(SOURCE.find(Places(tmp_path, environ, platform))) == [tmp_path / found]


async def test_importing_twice_changes_nothing_and_growth_follows(tmp_path: Path) -> None:
    path, database = write(tmp_path, "talk", TALK), tmp_path / "c.db"
    totals, _ = await imported(database, SOURCE.name, path)
    assert (totals.new, totals.turns) == (1, 2)
    before = everything(database)
    totals, _ = await imported(database, SOURCE.name, path)
    assert totals.same == 1
    assert everything(database) == before
    write(tmp_path, "talk", [*TALK, message("assistant", "Nothing.", 7)])
    totals, _ = await imported(database, SOURCE.name, path)
    assert (totals.grown, totals.turns) == (1, 1)


async def test_an_answer_that_is_undone_after_the_import_stays(tmp_path: Path) -> None:
    database = tmp_path / "c.db"
    answered = [*TALK, message("assistant", "Nothing.", 7)]
    path = write(tmp_path, "talk", answered)
    await imported(database, SOURCE.name, path)
    write_lines(tmp_path / "talk/branches/main-undo-0.jsonl", answered)
    write(tmp_path, "talk", [*TALK[:-1], message("user", "Other", 8)])
    totals, _ = await imported(database, SOURCE.name, path)
    assert (totals.grown, totals.turns) == (1, 1)


@settings(HOSTILE, max_examples=60)
@given(lines=changed(TALK))
def test_no_change_raises_or_costs_another_session(tmp_path: Path, lines: Any) -> None:
    write(tmp_path, "one", lines if isinstance(lines, list) else [lines])
    write(tmp_path, "two", [message("user", "Still here", 30)])
    assert ["Still here"] in [one.asked for one in sessions_in(SOURCE, tmp_path)]


@settings(HOSTILE, max_examples=15)
@given(data=damaged("".join(f"{json.dumps(one)}\n" for one in TALK).encode()))
async def test_damaged_files_are_stored_as_far_as_they_go(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "s.jsonl").write_bytes(data)
    (tmp_path / "c.db").unlink(missing_ok=True)
    await imported(tmp_path / "c.db", SOURCE.name, tmp_path / "s.jsonl")
