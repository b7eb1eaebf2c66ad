"""Slash commands that look at what was said, and those that leave for another session."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.chat.at_terminal import TAB, ChatAtTerminal
from tests.cli.stored import items, store_turn
from tests.program import Program
from tests.server import Fault, OpenAIServer

PLAIN = {"NO_COLOR": "1"}


def current_session(convo: Program) -> str:
    rows = json.loads(convo("sessions", "--json").out)
    return next(str(row["session"]) for row in rows if row["current"])


def test_what_was_said(paris: Program) -> None:
    prompt = "paris:tourism 3>"
    with ChatAtTerminal(paris, env=PLAIN) as chat:
        chat.ready(prompt)
        shown = chat.say("/show", prompt)
        assert shown[0].startswith("── Turn 2 · echo · ~50 tokens · 2026-11-22 16:50 ──")
        assert shown[1:] == ["User", "Any sights?", "Assistant", "Many."]
        assert chat.say("/show 1", prompt)[2] == "What is the capital of France?"
        assert chat.say("/show 9", prompt) == [
            "convo: no turn 9 on branch 'tourism': it has turns 1-2"
        ]
        assert chat.say("/show x", prompt)[0].startswith("convo: no turn is called 'x'; a turn has")
        assert chat.say("/branches --tree", prompt) == paris("branches", "--tree").out.splitlines()
        assert chat.say("/tools", prompt)[-1].split() == ["total", "0"]
        shown = chat.say("/diff main", prompt)
        assert shown == [line for line in paris("diff", "main").out.splitlines() if line]
        assert chat.say("/diff", prompt) == shown
        chat.say("/export ~/a.html", prompt)
        assert (paris.home / "a.html").read_text().startswith("<!DOCTYPE html>")
        refused = "".join("".join(chat.say("/export ~/a.html", prompt)).split())
        assert refused.endswith("alreadyexists;--forcewritesoverit")
        assert chat.leave() == 0


def test_a_branch_from_nowhere_is_compared_with_one_that_is_named(convo: Program) -> None:
    store_turn(Path(convo.env["CONVO_DB"]), *items("Why?", "So."))
    with ChatAtTerminal(convo, env=PLAIN) as chat:
        chat.ready("s:main 2>")
        said = " ".join(chat.say("/diff", "s:main 2>"))
        assert said.startswith(
            "convo: 'main' came from no other branch: name one; say /diff [A] [B]"
        )
        chat.leave()


def test_to_another_session_and_to_a_new_one(paris: Program) -> None:
    with ChatAtTerminal(paris, env=PLAIN) as chat:
        chat.ready("paris:tourism 3>")
        assert chat.say("/session", "paris:tourism 3>")[2].startswith("*  paris")
        assert chat.say("/session recipes", "recipes:main 2>") == [
            "now in session 'recipes' on branch 'main'",
            "turn 1: Bread?",
            "Flour.",
        ]
        assert current_session(paris) == "recipes"
        assert chat.say("/session recipes", "recipes:main 2>") == [
            "already in session 'recipes' on branch 'main'",
            "turn 1: Bread?",
            "Flour.",
        ]
        assert chat.say("/session rcipes", "recipes:main 2>") == [
            "convo: no session 'rcipes'; did you mean 'recipes'?"
        ]
        assert chat.say("/new paris", "recipes:main 2>") == [
            "convo: a session 'paris' already exists; /session paris goes there"
        ]
        assert chat.say("/new rome", "rome:main 1>") == [
            "the next message starts the new session 'rome'; /session recipes goes back"
        ]
        assert current_session(paris) == "recipes"
        chat.say("Hello", "rome:main 2>")
        assert current_session(paris) == "rome"
        assert chat.say("/new", "(new):main 1>") == [
            "the next message starts a new session; /session rome goes back"
        ]
        chat.say("Good morning", "good-morn…:main 2>")
        assert chat.leave() == 0
    assert json.loads(paris("turns", "-s", "rome", "--json").out)[0]["text"] == "Hello"


def test_another_shell_that_has_moved_on_is_left_where_it_is(paris: Program) -> None:
    paris("session", "new", "third")
    with ChatAtTerminal(paris, "-s", "paris", env=PLAIN) as chat:
        chat.ready("paris:tourism 3>")
        assert chat.say("/session recipes", "recipes:main 2>")[0] == (
            "now in session 'recipes' on branch 'main'; other shells stay in 'third'"
        )
    assert current_session(paris) == "third"


def test_a_session_goes_on_with_the_model_that_it_had(
    convo: Program, openai_server: OpenAIServer
) -> None:
    convo.env.update(openai_server.environ, CONVO_MODEL="")
    for session, model in (("one", "model-1"), ("two", "model-2")):
        convo("chat", "-s", session, "-m", model, "Hello")
    with ChatAtTerminal(convo, "-s", "one", columns=120) as chat:
        chat.ready("one:main 2>")
        assert chat.say("/session two", "two:main 2>")[0] == (
            "now in session 'two' on branch 'main'; the next message asks model-2"
        )
        chat.say("Hi", "two:main 3>")
    assert openai_server.requests[-1].body["model"] == "model-2"


def test_what_failed_in_another_session_is_left_there(
    convo: Program, openai_server: OpenAIServer
) -> None:
    convo.env.update(openai_server.environ, CONVO_MODEL="test-model")
    for session in ("one", "two"):
        convo("chat", "-s", session, f"Hello {session}")
    openai_server.script(Fault.cut_after("Par"))
    with ChatAtTerminal(convo, "-s", "one") as chat:
        chat.ready("one:main 2>")
        chat.say("France?", "one:main 2>")
        chat.say("/session two", "two:main 2>")
        assert chat.say("/retry", "two:retry-1 2>")[0] == "asking turn 1 again: 'Hello two'"
        chat.say("/session one", "one:main 2>")
        assert chat.say("/retry", "one:main 3>")[0] == "asking again: 'France?'"


def test_sessions_are_completed(paris: Program) -> None:
    with ChatAtTerminal(paris, env=PLAIN) as chat:
        chat.ready("paris:tourism 3>")
        chat.type("/session re")
        chat.see(r"^ +recipes +1 turn$")
        chat.type(TAB)
        chat.see("> /session recipes$")
