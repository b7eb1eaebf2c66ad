"""`convo retry` and `chat --turn`: turns that failed, and others, asked again."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from convo import ConversationStore
from convo_cli.render.waiting import WAITING_KEYS
from tests.cli.commands.test_chat import killed_at_the_end, questions
from tests.cli.stored import run
from tests.program import PATIENCE, Program
from tests.server import Answer, Fault, OpenAIServer


@pytest.fixture
def served(convo: Program, openai_server: OpenAIServer) -> Program:
    """The program after two turns, whose model is on the test server."""
    asyncio.run(talk(convo.db))
    convo.env.update(openai_server.environ, CONVO_MODEL="test-model")
    return convo


async def talk(path: Path) -> None:
    async with ConversationStore(path, create=True) as store:
        await store.start_session("talk")
        for text in ("One?", "Two?"):
            items = [{"role": "user", "content": text}, {"role": "assistant", "content": "Yes."}]
            await store.record_turn("talk", "main", items, run(50, model="test-model"))


def held(convo: Program, columns: str = "state, answer, turn") -> list[Any]:
    connection = sqlite3.connect(convo.db)
    try:
        return connection.execute(f"SELECT {columns} FROM convo_held_turns ORDER BY id").fetchall()
    finally:
        connection.close()


def current(convo: Program) -> str:
    branches = json.loads(convo("branches", "--json").out)
    return str(next(row["branch"] for row in branches if row["current"]))


def test_a_turn_that_failed_is_asked_again_where_it_was(
    served: Program, openai_server: OpenAIServer
) -> None:
    openai_server.script(Fault.cut_after("Half of an"), Answer("Whole."))
    failed = served("chat", "Museums?")
    assert (failed.code, failed.out) == (5, "Half of an\n")
    assert failed.err.endswith("complete; kept for `convo retry`\n")
    assert held(served) == [("failed", "Half of an", 3)]
    assert questions(served)[-1] == "Two?"
    again = served("retry")
    assert (again.code, again.out, again.err) == (0, "Whole.\n", "asking again: 'Museums?'\n")
    assert openai_server.requests[0].user_texts == openai_server.requests[1].user_texts
    assert questions(served)[-1] == "Museums?"
    assert held(served) == []
    assert current(served) == "main"


def test_of_another_model(served: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(Fault.status(401))
    assert served("chat", "-m", "bad-model", "-i", "Be brief.", "Museums?").code == 5
    openai_server.script(Fault.status(401))
    assert served("retry", env={"CONVO_MODEL": "other-model"}).code == 5
    assert served("retry", "-m", "good-model").code == 0
    asked = [request.body for request in openai_server.requests]
    assert [body["model"] for body in asked[-3:]] == ["bad-model", "other-model", "good-model"]
    assert all("Be brief." in json.dumps(body) for body in asked)
    assert held(served) == []


def test_the_environment_is_obeyed(served: Program, openai_server: OpenAIServer) -> None:
    dead = {"OPENAI_BASE_URL": "http://127.0.0.1:1/v1", "CONVO_MODEL": "first"}
    assert served("chat", "Museums?", env=dead).code == 5
    # Without a model in the environment, it is the one that the prompt was asked of.
    assert served("retry", env={"CONVO_MODEL": None}).code == 0
    assert openai_server.requests[-1].body["model"] == "first"


def test_a_turn_whose_process_was_killed(served: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(Fault.stall("It was a dark "))
    with killed_at_the_end(served, "chat", "A story?", env={}) as process:
        assert process.stdout is not None
        assert process.stdout.read(13) == b"It was a dark"
        busy = served("retry").error(4)
        assert busy == (
            f"turn 3 is still being answered by process {process.pid}; "
            "wait for its end, or end that process"
        )
        wait_for_answer(served, "It was a dark ")
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=PATIENCE)
    said = served("turns").err
    assert said == (
        "1 prompt waits: turn 3, 'A story?', was interrupted after 14 characters of its answer; "
        "`convo retry` asks it again, `convo show --waiting` shows it\n"
    )
    (shown,) = json.loads(served("show", "--waiting", "--json").out)
    assert (shown["turn"], [item["text"] for item in shown["items"]]) == (
        3,
        ["A story?", "It was a dark "],
    )
    assert served("retry").out.endswith("to: A story?\n")
    assert questions(served)[-1] == "A story?"
    assert served("turns").err == ""


def test_nothing_waits(paris: Program) -> None:
    assert paris("show", "--waiting").err == "no prompt waits to be asked again\n"
    assert paris("show", "--waiting", "--json").out == "[]\n"
    assert paris("show", "1", "--waiting").error(3) == (
        "no prompt 1 waits to be asked again; none waits at all"
    )
    assert (
        paris("show", "--waiting", "x")
        .error(2)
        .startswith("'x' is not the number of a waiting prompt")
    )


def wait_for_answer(convo: Program, answer: str) -> None:
    """Wait until so much of an answer is on the disk; every look starts a process."""
    while held(convo)[-1][1] != answer:
        assert convo("turns", "--quiet").code == 0


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGHUP, signal.SIGTERM])
def test_a_turn_that_is_ended(
    served: Program, openai_server: OpenAIServer, ending: signal.Signals
) -> None:
    openai_server.script(Fault.stall("It was a dark "))
    with killed_at_the_end(served, "chat", "A story?", env={}) as process:
        assert process.stdout is not None
        assert process.stdout.read(13) == b"It was a dark"
        process.send_signal(ending)
        process.communicate(timeout=PATIENCE)
    assert "turn 3, 'A story?', was interrupted" in served("turns").err
    assert questions(served)[-1] == "Two?"
    assert served("retry").code == 0
    assert questions(served)[-1] == "A story?"


def test_the_last_turn_is_asked_again_beside_it(paris: Program) -> None:
    again = paris("retry")
    assert again.out.startswith("This is turn 2.")
    assert again.err == "asking turn 2 again: 'Any sights?'\nswitched to new branch 'retry-2'\n"
    assert current(paris) == "retry-2"
    assert questions(paris) == questions(paris, "-b", "tourism")
    assert json.loads(paris("retry", "--json").out)["branch"] == "retry-2-b"


def test_a_failed_retry_leaves_no_branch(served: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(Fault.status(401), Answer("More."))
    before = served("branches").out
    assert served("retry").code == 5
    assert served("branches").out == before
    assert served("retry").err == (
        "asking turn 2 again: 'Two?'\nswitched to new branch 'retry-2'\n"
    )
    assert held(served) == []


def test_first_turns_that_failed(convo: Program, openai_server: OpenAIServer) -> None:
    convo.env.update(openai_server.environ, CONVO_MODEL="test-model")
    openai_server.script(Fault.status(401), Fault.status(401))
    assert convo("chat", "Soup?").code == 5
    assert convo("turns").err.startswith(
        f"no conversation yet in {convo.db}; 1 prompt waits: turn 1 of a new session, 'Soup?', "
    )
    assert convo("chat", "Bread?").code == 5
    assert convo("sessions", "--json").out == "[]\n"
    assert convo("chat", "Salt?").err.endswith(
        "2 prompts wait to be asked again; `convo show --waiting` lists them\n"
    )
    assert convo("chat", "-q", "Pepper?").err == ""
    assert convo("turns").err.startswith(
        "2 prompts wait, the newest here: turn 1 of a new session, 'Bread?', failed ("
    )
    assert convo("retry").err.startswith("asking again: 'Bread?'\nstarted session 'bread'\n")
    assert convo("retry", "1").err == "asking again: 'Soup?'\nstarted session 'soup'\n"
    assert convo("show", "--waiting", "--json").out == "[]\n"


def test_what_waits_as_a_list(served: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(Fault.cut_after("Half"), Fault.status(401))
    served("chat", "A?")
    served("chat", "--turn", "2", "B?")
    first, second = json.loads(served("show", "--waiting", "--json").out)
    assert list(first) == [*WAITING_KEYS, "items"]
    assert [first[key] for key in ("number", "session", "branch", "turn", "text", "answer")] == [
        *(1, "talk", "main", 3, "A?", "Half")
    ]
    assert (second["number"], second["turn"], second["in_place_of"]) == (2, 2, 2)
    assert json.loads(served("show", "--waiting", "2", "--json").out) == [second]
    assert len(served("show", "--waiting", "--format", "csv").out.splitlines()) == 3
    assert served("show", "--waiting", "1").out.endswith("### Assistant\n\nHalf\n")
    assert json.loads(served("show", "--waiting", "-b", "side", "--json").out) == []


def test_prompts_that_are_dropped(served: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(*[Fault.status(401)] * 3)
    for text in ("A?", "B?", "C?"):
        served("chat", text)
    assert served("retry", "--drop").error(2).startswith("--drop needs the number of a prompt")
    assert served("retry", "--drop", "2", "9").error(3) == (
        "no prompt 9 waits to be asked again; 1, 2, 3 do"
    )
    assert served("retry", "--drop", "2").err == "dropped 'B?'\n"
    assert json.loads(served("retry", "--drop", "all", "--json").out) == {"dropped": [1, 3]}
    assert held(served) == []


def test_the_last_turn_is_asked_again_though_another_waits(
    served: Program, openai_server: OpenAIServer
) -> None:
    openai_server.script(Fault.status(401))
    served("chat", "A?")
    assert served("retry", "--last").err.startswith("asking turn 2 again: 'Two?'\n")
    assert served("retry", "1", "2").error(2).startswith("one prompt is asked again at a time")
    assert served("retry", "9").error(3) == "no prompt 9 waits to be asked again; 1 does"


def test_a_prompt_whose_place_is_another_by_now(
    served: Program, openai_server: OpenAIServer
) -> None:
    openai_server.script(*[Fault.status(401)] * 4)
    served("branch", "--turn", "2", "side")
    served("chat", "A?")
    served("chat", "-b", "main", "B?")
    served("chat", "-b", "main", "C?")
    served("chat", "-b", "main", "--turn", "2", "D?")
    served("rename", "side", "fork")
    served("switch", "main")
    assert served("delete", "fork").err.startswith("deleted branch 'fork'; 1 prompt waits on;")
    assert served("retry", "1").err.startswith(
        "asking again: 'A?'; its branch 'fork' is not there any more: it is asked on 'main'\n"
    )
    assert served("retry", "2").err.startswith(
        "asking again: 'B?'; 'main' has changed since: it is asked as turn 4, at its end\n"
    )
    served("undo", "3")
    assert served("retry", "4").err.startswith(
        "asking again: 'D?'; 'main' has changed since: it is asked as turn 2, at its end\n"
    )
    assert questions(served) == ["One?", "D?"]
    assert served("session", "new", "other").code == 0
    assert served("retry", "3", "-s", "other").code == 0
    assert questions(served, "-s", "other") == ["C?"]
    assert held(served) == []


def test_what_a_deleted_session_and_gc_do_with_prompts(
    served: Program, openai_server: OpenAIServer
) -> None:
    openai_server.script(Fault.status(401), Fault.status(401))
    served("chat", "A?")
    served("chat", "-s", "new", "B?")
    served("session", "rename", "talk", "told")
    assert served("db", "gc", "--force").err.endswith(
        "2 prompts wait on; `convo retry --drop all` drops them\n"
    )
    assert served("session", "delete", "told").error(4).startswith("deleting the session")
    assert served("session", "delete", "told", "--force").err == (
        "deleted session 'told' and 1 waiting prompt; `convo restore told` brings it back\n"
    )
    assert served("retry").err == "asking again: 'B?'\nstarted session 'new'\n"


def test_nothing_to_retry(convo: Program, paris: Program) -> None:
    error = paris("retry", "-s", "nobody").error(3)
    assert error == "nothing to retry: nothing was asked yet; ask something with `convo chat`"
    assert paris("branch", "--turn", "1", "empty").code == 0
    assert paris("retry").error(3).startswith("nothing to retry: branch 'empty' has no turns yet")


def test_a_turn_asked_in_the_place_of_another(paris: Program) -> None:
    result = paris("chat", "--turn", "1", "What is the capital of Spain?")
    assert result.out.startswith("This is turn 1.")
    assert result.err == "switched to new branch 'what-is-the-capital-of'\n"
    assert current(paris) == "what-is-the-capital-of"
    assert questions(paris) == ["What is the capital of Spain?"]
    assert len(questions(paris, "-b", "tourism")) == 2


def test_a_turn_that_failed_in_the_place_of_another(
    served: Program, openai_server: OpenAIServer
) -> None:
    openai_server.script(Fault.status(401))
    before = served("branches").out
    assert served("chat", "--turn", "1", "Of Spain?").code == 5
    assert served("branches").out == before
    assert served("retry").err.endswith("switched to new branch 'of-spain'\n")
    assert questions(served) == ["Of Spain?"]


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["--turn", "9"], 3, "no turn 9 on branch 'tourism': it has turns 1-2"),
        (["--turn", "0"], 3, "no turn 0 on branch 'tourism': it has turns 1-2"),
        (["--turn", "1", "-s", "new"], 3, "no turn 1: nothing was said yet"),
        (["--turn", "1", "--new"], 2, "--new and --turn exclude each other: a new session has no"),
    ],
)
def test_turns_that_are_not_there(paris: Program, args: list[str], code: int, message: str) -> None:
    assert paris("chat", *args, "What?").error(code).startswith(message)
    assert held(paris) == []


def test_a_head_that_moves_during_the_answer(served: Program, openai_server: OpenAIServer) -> None:
    gate = Event()
    openai_server.script(Answer("Madrid.", gate=gate))
    with killed_at_the_end(served, "chat", "--turn", "1", "Of Spain?", env={}) as process:
        openai_server.wait_for_requests(1)
        assert served("branch", "--turn", "2", "other").code == 0
        gate.set()
        out, err = process.communicate(timeout=PATIENCE)
    assert out == b"Madrid.\n"
    assert err == b"created branch 'of-spain'; 'other' stays current\n"
    assert current(served) == "other"


def test_what_is_held_has_no_secrets(served: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(Fault.status(401))
    url = openai_server.base_url.replace("http://", "http://me:hunter2@")
    secret: dict[str, str | None] = {"OPENAI_API_KEY": "sk-very-secret-123", "OPENAI_BASE_URL": url}
    assert served("chat", "Museums?", env=secret).code == 5
    stored = repr(held(served, "*"))
    assert "sk-very-secret" not in stored
    assert "hunter2" not in stored
    assert served("retry", env=secret).code == 0
    assert len({request.headers.get("authorization") for request in openai_server.requests}) == 1
