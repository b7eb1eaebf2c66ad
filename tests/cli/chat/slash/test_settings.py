"""`/model`, `/instructions` and `/attach`: whom the next message asks, and what goes with it."""

from __future__ import annotations

import pytest

from tests.cli.chat.at_terminal import TAB, ChatAtTerminal
from tests.program import Program
from tests.server import OpenAIServer


@pytest.fixture
def served(convo: Program, openai_server: OpenAIServer) -> Program:
    convo.env.update(openai_server.environ, CONVO_MODEL="test-model", CONVO_SESSION="talk")
    return convo


def test_model_and_instructions_change_within_a_chat(
    served: Program, openai_server: OpenAIServer
) -> None:
    (served.home / "how.txt").write_text("Be brief.")
    with ChatAtTerminal(served, "-i", "Be kind.", columns=120) as chat:
        chat.ready("talk:main 1>")
        said = chat.say("/model", "talk:main 1>")
        assert said == ["* test-model", "the next message asks test-model"]
        assert chat.say("/instructions", "talk:main 1>") == ["Be kind."]
        chat.say("/model other", "talk:main 1>")
        chat.say("/instructions @how.txt", "talk:main 1>")
        chat.say("One?", "talk:main 2>")
        cleared = chat.say("/instructions --clear", "talk:main 2>")
        assert cleared == ["the next message goes without instructions"]
        said = chat.say("/instructions @none.txt", "talk:main 2>")[0]
        assert "the instructions in 'none.txt' cannot be read" in said
        chat.say("Two?", "talk:main 3>")
        assert chat.leave() == 0
    _, first, second = (request.body or {} for request in openai_server.requests)
    assert (first["model"], second["model"]) == ("other", "other")
    assert "Be brief." in str(first)
    assert "Be " not in str(second)


def test_files_are_attached_to_the_next_message(
    served: Program, openai_server: OpenAIServer
) -> None:
    (served.home / "notes.txt").write_text("the number is 7")
    with ChatAtTerminal(served, columns=120) as chat:
        chat.ready("talk:main 1>")
        assert chat.say("/attach", "talk:main 1>") == ["nothing is attached"]
        assert "No such file" in chat.say("/attach none.txt", "talk:main 1>")[0]
        assert chat.say("/attach notes.txt", "talk:main 1 +1>") == ["attached: notes.txt"]
        assert chat.say("/attach --clear", "talk:main 1>") == ["nothing is attached"]
        chat.say("/attach notes.txt", "talk:main 1 +1>")
        chat.say("One?", "talk:main 2>")
        chat.say("Two?", "talk:main 3>")
        assert chat.leave() == 0
    assert "the number is 7" in str(openai_server.requests[0].items[-1])
    assert "the number is 7" not in str(openai_server.requests[1].items[-1])


def test_models_and_files_are_completed(served: Program) -> None:
    (served.home / "notes.txt").touch()
    with ChatAtTerminal(served) as chat:
        chat.ready("talk:main 1>")
        for typed, menu, whole in [
            ("/model ec", "^ +echo$", "> /model echo"),
            ("\x15/attach no", "^ +notes.txt$", "> /attach notes.txt"),
        ]:
            chat.type(typed)
            chat.see(menu)
            chat.type(TAB)
            chat.see(whole)
