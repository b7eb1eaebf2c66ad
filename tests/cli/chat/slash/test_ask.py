"""One question to several models in the chat, which then goes on with one of them."""

from __future__ import annotations

import pytest

from tests.cli.chat.at_terminal import ChatAtTerminal
from tests.program import Program
from tests.server import Answer, OpenAIServer


@pytest.fixture
def served(convo: Program) -> object:
    def answer(request: object) -> Answer:
        return Answer(f"{request.model} about {request.user_texts[-1]}")  # type: ignore[attr-defined]

    with OpenAIServer(default=answer) as server:
        convo.env.update(server.environ, CONVO_MODEL="", CONVO_SESSION="talk")
        yield convo


def test_asking_and_picking(served: Program) -> None:
    assert served("chat", "--no-stdin", "-m", "old", "Hi").code == 0
    with ChatAtTerminal(served, columns=120) as chat:
        chat.ready("talk:main 2>")
        said = chat.say("/ask -m a -m b Why?", "talk:main 2>")
        assert [part.strip() for part in said[2].split("│")] == ["a about Why?", "b about Why?"]
        assert said[-1] == (
            "the answers are on the branches 'ask-a', 'ask-b'; `/pick ask-a` goes on with one"
        )
        assert chat.say("/ask Why?", "talk:main 2>") == [
            "convo: it asks the models that are named, each after -m; say /ask -m MODEL… PROMPT"
        ]
        assert chat.say("/pick ask-b", "talk:ask-b 3>")[0].startswith(
            "'ask-b' is current now, and b goes on; 'ask-a' stays as it is"
        )
        assert "b about And?" in chat.say("And?", "talk:ask-b 4>")
        assert chat.leave() == 0
