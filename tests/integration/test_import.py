"""`convo import` as a user runs it, to its end or not."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from convo.importing.pairing import NO_OUTPUT
from tests.integration.test_disk import MAY_MOUNT, shell
from tests.program import EXECUTABLE, PATIENCE, Program
from tests.server import OpenAIServer

MANY = 4_000


@pytest.fixture
def convo(tmp_path: Path) -> Program:
    return Program(tmp_path)


def conversation(number: int) -> dict[str, object]:
    said = ("user", "assistant", "user", "assistant")
    return {"messages": [{"role": role, "content": f"{role} {number}"} for role in said]}


def written(path: Path, conversations: Iterator[object]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in conversations))
    return path


def sessions(convo: Program) -> dict[str, int]:
    """The sessions that can be seen by another process, with the number of their items."""
    if not convo.db.exists():
        return {}
    with closing(sqlite3.connect(f"file:{convo.db}?mode=ro", uri=True, timeout=60)) as file:
        try:
            return dict(
                file.execute(
                    "SELECT s.session_id, (SELECT count(*) FROM message_structure AS m"
                    " WHERE m.session_id = s.session_id) FROM agent_sessions AS s"
                )
            )
        except sqlite3.OperationalError:
            return {}


def ended_by(convo: Program, path: Path, number: signal.Signals) -> tuple[int, str]:
    """Begin an import, and send a signal as soon as it has stored something."""
    command = [EXECUTABLE, "import", "openai-jsonl", path]
    with subprocess.Popen(command, env=convo.environ({}), stderr=subprocess.PIPE) as process:
        end = time.monotonic() + PATIENCE
        while not sessions(convo) and process.poll() is None and time.monotonic() < end:
            time.sleep(0.005)
        process.send_signal(number)
        _, error = process.communicate(timeout=PATIENCE)
    return process.returncode, error.decode()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_what_an_ended_import_leaves_is_whole(
    convo: Program, tmp_path: Path, number: signal.Signals
) -> None:
    path = written(tmp_path / "many.jsonl", (conversation(one) for one in range(MANY)))
    code, error = ended_by(convo, path, number)
    found = sessions(convo)
    assert 0 < len(found) < MANY
    assert set(found.values()) == {4}
    if number == signal.SIGINT:
        assert code == 130
        assert f"imported {len(found):,} sessions from openai-jsonl" in error
        assert "what is imported is kept" in error
    assert convo("db", "check").code == 0
    done = json.loads(convo("import", "openai-jsonl", path, "--json").out)
    assert (done["known"], done["new"]) == (len(found), MANY - len(found))
    assert len(sessions(convo)) == MANY


@pytest.mark.skipif(not MAY_MOUNT, reason="only root may mount a file system, which is filled")
def test_what_a_full_disk_has_taken_is_said_and_kept(convo: Program, tmp_path: Path) -> None:
    long = {"role": "assistant", "content": "x" * 200_000}
    path = written(
        tmp_path / "many.jsonl",
        ({"messages": [{"role": "user", "content": f"{n}"}, long]} for n in range(60)),
    )
    disk = tmp_path / "disk"
    disk.mkdir()
    shell("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(disk))
    try:
        db = f"{disk}/c.db"
        ended = convo("--db", db, "import", "openai-jsonl", str(path))
        said = re.match(r"imported (\d+) sessions .*\nconvo: no space is left", ended.err)
        assert said, ended.err
        assert ended.code == 6
        kept = convo("--db", db, "session", "list", "--format", "jsonl").out
        assert 0 < len(kept.splitlines()) == int(said[1]) < 60
    finally:
        shell("umount", "--lazy", str(disk))


def test_what_was_taken_and_left_out_is_said(convo: Program, tmp_path: Path) -> None:
    path = written(tmp_path / "few.jsonl", iter([conversation(1), 3, conversation(2)]))
    first, dry, again, as_json, rows = convo.each(
        f"import openai-jsonl {path} --as evals",
        f"import openai-jsonl {path} --dry-run",
        f"import openai-jsonl {path}",
        f"import openai-jsonl {path} --json",
        f"import openai-jsonl {path} --format csv",
    )
    left_out = f"left out {path}:2: it has no list of messages\n"
    assert (first.code, first.out) == (0, "")
    assert first.err == (f"{left_out}imported 2 sessions from openai-jsonl, 4 turns in all\n")
    assert dry.err.startswith(f"{left_out}would import 0 sessions")
    assert again.err.endswith("0 turns in all; 2 known already\n")
    assert json.loads(as_json.out)["places"] == [
        {"path": str(path), "line": 2, "why": "it has no list of messages"}
    ]
    assert rows.out.splitlines()[1] == "openai-jsonl,0,0,0,2,0,0,0,1"
    assert set(sessions(convo)) == {"evals-user-1", "evals-user-2"}


def test_conversations_come_from_stdin_too(convo: Program) -> None:
    line = json.dumps(conversation(1))
    assert "imported 1 session" in convo("import", "openai-jsonl", "-", stdin=line).err


def test_sessions_know_where_they_come_from(convo: Program, tmp_path: Path) -> None:
    path = written(tmp_path / "few.jsonl", iter([conversation(7)]))
    convo.each(f"import openai-jsonl {path}", "chat -s own 'user 7'")
    listed, found, nothing, unknown = convo.each(
        "session list --from openai-jsonl --format jsonl",
        "search --from openai-jsonl 'user 7' --format jsonl",
        "search --from codex 'user 7'",
        "session list --from opneai-jsonl",
    )
    assert json.loads(listed.out)["session"] == "user-7"
    assert {json.loads(line)["session"] for line in found.out.splitlines()} == {"user-7"}
    assert nothing.error(3) == "nothing in any session from codex says 'user 7'"
    assert unknown.error(2).startswith(
        "there is no source 'opneai-jsonl' (did you mean 'openai-jsonl'?)"
    )


def test_an_import_that_cannot_begin_says_why(convo: Program, tmp_path: Path) -> None:
    no_source, unknown, no_file, no_name, not_found, no_time = convo.each(
        "import",
        "import whatsapp x",
        "import openai-jsonl none.jsonl",
        f"import openai-jsonl {'n' * 300}",
        "import openai-jsonl",
        "import codex --since tomorrow",
    )
    assert no_source.error(2).startswith("import needs a source; say ")
    assert unknown.error(2).startswith("there is no source 'whatsapp'; say ")
    assert no_file.error(3) == "there is no file or folder 'none.jsonl'"
    assert no_name.error(2).endswith("cannot be read: File name too long")
    assert "no conversations of openai-jsonl were found" in not_found.error(3)
    assert no_time.code == 2
    assert not convo.db.exists()
    begun, itself = convo.each("chat -s own hello", f"import agents-sdk {convo.db}")
    assert begun.code == 0
    assert itself.error(2).startswith(f"{convo.db} is the database itself; name another one")


def test_the_sources_of_this_machine_are_listed(convo: Program, tmp_path: Path) -> None:
    folder = tmp_path / ".codex" / "sessions"
    folder.mkdir(parents=True)
    (result,) = convo.each("import --list --json")
    assert [row["source"] for row in json.loads(result.out)] == ["codex"]
    assert not convo.db.exists()


def test_a_terminal_shows_how_far_it_is(convo: Program, tmp_path: Path) -> None:
    path = written(tmp_path / "many.jsonl", (conversation(one) for one in range(1_000)))
    shown = convo.at_terminal("import", "openai-jsonl", str(path))
    shown.expect("imported 1,000 sessions from openai-jsonl, 2,000 turns in all")
    shown.expect_exact("\r\n")


@pytest.fixture
def model() -> Iterator[OpenAIServer]:
    server = OpenAIServer()
    yield server
    server.close()


TALK = {
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Weather?"},
        {
            "role": "assistant",
            "content": None,
            "reasoning_content": "I look.",
            "tool_calls": [
                {"id": "c1", "function": {"name": "look up!", "arguments": '{"at": "Oslo"}'}},
                {"id": "lost", "function": {"name": "look", "arguments": "no JSON"}},
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "rain"},
        {"role": "tool", "tool_call_id": "unknown", "content": "sun"},
        {"role": "assistant", "content": "Rain."},
    ]
}


@pytest.mark.parametrize("api", ["chat", "responses"])
def test_an_imported_session_goes_on_with_the_configured_model(
    convo: Program, model: OpenAIServer, tmp_path: Path, api: str
) -> None:
    path = written(tmp_path / "few.jsonl", iter([TALK]))
    assert convo("import", "openai-jsonl", path).code == 0
    asked = convo(
        *("chat", "-s", "weather", "-m", "test-model", "--api", api, "And now?"), env=model.environ
    )
    assert (asked.code, model.refused) == (0, []), asked
    (request,) = model.requests
    sent = json.dumps(request.body)
    for said in ("Weather?", "look_up_", "Oslo", "rain", NO_OUTPUT, "sun", "Rain.", "And now?"):
        assert said in sent
    assert request.body["model"] == "test-model"
    shown = convo("turns", "-s", "weather", "--format", "jsonl").out.splitlines()
    assert [json.loads(line)["text"] for line in shown] == ["Weather?", "And now?"]
