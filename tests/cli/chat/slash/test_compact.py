"""A summary takes the place of the oldest turns, in a branch that goes on."""

from __future__ import annotations

import json
import threading

from tests.cli.chat.at_terminal import CTRL_C, ChatAtTerminal
from tests.cli.chat.test_interactive import texts
from tests.program import Program
from tests.server import Answer, Fault, OpenAIServer, Usage


def asked(openai_server: OpenAIServer) -> list[str]:
    return [str(item["content"]) for item in openai_server.requests[-1].items]


def test_the_oldest_turns_are_summed_up(convo: Program, openai_server: OpenAIServer) -> None:
    answers = ["One.", "Two.", "Three.", "In short: 1, 2.", "Four."]
    openai_server.script(*map(Answer, answers))
    convo.env.update(openai_server.environ, CONVO_MODEL="test-model")
    with ChatAtTerminal(convo, "-s", "talk", columns=100) as chat:
        chat.ready("talk:main 1>")
        assert "nothing was said" in "".join(chat.say("/compact", "talk:main 1>"))
        for number, question in enumerate(["A?", "B?", "C?"], 2):
            chat.say(question, f"talk:main {number}>")
        assert chat.say("/compact", "talk:main-comp… 3>") == [
            "In short: 1, 2.",
            "switched to new branch 'main-compact'",
            "turn 1 sums up 2 turns, and 1 turn follows; 'main' is as it was: /switch - goes back",
        ]
        assert asked(openai_server)[:4] == ["A?", "One.", "B?", "Two."]
        assert len(asked(openai_server)) == 5
        chat.say("D?", "talk:main-comp… 4>")
        assert asked(openai_server)[1:] == ["In short: 1, 2.", "C?", "Three.", "D?"]
        assert "9 turns cannot be summed up" in chat.say("/compact 9", "talk:main-comp… 4>")[0]
        assert chat.leave() == 0
    assert texts(convo)[1:] == ["C?", "D?"]
    assert texts(convo, "-b", "main") == ["A?", "B?", "C?"]
    rows = json.loads(convo("turns", "--json").out)
    assert [row["total_tokens"] for row in rows] == [15, 15, 15]
    assert json.loads(convo("usage", "--json").out)["total"]["total_tokens"] == 75
    assert convo("db", "check").code == 0


def test_what_goes_wrong_costs_what_it_did_and_changes_nothing(
    convo: Program, openai_server: OpenAIServer
) -> None:
    gate = threading.Event()
    filtered = Answer("In", finish="content_filter", usage=Usage(70, 30))
    openai_server.script(Answer("One."), Fault.status(400), filtered, Answer("In short", gate=gate))
    convo.env.update(openai_server.environ, CONVO_MODEL="test-model")
    with ChatAtTerminal(convo, "-s", "talk") as chat:
        chat.ready("talk:main 1>")
        chat.say("A?", "talk:main 2>")
        assert chat.say("/compact 1", "talk:main 2>")[0].startswith("convo: ")
        assert "filter" in "".join(chat.say("/compact 1", "talk:main 2>"))
        chat.type("/compact\r")
        chat.see("^waiting for the answer")
        chat.type(CTRL_C)
        assert "stopped" in chat.ready("talk:main 2>")
        gate.set()
        assert chat.leave() == 0
    assert [row["branch"] for row in json.loads(convo("branches", "--json").out)] == ["main"]
    assert json.loads(convo("show", "--waiting", "--json").out) == []
    rows = json.loads(convo("usage", "--by-turn", "--json").out)["rows"]
    assert [(row["status"], row["total_tokens"]) for row in rows] == [
        ("completed", 15),
        ("failed", 100),
    ]
