"""The export of Claude: lists of messages at first, trees since they can be edited."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import given, settings

from convo.importing.source import Report
from convo.importing.sources.claude import SOURCE
from tests.core.importing.hostile import changed, damaged, everything, imported
from tests.core.importing.reading_sources import HOSTILE, Given, sessions_in

ROOT = "00000000-0000-4000-8000-000000000000"


def message(
    name: str, parent: str | None, sender: str, *blocks: dict[str, Any], **more: Any
) -> dict[str, Any]:
    """A message; without a parent it is as in old exports."""
    tree = {} if parent is None else {"parent_message_uuid": parent}
    return {
        "uuid": name,
        "sender": sender,
        "text": "".join(block.get("text", "") for block in blocks),
        "content": list(blocks),
        "created_at": "2026-03-29T07:06:35.552627Z",
        "attachments": [],
        "files": [],
        **tree,
        **more,
    }


def text(said: str) -> dict[str, Any]:
    return {"type": "text", "text": said, "citations": []}


def conversation(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "uuid": "c1",
        "name": "Bread",
        "summary": "",
        "created_at": "2026-03-29T07:00:00Z",
        "account": {"uuid": "me"},
        "chat_messages": list(messages),
        **more,
    }


TALK = conversation(
    message("q1", ROOT, "human", text("What is a roux?")),
    message("a1", "q1", "assistant", text("Flour and fat.")),
    message("q2", "a1", "human", text("How much?")),
    message("a2", "q2", "assistant", text("The same.")),
)


def write(folder: Path, *conversations: Any, name: str = "conversations.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(list(conversations)))
    return path


def read(folder: Path, *messages: dict[str, Any], **more: Any) -> Given:
    [found] = sessions_in(SOURCE, write(folder, conversation(*messages, **more)))
    return found


def test_a_conversation_with_its_title_and_times(tmp_path: Path) -> None:
    [found] = sessions_in(SOURCE, write(tmp_path, TALK))
    assert (found.session.id, found.session.name, found.session.main) == ("c1", "Bread", "q2")
    assert found.session.created_at == datetime(2026, 3, 29, 7, tzinfo=UTC)
    assert found.parents == {"q1": None, "q2": "q1"}
    assert found.asked == ["What is a roux?", "How much?"]
    assert found.turns[0].created_at == datetime(2026, 3, 29, 7, 6, 35, 552627, tzinfo=UTC)


def test_an_old_export_is_a_list(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        message("q1", None, "human", text="One", content=[]),
        message("a1", None, "assistant", text="1", content=[]),
        message("q2", None, "human", text="Two", content=[]),
    )
    assert found.parents == {"q1": None, "q2": "q1"}
    assert found.turns[0].items[1]["content"][0]["text"] == "1"


def test_edited_questions_and_repeated_answers_are_branches(tmp_path: Path) -> None:
    messages = [
        message("q1", ROOT, "human", text("Question")),
        message("a1", "q1", "assistant", text("Answer")),
        message("q2", "a1", "human", text("More")),
        message("b1", "q1", "assistant", text("Again")),
        message("q3", "b1", "human", text("After that")),
        message("q4", ROOT, "human", text("Edited")),
    ]
    found = read(tmp_path, *messages)
    assert found.parents == {"q1": None, "q1/b1": None, "q2": "q1", "q3": "q1/b1", "q4": None}
    assert found.session.main == "q4"
    shown = read(tmp_path, *messages, current_leaf_message_uuid="q3", model="claude-opus-4-6")
    assert shown.session.main == "q3"
    assert shown.turns[0].model == "claude-opus-4-6"


def test_thinking_and_tools_are_items_and_calls_without_ids_get_some(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        message("q", ROOT, "human", text("Search")),
        message(
            "a",
            "q",
            "assistant",
            {"type": "thinking", "thinking": "I search.", "summaries": []},
            {"type": "tool_use", "id": None, "name": "web_search", "input": {"query": "bread"}},
            {
                "type": "tool_result",
                "tool_use_id": None,
                "content": [
                    text("Found"),
                    {"type": "knowledge", "title": "Bread", "url": "https://example.org"},
                ],
            },
            {"type": "tool_use", "id": "toolu_1", "name": "artifacts", "input": {"id": "x"}},
            {"type": "tool_result", "tool_use_id": "toolu_1", "content": "OK"},
            {"type": "token_budget", "remaining": 5},
            text("Bread."),
        ),
    )
    [turn] = found.turns
    assert [item.get("role") or item["type"] for item in turn.items] == [
        *("user", "reasoning", "function_call", "function_call_output"),
        *("function_call", "function_call_output", "assistant"),
    ]
    assert turn.items[2]["call_id"] == turn.items[3]["call_id"] == "a-1"
    assert turn.items[3]["output"] == "Found\nBread\nhttps://example.org"
    assert turn.items[4]["call_id"] == turn.items[5]["call_id"] == "toolu_1"


def test_attachments_are_kept_with_what_was_read_from_them(tmp_path: Path) -> None:
    attached = [
        {"file_name": "notes.txt", "file_size": 5, "extracted_content": "Flour"},
        {"file_name": "scan.pdf", "extracted_content": ""},
    ]
    files = [{"file_name": "cat.png", "file_uuid": "f1"}]
    more = {"attachments": attached, "files": files, "files_v2": [*files, {"file_name": "b.png"}]}
    found = read(tmp_path, message("q", ROOT, "human", text("See"), **more))
    assert [part["text"] for part in found.asked[0]] == [
        "See",
        "[file notes.txt]\nFlour",
        "[file scan.pdf]",
        "[file cat.png]",
        "[file b.png]",
    ]


def test_the_archives_of_an_export_are_read_together(tmp_path: Path) -> None:
    archives: dict[str, dict[str, Any]] = {
        "conversations-000.zip": {"conversations.json": [TALK]},
        "conversations-001.zip": {"conversations.json": [{**TALK, "uuid": "c2"}]},
        "projects-000.zip": {"projects/p1.json": {"uuid": "p1", "name": "Cooking"}},
        "light_metadata-000.zip": {"users.json": [{"uuid": "me"}]},
    }
    for name, documents in archives.items():
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for inside, value in documents.items():
                archive.writestr(inside, json.dumps(value))
    report = Report()
    assert [one.session.id for one in sessions_in(SOURCE, tmp_path, report)] == ["c1", "c2"]
    assert report.count == 0


def test_what_is_no_conversation_is_named_and_costs_no_other(tmp_path: Path) -> None:
    report = Report()
    path = write(tmp_path, {"mapping": {}}, {"uuid": 5, "chat_messages": []}, TALK)
    assert [one.session.id for one in sessions_in(SOURCE, path, report)] == ["c1"]
    assert [one.why for one in report.skipped] == [
        "it is not a conversation of Claude, but one of ChatGPT",
        "it is not a conversation of Claude",
    ]


async def test_importing_twice_changes_nothing_and_growth_follows(tmp_path: Path) -> None:
    path, database = write(tmp_path, TALK), tmp_path / "c.db"
    totals, _ = await imported(database, SOURCE.name, path)
    assert (totals.new, totals.turns) == (1, 2)
    before = everything(database)
    totals, _ = await imported(database, SOURCE.name, path)
    assert totals.same == 1
    assert everything(database) == before
    more = message("q3", "a2", "human", text("Thanks"))
    write(tmp_path, {**TALK, "chat_messages": [*TALK["chat_messages"], more]})
    totals, _ = await imported(database, SOURCE.name, path)
    assert (totals.grown, totals.turns) == (1, 1)


OTHER = {**TALK, "uuid": "other"}


@settings(HOSTILE, max_examples=80)
@given(value=changed(TALK))
def test_no_change_raises_or_costs_another_conversation(tmp_path: Path, value: Any) -> None:
    found = sessions_in(SOURCE, write(tmp_path, value, OTHER))
    assert found[-1].session.id == "other"
    assert found[-1].asked == ["What is a roux?", "How much?"]


@settings(HOSTILE, max_examples=15)
@given(data=damaged(json.dumps([TALK, OTHER]).encode()))
async def test_damaged_files_are_stored_as_far_as_they_go(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "conversations.json").write_bytes(data)
    (tmp_path / "c.db").unlink(missing_ok=True)
    await imported(tmp_path / "c.db", SOURCE.name, tmp_path / "conversations.json")
