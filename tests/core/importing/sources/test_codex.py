"""Rollout files of Codex, as its versions wrote them from items alone to lines with ordinals."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from convo.importing.source import Places, Report
from convo.importing.sources.codex import SOURCE
from tests.core.importing.hostile import changed, damaged, everything, imported
from tests.core.importing.reading_sources import HOSTILE, Given, sessions_in, write_lines

A, B, C = (f"0000000{n}-0000-4000-8000-000000000000" for n in (1, 2, 3))


def line(kind: str, **payload: Any) -> dict[str, Any]:
    return {"timestamp": "2026-02-23T11:41:32.239Z", "type": kind, "payload": payload}


def meta(thread: str, **more: Any) -> dict[str, Any]:
    return line(
        "session_meta", id=thread, cwd="/work/app", timestamp="2026-02-23T11:40:00Z", **more
    )


def item(kind: str, **more: Any) -> dict[str, Any]:
    return line("response_item", type=kind, **more)


def said(role: str, text: str) -> dict[str, Any]:
    kind = "output_text" if role == "assistant" else "input_text"
    return item("message", role=role, content=[{"type": kind, "text": text}])


def event(kind: str, **more: Any) -> dict[str, Any]:
    return line("event_msg", type=kind, **more)


def tokens(total: int, last: int | None = None) -> dict[str, Any]:
    def usage(count: int) -> dict[str, int]:
        return {
            "input_tokens": count,
            "cached_input_tokens": count // 2,
            "output_tokens": 10,
            "reasoning_output_tokens": 5,
            "total_tokens": count + 10,
        }

    info = {"total_token_usage": usage(total)}
    if last is not None:
        info["last_token_usage"] = usage(last)
    return event("token_count", info=info)


def turn(question: str, answer: str, name: str | None = None) -> list[dict[str, Any]]:
    return [
        event("task_started", turn_id=name),
        said("user", question),
        event("user_message", message=question, local_images=[]),
        line("turn_context", model="gpt-5.3-codex", turn_id=name),
        event("agent_message", message=answer),
        said("assistant", answer),
        event("task_complete", turn_id=name),
    ]


def write(folder: Path, thread: str, lines: list[Any], day: int = 1) -> Path:
    return write_lines(folder / f"rollout-2026-02-0{day}T10-00-00-{thread}.jsonl", lines)


def ordered(lines: list[dict[str, Any]], first: int = 0) -> list[dict[str, Any]]:
    return [{**one, "ordinal": first + number} for number, one in enumerate(lines)]


def kinds(found: Given) -> list[list[str]]:
    return [[item.get("role") or item["type"] for item in turn.items] for turn in found.turns]


def test_a_turn_with_its_tools_reasoning_and_context(tmp_path: Path) -> None:
    secret = {"encrypted_content": "only for its server"}
    patch = {"call_id": "c2", "name": "apply_patch"}
    lines = [
        meta(A),
        said("developer", "<permissions instructions>no</permissions instructions>"),
        said("user", "# AGENTS.md instructions for /work/app\nBe brief"),
        said("user", "<environment_context>linux</environment_context>"),
        event("task_started", turn_id="t1"),
        said("user", "What is here?"),
        event("user_message", message="What is here?", local_images=[]),
        line("turn_context", model="gpt-5.3-codex", turn_id="t1"),
        event("agent_reasoning", text="Look."),
        item("reasoning", summary=[{"type": "summary_text", "text": "Look."}], **secret),
        item("reasoning", summary=[], **secret),
        item("function_call", name="exec_command", arguments='{"cmd":"ls"}', call_id="c1"),
        item("function_call_output", call_id="c1", output="a.txt"),
        item("custom_tool_call", input="*** Begin Patch", **patch),
        item("custom_tool_call_output", output=[{"type": "output_text", "text": "Done"}], **patch),
        item("web_search_call", status="completed", action={"type": "search", "query": "x"}),
        event("agent_message", message="One file."),
        said("assistant", "One file."),
    ]
    [found] = sessions_in(SOURCE, write(tmp_path, A, lines))
    assert (found.session.id, found.session.project) == (A, "/work/app")
    assert found.asked == ["What is here?"]
    assert found.turns[0].id == "t1"
    assert found.turns[0].model == "gpt-5.3-codex"
    assert kinds(found) == [
        [
            *("user", "system", "system", "reasoning", "function_call", "function_call_output"),
            *("custom_tool_call", "custom_tool_call_output", "web_search_call", "assistant"),
        ]
    ]
    assert found.turns[0].items[7]["output"] == "Done"
    assert "only for its server" not in json.dumps(found.turns[0].items)


def test_an_event_of_the_newer_form_tells_a_question_from_what_stands_in_its_place(
    tmp_path: Path,
) -> None:
    asked = {"type": "UserMessage", "content": [{"type": "text", "text": "<a>why</a>"}]}
    lines = [
        meta(A, history_mode="paginated"),
        said("user", "<environment_context>linux</environment_context>"),
        said("user", "<a>why</a>"),
        event("item_completed", item=asked),
        event("item_completed", item={"type": "AgentMessage", "content": []}),
        said("assistant", "Because"),
    ]
    [found] = sessions_in(SOURCE, write(tmp_path, A, ordered(lines)))
    assert found.asked == ["<a>why</a>"]
    assert kinds(found) == [["user", "system", "assistant"]]


def test_usage_is_counted_once_a_request(tmp_path: Path) -> None:
    counts = [event("token_count", info=None), tokens(100, 100), tokens(100, 100), tokens(250, 150)]
    # Old versions had only totals.
    lines = [meta(A), *turn("Hi", "Hello"), *counts, tokens(300)]
    [turn_] = sessions_in(SOURCE, write(tmp_path, A, lines))[0].turns
    used = [(run.input_tokens, run.cached_tokens, run.reasoning_tokens) for run in turn_.runs]
    assert used == [(100, 50, 5), (150, 75, 5), (50, 25, 0)]
    assert turn_.runs[0].model == "gpt-5.3-codex"


def test_records_of_usage_are_taken_instead_of_events(tmp_path: Path) -> None:
    usage = {"input_tokens": 70, "cache_write_input_tokens": 20, "output_tokens": 5}
    record = line("token_usage_record", response_id="r1", usage=usage)
    lines = [meta(A), *turn("Hi", "Hello"), record, tokens(70, 70)]
    [[run]] = [turn.runs for turn in sessions_in(SOURCE, write(tmp_path, A, lines))[0].turns]
    assert (run.input_tokens, run.cache_write_tokens, run.output_tokens) == (70, 20, 5)


def test_the_event_of_a_question_may_come_before_its_message(tmp_path: Path) -> None:
    lines = [
        meta(A),
        event("user_message", message="Hi", local_images=["/tmp/a.png"]),
        item(
            "message",
            role="user",
            content=[
                {"type": "input_text", "text": "<image name=[Image #1]>"},
                {"type": "input_image", "image_url": "data:image/png;base64,AAAA"},
                {"type": "input_text", "text": "</image>"},
                {"type": "input_text", "text": "Hi"},
            ],
        ),
        event("agent_message", message="Only an event says this"),
    ]
    [found] = sessions_in(SOURCE, write(tmp_path, A, lines))
    [content] = found.asked
    assert [part["text"] for part in content] == ["[image]", "Hi"]
    assert found.turns[0].items[1]["content"][0]["text"] == "Only an event says this"


def test_a_question_in_the_middle_of_a_turn_begins_another(tmp_path: Path) -> None:
    lines = [meta(A), *turn("One", "1", "t1")[:-1]]
    lines += [said("user", "Two"), event("user_message", message="Two"), said("assistant", "2")]
    found = sessions_in(SOURCE, write(tmp_path, A, lines))[0]
    assert found.parents == {"t1": None, f"{A}/1": "t1"}


def test_turns_that_were_undone_are_a_branch(tmp_path: Path) -> None:
    undone = event("thread_rolled_back", num_turns=2)
    lines = [meta(A), *turn("1", "a", "t1"), *turn("2", "b", "t2"), *turn("3", "c", "t3"), undone]
    found = sessions_in(SOURCE, write(tmp_path, A, [*lines, *turn("4", "d", "t4")]))[0]
    assert found.parents == {"t1": None, "t2": "t1", "t3": "t2", "t4": "t1"}


def test_a_fork_that_holds_a_copy_is_a_branch_of_the_session(tmp_path: Path) -> None:
    first, second = turn("1", "a"), turn("2", "b")
    write(tmp_path, A, [meta(A), *first, *second, tokens(5, 5)])
    # Versions without the field have copied the first line of the other thread too.
    write(tmp_path, B, [meta(B, forked_from_id=A), *first, *turn("3", "c")], day=2)
    write(tmp_path, C, [meta(C), meta(A), *first, *second, tokens(5, 5), *turn("4", "d")], day=3)
    [found] = sessions_in(SOURCE, tmp_path)
    assert found.session.id == A
    assert found.parents == {
        f"{A}/0": None,
        f"{A}/1": f"{A}/0",
        f"{B}/1": f"{A}/0",
        f"{C}/2": f"{A}/1",
    }


def test_a_fork_that_refers_to_another_file_leaves_it_at_a_line(tmp_path: Path) -> None:
    lines = [meta(A, history_mode="paginated"), *turn("1", "a", "t1"), *turn("2", "b", "t2")]
    write(tmp_path, A, ordered(lines))
    shared = {"thread_id": A, "end_ordinal_exclusive": 8, "end_byte_offset": 99}
    fork = [meta(B, forked_from_id=A, history_base=shared), *turn("3", "c", "t3")]
    write(tmp_path, B, ordered(fork, 8), day=2)
    # What was undone is in the file before; the new one has the same thread and a name of its own.
    again = {**shared, "thread_id": B, "end_ordinal_exclusive": 9}
    undone = [meta(B, history_base=again), *turn("4", "d", "t4")]
    write(tmp_path, f"{B}_{C}", ordered(undone, 9), day=3)
    [found] = sessions_in(SOURCE, tmp_path)
    assert found.session.id == A
    assert found.parents == {"t1": None, "t2": "t1", "t3": "t1", "t4": "t1"}


def test_the_line_of_the_first_thread_comes_last_as_the_main_one(tmp_path: Path) -> None:
    write(tmp_path, A, ordered([meta(A), *turn("1", "a", "t1"), *turn("2", "b", "t2")]))
    shared = {"thread_id": A, "end_ordinal_exclusive": 8}
    write(tmp_path, B, ordered([meta(B, history_base=shared), *turn("3", "c", "t3")], 8), day=2)
    [found] = sessions_in(SOURCE, tmp_path)
    assert [turn.id for turn in found.turns] == ["t1", "t3", "t2"]
    later = {"thread_id": A, "end_ordinal_exclusive": 15}
    write(tmp_path, C, ordered([meta(C, history_base=later), *turn("4", "d", "t4")], 15), day=3)
    assert [turn.id for turn in sessions_in(SOURCE, tmp_path)[0].turns] == ["t1", "t3", "t2", "t4"]


def test_a_fork_without_its_origin_is_read_for_itself(tmp_path: Path) -> None:
    path = write(tmp_path, B, [meta(B, forked_from_id=A), *turn("1", "a", "t1")])
    [found] = sessions_in(SOURCE, path)
    assert (found.session.id, found.parents) == (A, {"t1": None})


def test_sub_agents_are_sessions_without_what_they_copied(tmp_path: Path) -> None:
    source = {"subagent": {"thread_spawn": {"parent_thread_id": A, "agent_nickname": "Nick"}}}
    copied = turn("1", "a", "t1")
    write(tmp_path, A, [meta(A), *copied])
    own = turn("Find it", "Found", "t2")
    numbered = [meta(B, source=source, subagent_history_start_ordinal=9), meta(A), *copied, *own]
    write(tmp_path, B, ordered(numbered), day=2)
    write(tmp_path, C, [meta(C, source=source), meta(A), *copied, *turn("3", "c", "t3")], day=3)
    main, second, third = sessions_in(SOURCE, tmp_path)
    assert main.asked == ["1"]
    assert (second.session.name, second.session.parent) == ("Nick", A)
    assert second.asked == ["Find it"]
    assert third.parents == {"t3": None}


def test_the_first_versions_wrote_items_as_such(tmp_path: Path) -> None:
    lines = [
        {"id": A, "timestamp": "2025-06-01T10:00:00Z", "instructions": None},
        {"record_type": "state"},
        said("user", "<environment_context>\nlinux\n</environment_context>")["payload"],
        said("user", "Hi")["payload"],
        said("assistant", "Hello")["payload"],
    ]
    [found] = sessions_in(SOURCE, write(tmp_path, A, lines))
    assert found.session.id == A
    assert found.asked == ["Hi"]
    assert kinds(found) == [["user", "system", "assistant"]]


def test_a_summary_is_kept_in_the_turn_that_it_was_made_in(tmp_path: Path) -> None:
    compacted = line("compacted", message="So far: 1", replacement_history=[])
    output = {**said("assistant", "1"), "metadata": {"compaction_output": True}}
    lines = [meta(A), *turn("1", "a", "t1"), output, compacted, said("assistant", "Going on")]
    [found] = sessions_in(SOURCE, write(tmp_path, A, lines))
    assert found.turns[0].items[2] == {"role": "system", "content": "So far: 1"}
    assert len(found.turns[0].items) == 4


def test_threads_are_found_in_the_folder_of_codex_with_their_names(tmp_path: Path) -> None:
    home = tmp_path / ".codex"
    write(home / "sessions" / "2026" / "02" / "01", A, [meta(A), *turn("1", "a")])
    write(home / "archived_sessions", B, [meta(B), *turn("2", "b")])
    write_lines(home / "session_index.jsonl", [{"id": A, "thread_name": "Mine"}, "no JSON"])
    write_lines(home / "history.jsonl", [{"session_id": A, "text": "1"}])
    places = Places(tmp_path, {}, "linux")
    assert list(SOURCE.find(places)) == [home]
    assert list(SOURCE.find(Places(tmp_path, {"CODEX_HOME": "/nowhere"}, "linux"))) == []
    found = sessions_in(SOURCE, home)
    assert [(one.session.name, one.asked) for one in found] == [("Mine", ["1"]), (None, ["2"])]


def test_a_compressed_file_is_read_or_named(tmp_path: Path) -> None:
    packed = tmp_path / f"rollout-2026-02-01T10-00-00-{A}.jsonl.zst"
    packed.write_bytes(b"no Zstandard")
    report = Report()
    assert not sessions_in(SOURCE, tmp_path, report)[0].turns
    assert report.count == 1
    # The plain file is the newer one of the two.
    write(tmp_path, A, [meta(A), *turn("1", "a")])
    assert [one.asked for one in sessions_in(SOURCE, tmp_path)] == [["1"]]


def test_a_compressed_file_is_unpacked(tmp_path: Path) -> None:
    zstd = pytest.importorskip("compression.zstd", reason="this Python has no Zstandard")
    plain = write(tmp_path, A, [meta(A), *turn("1", "a")])
    plain.with_suffix(".jsonl.zst").write_bytes(zstd.compress(plain.read_bytes()))
    plain.unlink()
    assert sessions_in(SOURCE, tmp_path)[0].asked == ["1"]


def test_circles_of_forks_end(tmp_path: Path) -> None:
    write(tmp_path, A, [meta(A, forked_from_id=B), *turn("1", "a")])
    write(tmp_path, B, [meta(B, forked_from_id=A), *turn("2", "b")])
    write(tmp_path, C, [meta(C, parent_thread_id=C), *turn("3", "c")])
    asked = [question for found in sessions_in(SOURCE, tmp_path) for question in found.asked]
    assert sorted(asked) == ["1", "2", "3"]


async def test_importing_twice_changes_nothing_and_growth_follows(tmp_path: Path) -> None:
    lines, database = [meta(A), *turn("1", "a", "t1")], tmp_path / "c.db"
    path = write(tmp_path, A, lines)
    totals, _ = await imported(database, SOURCE.name, path)
    assert (totals.new, totals.turns) == (1, 1)
    before = everything(database)
    totals, _ = await imported(database, SOURCE.name, path)
    assert totals.same == 1
    assert everything(database) == before
    write(tmp_path, A, [*lines, *turn("2", "b", "t2")])
    totals, _ = await imported(database, SOURCE.name, path)
    assert (totals.grown, totals.turns) == (1, 1)


THREAD = [meta(A), *turn("1", "a", "t1"), tokens(5, 5), *turn("2", "b", "t2")]


@settings(HOSTILE, max_examples=60)
@given(lines=changed(THREAD))
def test_no_change_raises_or_costs_another_session(tmp_path: Path, lines: Any) -> None:
    write(tmp_path / "s", A, lines if isinstance(lines, list) else [lines])
    write(tmp_path / "s", C, [meta(C), *turn("Still here", "yes")], day=2)
    questions = [question for one in sessions_in(SOURCE, tmp_path / "s") for question in one.asked]
    assert "Still here" in questions


@settings(HOSTILE, max_examples=15)
@given(data=damaged("".join(f"{json.dumps(one)}\n" for one in THREAD).encode()))
async def test_damaged_files_are_stored_as_far_as_they_go(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / f"rollout-2026-02-01T10-00-00-{A}.jsonl"
    path.write_bytes(data)
    (tmp_path / "c.db").unlink(missing_ok=True)
    await imported(tmp_path / "c.db", SOURCE.name, path)
