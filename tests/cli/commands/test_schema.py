"""`--schema`: an answer of a form, and `-x`: the code of an answer."""

from __future__ import annotations

import json

import pytest

from tests.cli.chat.at_terminal import ChatAtTerminal
from tests.program import Program
from tests.server import Answer, OpenAIServer

FIELDS = "name, age int, tags list"
ADA = '{"name": "Ada", "age": 36, "tags": ["maths"]}'


@pytest.fixture
def online(convo: Program, openai_server: OpenAIServer) -> Program:
    convo.env.update(openai_server.environ, CONVO_MODEL="test-model")
    return convo


def test_the_form_is_asked_for_checked_and_given(
    online: Program, openai_server: OpenAIServer
) -> None:
    openai_server.script(Answer(ADA))
    done = online("chat", "Who?", "--schema", FIELDS, "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["object"] == json.loads(ADA)
    assert json.loads(done.out)["answer"] == ADA
    # It goes for that turn alone.
    assert online("chat", "And you?").out == "Answer 2 to: And you?\n"


def test_an_answer_that_does_not_fit_is_kept(online: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(Answer('{"name": "Ada"}'), Answer("Ada."), Answer(ADA))
    failed = online("chat", "Who?", "--schema", FIELDS)
    assert (failed.code, failed.out) == (5, '{"name": "Ada"}\n')
    assert failed.err == (
        "convo: the answer does not fit the schema: 'age' is a required property; "
        "kept for `convo retry`, which stores it as it is with --keep\n"
    )
    assert online("turns", "--json").out == "[]\n"
    # Asked again, it has to fit the same schema.
    again = online("-q", "retry", "--json")
    assert again.error(5).startswith("the answer is not JSON, and does not fit the schema")
    assert json.loads(online("show", "--waiting", "--json").out)[0]["items"][-1]["text"] == "Ada."
    assert json.loads(online("retry", "--json").out)["object"]["name"] == "Ada"
    assert json.loads(online("usage", "--json").out)["total"]["requests"] == 3


def test_it_can_be_kept_as_a_turn(online: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(Answer("Ada."))
    assert online("chat", "Who?", "--schema", FIELDS).code == 5
    kept = online("retry", "--keep")
    assert (kept.code, kept.err.splitlines()[-1]) == (0, "kept as turn 1 of 'main'")


def test_a_turn_that_is_asked_again_has_its_form_again(
    online: Program, openai_server: OpenAIServer
) -> None:
    openai_server.script(Answer(ADA), Answer("Grace."))
    online("chat", "Who?", "--schema", FIELDS)
    assert online("-q", "retry", "--json").error(5).startswith("the answer is not JSON")


def test_a_refusal(online: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(Answer(refusal="I will not."))
    failed = online("chat", "Who?", "--schema", FIELDS)
    assert failed.code == 5
    assert "the model refused to answer: I will not; say it" in failed.err
    assert "I will not." in online("show", "--waiting", "1").out


def test_in_the_chat_it_goes_for_every_answer(online: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(Answer(ADA.replace("Ada", "*Ada*")), Answer("Grace."))
    with ChatAtTerminal(online, "-s", "talk", "--schema", FIELDS) as chat:
        chat.ready("talk:main 1>")
        assert any('"*Ada*", "age": 36' in line for line in chat.say("Who?", "talk:main 2>"))
        said = chat.say("And?", "talk:main 2>")
        assert any("the answer is not JSON" in line for line in said)


CODE = "First:\n\n1. This:\n\n   ```py\n   x = 1\n   ```\n\nThen:\n\n~~~\ny & z\n~~~\n"


def test_the_code_of_an_answer(online: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(Answer(CODE), Answer(CODE), Answer("```\nno end"))
    assert online("chat", "-x", "Code?").out == "x = 1\n"
    assert online("chat", "-X", "Code?").out == "y & z\n"
    assert online("chat", "-x", "Code?").out == "no end"
    assert CODE in json.loads(online("show", "1", "--json").out)[0]["items"][1]["text"]


def test_an_answer_without_code(online: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(Answer("    indented"))
    failed = online("-q", "chat", "-x", "Code?")
    assert failed.error(3) == (
        "the answer has no code block; the turn is stored; `convo show` shows it"
    )
    assert len(json.loads(online("turns", "--json").out)) == 1


def test_code_on_a_terminal_commands_nothing(online: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(Answer("```\n\x1b]0;evil\x07\n```\n"))
    child = online.at_terminal("chat", "-x", "Code?")
    child.expect_exact("\\x1b]0;evil\\x07")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["-x", "-X", "Hi"], "-x and -X exclude each other"),
        (["-x", "--json", "Hi"], "-x and -X write code"),
    ],
)
def test_what_does_not_go_together(convo: Program, args: list[str], said: str) -> None:
    assert convo("chat", *args).error(2).startswith(said)


def test_no_code_of_a_chat(convo: Program) -> None:
    child = convo.at_terminal("chat", "-x")
    child.expect_exact("-x and -X are for one turn")
