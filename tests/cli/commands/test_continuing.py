"""Answers that were cut: stored and marked, gone on from, and kept where they were interrupted."""

from __future__ import annotations

import json
import signal
from typing import Any

import pytest

from tests.cli.commands.test_chat import killed_at_the_end, questions
from tests.cli.commands.test_retry import held, served
from tests.program import PATIENCE, Program
from tests.server import Answer, Fault, OpenAIServer, ToolCall

__all__ = ["served"]

CUT = "the answer was cut off at the limit of tokens; `convo continue` goes on from it\n"
GO_ON = "Go on with your answer exactly where it was cut off, without repeating any of it."

AGENT = """
from agents import Agent, function_tool

@function_tool
def pay(euros: int) -> str:
    return f"Paid {euros}."

desk = Agent(name="desk", tools=[pay])
"""

every_way = pytest.mark.parametrize("streamed", [(), ("--no-stream",)], ids=["streamed", "whole"])
every_api = pytest.mark.parametrize("api", ["responses", "chat"])


def cuts(convo: Program, *args: str) -> list[bool]:
    return [row["cut"] for row in json.loads(convo("turns", "--json", *args).out)]


@every_api
@every_way
def test_an_answer_that_was_cut_is_stored_and_gone_on_from(
    served: Program, openai_server: OpenAIServer, api: str, streamed: tuple[str, ...]
) -> None:
    openai_server.script(Fault.truncated("Half of"), Answer(" an answer."))
    cut = served("chat", "--api", api, *streamed, "-o", "max_tokens=3", "Three?")
    assert (cut.code, cut.out, cut.err) == (0, "Half of\n", CUT)
    assert cuts(served) == [False, False, True]
    went_on = served("continue", *streamed)
    assert (went_on.code, went_on.out, went_on.err) == (0, " an answer.\n", "")
    sent = openai_server.requests[-1]
    assert sent.user_texts == ["One?", "Two?", "Three?", GO_ON]
    assert "Half of" in json.dumps(sent.body)
    assert "max" not in "".join(key for key in sent.body if "tokens" in key)
    assert questions(served)[-2:] == ["Three?", GO_ON]
    assert cuts(served) == [False, False, True, False]
    assert served("continue").error(3) == (
        "nothing to continue: turn 4 of 'main' is whole; only an answer that was cut is continued"
    )


def test_the_mark_is_shown_wherever_the_turn_is(
    served: Program, openai_server: OpenAIServer
) -> None:
    openai_server.script(Fault.truncated("Half of"))
    row = json.loads(served("chat", "Three?", "--json").out)
    assert (row["cut"], row["answer"]) == (True, "Half of")
    assert served("branch", "--after", "3", "side").code == 0
    assert served("undo").code == 0
    assert cuts(served) == [False, False]
    assert served("restore").code == 0
    assert served("session", "rename", "talk", "told").code == 0
    for branch in ("main", "side"):
        assert cuts(served, "-b", branch) == [False, False, True]
    assert served("turns").out.splitlines()[-1].split()[-3] == "cut"
    assert "cut off at the limit of tokens" in served("show", "3").out
    for how in ("md", "html"):
        assert "cut off at the limit of tokens" in served("export", "--format", how).out
    assert [turn["cut"] for turn in json.loads(served("export", "--json").out)] == [
        *(False, False, True)
    ]
    assert "cut" in served("turns", "--format", "csv").out.splitlines()[0].split(",")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            Answer(calls=[ToolCall("look", '{"wh')], finish="length"),
            "was cut off at the limit of tokens while it was calling a tool; allow it more with -o",
        ),
        (Fault.content_filter("Half of"), "the content filter of "),
    ],
    ids=["call", "filter"],
)
def test_what_is_no_answer_is_a_failure(
    served: Program, openai_server: OpenAIServer, answer: Answer, said: str
) -> None:
    openai_server.script(answer)
    refused = served("chat", "Three?")
    assert (refused.code, said in refused.err) == (5, True)
    assert questions(served) == ["One?", "Two?"]
    assert json.loads(served("show", "--waiting", "--json").out)[0]["text"] == "Three?"


def test_what_came_of_a_failed_answer_is_kept(served: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(Fault.cut_after("Half of"), Fault.status(401))
    assert served("chat", "Three?").code == 5
    assert served("chat", "Four?").code == 5
    assert served("retry", "--keep").error(3).startswith("no part of the answer to prompt 2")
    kept = served("retry", "--keep", "1")
    assert (kept.code, kept.err) == (
        0,
        "kept as turn 3 of 'main', marked as cut; `convo continue` goes on from it\n",
    )
    assert cuts(served) == [False, False, True]
    assert "cut off: interrupted" in served("show", "-1").out
    assert served("continue").out.endswith(f" to: {GO_ON}\n")
    assert [row[0] for row in held(served, "id")] == [2]


def test_what_came_of_an_interrupted_answer_is_kept_as_the_first_turn(
    convo: Program, openai_server: OpenAIServer
) -> None:
    convo.env.update(openai_server.environ, CONVO_MODEL="test-model")
    openai_server.script(Fault.stall("It was a dark "))
    with killed_at_the_end(convo, "chat", "A story?", env={}) as process:
        assert process.stdout is not None
        assert process.stdout.read(13) == b"It was a dark"
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)
    row: dict[str, Any] = json.loads(convo("retry", "--keep", "--json").out)
    assert (row["session"], row["turn"], row["cut"], row["model"]) == (
        *("a-story", 1, True),
        None,
    )
    assert json.loads(convo("session", "info", "--json").out)["model"] == "test-model"
    assert row["items"][1]["text"] == "It was a dark "


def test_what_tools_have_done_is_kept_with_the_answer(
    convo: Program, openai_server: OpenAIServer
) -> None:
    convo.env.update(openai_server.environ, CONVO_MODEL="test-model")
    (convo.home / "desk.py").write_text(AGENT)
    openai_server.script(
        ToolCall("pay", {"euros": 5}), Fault.cut_after("Paid, and"), Answer(" done.")
    )
    asked = convo("chat", "-a", "desk.py", "Pay", cwd=convo.home)
    assert asked.code == 5
    (turn,) = [json.loads(convo("retry", "--keep", "--json").out)]
    assert [item["kind"] for item in turn["items"]] == [
        *("user", "tool_call", "tool_output", "assistant")
    ]
    assert (turn["items"][2]["output"], turn["items"][3]["text"]) == ("Paid 5.", "Paid, and")
    assert (turn["cut"], turn["total_tokens"], turn["requests"]) == (True, 15, 1)
    went_on = convo("continue", cwd=convo.home)
    assert (went_on.code, went_on.out) == (0, " done.\n")
    assert cuts(convo) == [True, False]


def test_keep_excludes_the_others(paris: Program) -> None:
    assert (
        paris("retry", "--keep", "--drop").error(2)
        == "--drop, --keep and --last exclude each other"
    )
    assert paris("retry", "--keep").error(3) == "no prompt waits on branch 'tourism'"
    assert (
        paris("continue").error(3).startswith("nothing to continue: turn 2 of 'tourism' is whole")
    )


def test_the_model_that_is_built_in_is_cut_too(convo: Program) -> None:
    assert (convo("chat", "-o", "max_tokens=5", "Hi").out, cuts(convo)) == (
        "This is turn 1. You \n",
        [True],
    )
    assert convo("continue").out.startswith("This is turn 2.")
