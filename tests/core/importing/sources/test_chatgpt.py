"""The export of ChatGPT, as one document or several, with the contents that it has had."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convo.importing import archives
from convo.importing.source import Report
from convo.importing.sources.chatgpt import SOURCE
from tests.core.importing.hostile import changed, damaged, everything, imported
from tests.core.importing.reading_sources import HOSTILE, sessions_in

Nodes = dict[str, Any]


def node(
    name: str, parent: str | None, role: str, content: Any, *, at: float | None = 1.0, **more: Any
) -> Nodes:
    """A message under its name; a text is the content of a message in words."""
    if isinstance(content, str):
        content = {"content_type": "text", "parts": [content]}
    message = {
        "id": name,
        "author": {"role": role, "name": more.pop("author", None), "metadata": {}},
        "create_time": at,
        "content": content,
        "status": "finished_successfully",
        "recipient": more.pop("recipient", "all"),
        "metadata": {"model_slug": "gpt-5-2"} if role == "assistant" else {},
    }
    message["metadata"] |= more
    return {name: {"id": name, "message": message, "parent": parent, "children": []}}


def conversation(*nodes: Nodes, shown: str | None = None, name: str = "c1") -> dict[str, Any]:
    mapping: Nodes = {"root": {"id": "root", "message": None, "parent": None, "children": []}}
    for one in nodes:
        mapping |= one
    return {
        "title": "Cooking",
        "create_time": 1_700_000_000.5,
        "mapping": mapping,
        "current_node": shown,
        "conversation_id": name,
        "default_model_slug": "gpt-5-2",
    }


def hidden(name: str, parent: str, content: Any, role: str = "system") -> Nodes:
    return node(name, parent, role, content, is_visually_hidden_from_conversation=True)


TALK = conversation(
    hidden("s", "root", ""),
    node("q1", "s", "user", "What is a roux?"),
    node("a1", "q1", "assistant", "Flour and fat.", at=2.0),
    node("q2", "a1", "user", "How much of each?", at=3.0),
    node("a2", "q2", "assistant", "The same.", at=4.0),
    shown="a2",
)


def write(folder: Path, value: Any, name: str = "conversations.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(value))
    return path


def zipped(path: Path, documents: dict[str, Any]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in documents.items():
            archive.writestr(name, value if isinstance(value, bytes) else json.dumps(value))
    return path


def items_of(folder: Path, *nodes: Nodes) -> list[dict[str, Any]]:
    [found] = sessions_in(SOURCE, write(folder, [conversation(*nodes)]))
    return found.turns[-1].items


def test_a_conversation_with_its_title_times_and_models(tmp_path: Path) -> None:
    [found] = sessions_in(SOURCE, write(tmp_path, [TALK]))
    assert (found.session.id, found.session.name, found.session.main) == ("c1", "Cooking", "q2")
    assert found.session.created_at == datetime(2023, 11, 14, 22, 13, 20, 500_000, tzinfo=UTC)
    assert found.parents == {"q1": None, "q2": "q1"}
    assert found.turns[1].model == "gpt-5-2"
    assert found.turns[1].created_at == datetime(1970, 1, 1, 0, 0, 3, tzinfo=UTC)


def test_edited_questions_and_repeated_answers_are_branches(tmp_path: Path) -> None:
    forked = conversation(
        node("q1", "root", "user", "Question"),
        node("b1", "q1", "assistant", "Again", at=3.0),
        node("a1", "q1", "assistant", "Answer", at=2.0),
        node("q2", "b1", "user", "After the second", at=4.0),
        node("q3", "root", "user", "Edited", at=5.0),
        shown="q2",
    )
    [found] = sessions_in(SOURCE, write(tmp_path, [forked]))
    assert found.parents == {"q1": None, "q1/b1": None, "q2": "q1/b1", "q3": None}
    assert found.session.main == "q2"
    assert [turn.items[-1]["content"] for turn in found.turns][2:] == ["After the second", "Edited"]


def test_tools_are_calls_with_their_outputs(tmp_path: Path) -> None:
    found = items_of(
        tmp_path,
        node("q", "root", "user", "Add 1 and 1"),
        node(
            "t",
            "q",
            "assistant",
            {
                "content_type": "thoughts",
                "thoughts": [
                    {"summary": "Adding", "content": "Python can add."},
                    {"summary": "Yes"},
                ],
            },
        ),
        node("c", "t", "assistant", {"content_type": "code", "text": "1 + 1"}, recipient="python"),
        node("o", "c", "tool", {"content_type": "execution_output", "text": "2"}, author="python"),
        node("p", "o", "tool", "and a plot", author="python"),
        node("d", "p", "assistant", '{"name": "Sum"}', recipient="canmore.create_textdoc"),
        hidden("e", "d", "Created", role="tool"),
        node("r", "e", "assistant", {"content_type": "reasoning_recap", "content": "For 2 s"}),
        node("a", "r", "assistant", "It is 2"),
    )
    assert [item.get("role") or item["type"] for item in found] == [
        *("user", "reasoning", "function_call", "function_call_output", "function_call"),
        *("function_call_output", "reasoning", "assistant"),
    ]
    assert found[1]["summary"][0]["text"] == "Python can add.\n\nYes"
    assert (found[2]["name"], found[2]["arguments"]) == ("python", '{"input": "1 + 1"}')
    assert found[3]["output"] == "2\nand a plot"
    assert (found[4]["name"], found[4]["arguments"]) == (
        "canmore.create_textdoc",
        '{"name": "Sum"}',
    )
    assert found[4]["call_id"] == found[5]["call_id"] != found[2]["call_id"]


def test_attachments_and_other_parts_are_named(tmp_path: Path) -> None:
    image = {"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_1"}
    drawn = {**image, "metadata": {"dalle": {"prompt": "a cat"}}}
    heard = {"content_type": "audio_transcription", "text": "Hello there", "direction": "in"}
    sound = {"content_type": "audio_asset_pointer", "asset_pointer": "sediment://file_2"}
    attached = [{"name": "cat.png", "id": "file_1"}, {"name": "notes.pdf"}]

    def asked(*parts: Any, **more: Any) -> list[dict[str, Any]]:
        content = {"content_type": "multimodal_text", "parts": parts}
        answer = {"content_type": "multimodal_text", "parts": [drawn]}
        question = node("q", "root", "user", content, **more)
        return items_of(tmp_path, question, node("a", "q", "tool", answer, author="dalle.text2im"))

    named = asked(image, "See", attachments=attached)[0]["content"]
    assert [part["text"] for part in named] == ["See", "[file cat.png]", "[file notes.pdf]"]
    found = asked(image, heard, sound)
    assert found[0]["content"] == "[image file_1]\nHello there\n[recording]"
    assert (found[1]["name"], found[2]["output"]) == ("dalle.text2im", "[image a cat]")


def test_instructions_for_all_conversations_are_kept_with_the_first_question(
    tmp_path: Path,
) -> None:
    context = {
        "content_type": "user_editable_context",
        "user_profile": "I cook",
        "user_instructions": "Be brief",
    }
    nodes = (hidden("u", "root", context, role="user"), node("q", "u", "user", "Hi"))
    found = items_of(tmp_path, *nodes)
    assert [item["content"] for item in found] == ["Hi", "Be brief", "I cook"]


def test_marks_without_a_font_become_names_or_nothing(tmp_path: Path) -> None:
    source, city = "\ue200cite\ue202turn0search1\ue201", '\ue200entity\ue202["city", "Oslo"]\ue201'
    said = f"\ue203Bread\ue204{source} of {city}."
    nodes = (node("q", "root", "user", "Hi"), node("a", "q", "assistant", said))
    assert items_of(tmp_path, *nodes)[1]["content"][0]["text"] == "Bread of Oslo."


def test_archives_folders_and_numbered_documents_are_read(tmp_path: Path) -> None:
    second = {**TALK, "conversation_id": "c2"}
    documents = {
        "export/conversations-000.json": [TALK],
        "export/conversations-001.json": [second],
        "export/user.json": {},
        "export/chat.html": b"<html>",
        "__MACOSX/export/conversations.json": b"junk",
        "../../conversations-002.json": [{**TALK, "conversation_id": "c3"}],
    }
    archive = zipped(tmp_path / "export.zip", documents)
    report = Report()
    assert [one.session.id for one in sessions_in(SOURCE, archive, report)] == ["c3", "c1", "c2"]
    assert [one.session.id for one in sessions_in(SOURCE, tmp_path, report)] == ["c3", "c1", "c2"]
    archive.unlink()
    write(tmp_path, [TALK])
    write(tmp_path, [{**TALK, "conversation_id": "other"}], "shared_conversations.json")
    (tmp_path / "conversations-9.json").symlink_to(tmp_path / "shared_conversations.json")
    assert [one.session.id for one in sessions_in(SOURCE, tmp_path, report)] == ["c1"]
    assert report.count == 0


def test_what_is_no_archive_or_packed_to_fill_a_disk_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "_LARGE", 1_000)
    bomb = zipped(tmp_path / "a.zip", {"conversations.json": b"[" + b" " * 500_000 + b"]"})
    (tmp_path / "b.zip").write_bytes(b"no archive")
    damaged_ = bytearray(bomb.read_bytes())
    damaged_[-22:] = bytes(22)
    (tmp_path / "c.zip").write_bytes(damaged_)
    empty = zipped(tmp_path / "d.zip", {"other.json": []})
    report = Report()
    for path in (tmp_path, empty):
        assert sessions_in(SOURCE, path, report) == []
    assert [one.why.partition(":")[0] for one in report.skipped] == [
        "it unpacks to far more than conversations would",
        "it is not a zip archive",
        "it is a damaged archive",
        "it has no conversations",
    ]


def test_what_is_no_conversation_is_named_and_costs_no_other(tmp_path: Path) -> None:
    given = [{"mapping": 5}, TALK, {"uuid": "x", "chat_messages": []}, ["x"]]
    report = Report()
    found = sessions_in(SOURCE, write(tmp_path, given), report)
    assert [one.session.id for one in found] == ["c1"]
    assert [one.why for one in report.skipped] == [
        "it is not a conversation of ChatGPT",
        "it is not a conversation of ChatGPT, but one of Claude",
        "it is not a conversation of ChatGPT",
    ]


def test_a_conversation_as_the_only_value_is_read(tmp_path: Path) -> None:
    assert sessions_in(SOURCE, write(tmp_path, TALK, "one.json"))[0].session.id == "c1"


def test_circles_and_depth_are_no_danger(tmp_path: Path) -> None:
    circle = conversation(node("a", "b", "user", "1"), node("b", "a", "assistant", "2"))
    deep = conversation(
        *(node(f"n{n}", f"n{n - 1}" if n else "root", "assistant", "x") for n in range(3_000))
    )
    report = Report()
    found = sessions_in(SOURCE, write(tmp_path, [circle, deep]), report)
    assert [len(one.turns) for one in found] == [0, 1]
    assert report.count == 1


async def test_importing_twice_changes_nothing_and_growth_follows(tmp_path: Path) -> None:
    path, database = write(tmp_path, [TALK]), tmp_path / "c.db"
    totals, _ = await imported(database, SOURCE.name, path)
    assert (totals.new, totals.turns) == (1, 2)
    before = everything(database)
    totals, _ = await imported(database, SOURCE.name, path)
    assert totals.same == 1
    assert everything(database) == before
    more = node("b1", "q1", "assistant", "Another", at=9.0)
    grown = {**TALK, "mapping": {**TALK["mapping"], **more}}
    totals, _ = await imported(database, SOURCE.name, write(tmp_path, [grown]))
    assert (totals.grown, totals.turns) == (1, 1)


OTHER = {**TALK, "conversation_id": "other"}


@settings(HOSTILE, max_examples=80)
@given(value=changed(TALK))
def test_no_change_raises_or_costs_another_conversation(tmp_path: Path, value: Any) -> None:
    found = sessions_in(SOURCE, write(tmp_path, [value, OTHER]))
    assert found[-1].session.id == "other"
    assert found[-1].asked == ["What is a roux?", "How much of each?"]


@settings(HOSTILE, max_examples=40)
@given(data=st.data())
def test_a_damaged_archive_is_named(tmp_path: Path, data: st.DataObject) -> None:
    archive = zipped(tmp_path / "export.zip", {"conversations.json": [TALK, OTHER]})
    archive.write_bytes(data.draw(damaged(archive.read_bytes())))
    report = Report()
    found = sessions_in(SOURCE, archive, report)
    assert report.count or [one.session.id for one in found] == ["c1", "other"]


@settings(HOSTILE, max_examples=15)
@given(data=damaged(json.dumps([TALK, OTHER]).encode()))
async def test_damaged_files_are_stored_as_far_as_they_go(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "conversations.json").write_bytes(data)
    (tmp_path / "c.db").unlink(missing_ok=True)
    await imported(tmp_path / "c.db", SOURCE.name, tmp_path / "conversations.json")
