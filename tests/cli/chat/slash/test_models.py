"""/model lists the models of the server, and completes them."""

from __future__ import annotations

from tests.cli.chat.at_terminal import ENTER, TAB, ChatAtTerminal
from tests.program import Program
from tests.server import OpenAIServer


def at(convo: Program, server: OpenAIServer, model: str | None = None) -> dict[str, str | None]:
    return {**server.environ, "CONVO_MODEL": model, "CONVO_SESSION": "talk"}


def test_the_models_of_the_server_are_listed_and_completed(convo: Program) -> None:
    with (
        OpenAIServer(models=["large", "small", "smallest"]) as server,
        ChatAtTerminal(convo, env=at(convo, server)) as chat,
    ):
        chat.ready("talk:main 1>")
        said = chat.say("/model", "talk:main 1>")
        assert said == [
            "  large",
            "  small",
            "  smallest",
            "no model is chosen; /model NAME chooses one",
        ]
        chat.type("/model la")
        chat.see("^ +large$")
        chat.type(TAB)
        chat.see("/model large$")
        chat.type(ENTER)
        assert "the next message asks large" in chat.ready("talk:main 1>")
        assert "* large" in chat.say("/model", "talk:main 1>")
        assert chat.leave() == 0


def test_aliases_are_completed(convo: Program, openai_server: OpenAIServer) -> None:
    assert convo("alias", "set", "swift", "echo").code == 0
    with ChatAtTerminal(convo, env=at(convo, openai_server)) as chat:
        chat.ready("talk:main 1>")
        chat.type("/model sw")
        chat.see("^ +swift +echo$")
        chat.type(TAB)
        chat.see("/model swift$")
        chat.type(ENTER)
        assert "the next message asks echo" in chat.ready("talk:main 1>")
        assert chat.leave() == 0


def test_the_only_model_is_named(convo: Program, openai_server: OpenAIServer) -> None:
    with ChatAtTerminal(convo, env=at(convo, openai_server)) as chat:
        chat.ready("talk:main 1>")
        assert chat.say("/model", "talk:main 1>") == [
            "  test-model",
            "the next message asks test-model, the only model there",
        ]
        assert chat.leave() == 0


def test_a_server_that_is_not_there_is_said(convo: Program) -> None:
    with OpenAIServer() as server:
        env = at(convo, server, "mine")
    with ChatAtTerminal(convo, env=env, columns=120) as chat:
        chat.ready("talk:main 1>")
        asked, trouble = chat.say("/model", "talk:main 1>")
        assert asked == "the next message asks mine"
        assert trouble.startswith(f"cannot reach {server.base_url}: connection refused; is the")
        assert chat.leave() == 0
