"""`convo replay`, as the installed program runs it against a server."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from typing import Any

import pytest

from tests.cli.trials.conftest import Models, by_name
from tests.program import EXECUTABLE, PATIENCE, Program, ended
from tests.server import Answer, Fault, OpenAIServer
from tests.server.received import Request
from tests.server.steps import Reply


def answers(program: Program, branch: str) -> list[str]:
    rows = json.loads(program("show", "1..", "-b", branch, "--json").out)
    return [item["text"] for row in rows for item in row["items"] if item["kind"] == "assistant"]


def branches(program: Program) -> dict[str, int]:
    rows = json.loads(program("branches", "--json").out)
    return {row["branch"]: row["turns"] for row in rows}


def begun(program: Program, *args: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [EXECUTABLE, *args],
        env=program.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_models_side_by_side(talk: Program, server: OpenAIServer) -> None:
    done = talk("replay", "-m", "a", "-m", "org/b", "--yes", "--json")
    assert done.code == 0, done.err
    first, second = json.loads(done.out)
    assert (first["branch"], first["turns"], first["wanted"]) == ("replay-a", 3, 3)
    assert (first["state"], first["total_tokens"], first["cost"]) == ("done", 45, None)
    assert second["branch"] == "replay-org-b"
    assert answers(talk, "replay-org-b") == [f"org/b about {w}" for w in ("one", "two", "three")]
    assert answers(talk, "main") == [f"old about {word}" for word in ("one", "two", "three")]
    assert server.refused == []
    # The user stays on main, with the model that it had.
    status = json.loads(talk("status", "--json").out)
    assert (status["branch"], status["model"]) == ("main", "old")
    assert "6 requests (a 3, org/b 3), about 90 tokens; the cost is not known" in done.err
    assert talk("db", "check", "-q").code == 0


def test_nothing_is_asked_without_a_yes(talk: Program, server: OpenAIServer) -> None:
    said = talk("replay", "-m", "a", "-m", "b").error(2)
    assert said.startswith("this needs a yes: 6 requests (a 3, b 3)")
    assert said.endswith("; --yes goes ahead")
    assert (server.requests, branches(talk)) == ([], {"main": 3})
    # Three are few.
    assert talk("replay", "-m", "a").code == 0
    child = talk.at_terminal("replay", "-m", "a", "-m", "b")
    child.expect("about 90 tokens; the cost is not known\\s+Go ahead\\? \\[y/N\\] ")
    child.send("n\r")
    child.expect("convo: nothing was asked")
    assert ended(child) == 130
    assert branches(talk) == {"main": 3, "replay-a": 3}


def test_a_model_that_fails_stops_no_other(
    talk: Program, models: Models, server: OpenAIServer
) -> None:
    def answer(request: Request) -> Reply:
        if request.model == "b" and request.user_texts[-1] == "two":
            return Fault.status(400)
        return Fault.status(404) if request.model == "none" else by_name(request)

    models.answer = answer
    done = talk("replay", "-m", "a", "-m", "b", "-m", "none", "--yes", "--json")
    assert done.code == 5
    rows: list[dict[str, Any]] = json.loads(done.out)
    assert [(row["branch"], row["turns"], row["state"]) for row in rows] == [
        ("replay-a", 3, "done"),
        ("replay-b", 1, "failed"),
        (None, 0, "failed"),
    ]
    assert "not valid" in rows[1]["error"]
    assert "convo: 2 of 3 did not answer every prompt; the same command with --resume" in done.err
    # Nothing waits: the replay itself asks again.
    assert json.loads(talk("show", "--waiting", "--json").out) == []
    assert branches(talk) == {"main": 3, "replay-a": 3, "replay-b": 1}
    models.answer = by_name
    server.requests.clear()
    again = talk("replay", "-m", "a", "-m", "b", "--yes", "--resume", "--json")
    assert again.code == 0, again.err
    assert [row["turns"] for row in json.loads(again.out)] == [3, 3]
    assert [request.user_texts[-1] for request in server.requests] == ["two", "three"]
    assert answers(talk, "replay-b") == ["b about one", "b about two", "b about three"]


def test_a_server_that_limits_the_rate_is_left_alone(
    talk: Program, models: Models, server: OpenAIServer
) -> None:
    server.script(*Fault.rate_limited(0.05, times=6))
    done = talk("replay", "-m", "a", "-m", "b", "--yes", "--json")
    assert done.code == 0, done.err
    assert [row["turns"] for row in json.loads(done.out)] == [3, 3]
    assert "the server limits the rate of requests" in done.err
    assert len(server.requests) == 12


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_what_is_whole_is_kept(
    talk: Program, models: Models, server: OpenAIServer, number: signal.Signals
) -> None:
    stalled = threading.Event()

    def answer(request: Request) -> Reply:
        if request.user_texts[-1] == "three":
            stalled.set()
            return Fault.stall("Half")
        return by_name(request)

    models.answer = answer
    process = begun(talk, "replay", "-m", "a", "-m", "b", "--yes", "--json")
    server.wait_for_requests(6)
    assert stalled.wait(PATIENCE)
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    if number is signal.SIGINT:
        assert process.returncode == 130
        assert [(row["turns"], row["state"]) for row in json.loads(out)] == [(2, "stopped")] * 2
        assert err.endswith("convo: interrupted; the same command with --resume goes on\n")
    assert branches(talk) == {"main": 3, "replay-a": 2, "replay-b": 2}
    assert talk("db", "check", "-q").code == 0
    models.answer = by_name
    again = talk("replay", "-m", "a", "-m", "b", "--resume", "--json")
    assert again.code == 0, again.err
    assert branches(talk) == {"main": 3, "replay-a": 3, "replay-b": 3}
    # The prompts that were stopped wait no longer.
    assert json.loads(talk("show", "--waiting", "--json").out) == []


def test_a_schema_and_an_attachment(talk: Program, models: Models, server: OpenAIServer) -> None:
    (talk.home / "note.txt").write_text("Oslo")
    server.script(Answer('{"city": "Oslo"}'))
    asked = ["chat", "-m", "old", "--schema", "city", "--attach", "note.txt", "Where?"]
    assert talk(*asked, cwd=talk.home).code == 0
    server.requests.clear()
    models.answer = lambda request: Answer('{"city": "Rome"}')
    assert talk("replay", "-m", "a", "--from", "-1").code == 0
    (request,) = server.requests
    assert "city" in json.dumps(request.body["response_format"])
    assert '<file name=\\"note.txt\\">\\nOslo' in json.dumps(request.body["messages"][-1])
    models.answer = by_name
    done = talk("replay", "-m", "b", "--from", "-1", "--json")
    (row,) = json.loads(done.out)
    assert (done.code, row["state"]) == (5, "failed")
    assert "does not fit" in row["error"]


def test_a_server_that_only_the_database_names_is_sent_nothing(
    talk: Program, server: OpenAIServer
) -> None:
    home = talk.home / "other"
    home.mkdir()
    elsewhere = {"HOME": str(home), "OPENAI_BASE_URL": None}
    for command in (["replay", "-m", "a", "--yes"], ["ask", "-m", "a", "--no-stdin", "Why?"]):
        said = talk(*command, env=elsewhere).error(5)
        assert said.startswith("the database names the server http://127.0.0.1:")
    assert (server.requests, branches(talk)) == ([], {"main": 3})


def test_wrong_uses(talk: Program) -> None:
    results = talk.each(
        "replay -m a --from 9",
        "replay nobody -m a",
        "replay -m a -n 0",
        "replay -m a --jobs 0",
        "replay -m a --tools some",
    )
    assert [one.error(code) for one, code in zip(results, [3, 3, 2, 2, 2], strict=True)] == [
        "no turn 9 on branch 'main': it has turns 1-3",
        "no branch 'nobody' in session 'one'; there is 'main'",
        "--repeat is at least 1, not 0",
        "--jobs is at least 1, not 0",
        "invalid value for '--tools': 'some' is not one of run, recorded, refuse; "
        "see `convo replay --help`",
    ]
