"""A chat and another shell on one database: the chat stays where it is, as long as it can."""

from __future__ import annotations

import json
from threading import Event

from tests.cli.chat.at_terminal import ENTER, ChatAtTerminal
from tests.cli.chat.test_interactive import texts
from tests.program import Program
from tests.server import Answer, OpenAIServer


def head(convo: Program) -> str:
    branches = json.loads(convo("branches", "--json").out)
    return next(row["branch"] for row in branches if row["current"])


def test_a_branch_deleted_during_an_answer(paris: Program, openai_server: OpenAIServer) -> None:
    gate = Event()
    openai_server.script(Answer("Last words.", gate=gate))
    server = {**openai_server.environ, "CONVO_MODEL": "test-model"}
    with ChatAtTerminal(paris, "--api", "responses", env=server, columns=160) as chat:
        chat.ready("paris:tourism 3>")
        chat.type("Anything else?" + ENTER)
        openai_server.wait_for_requests(1)
        assert paris("delete", "tourism", "--force").code == 0
        gate.set()
        chat.see(
            "^Last words.\nconvo: another shell has deleted the branch 'tourism'; you are on "
            "'main' now. The answer above was not stored; Enter asks it here$"
        )
        # The question waits in the line.
        chat.see(r"^paris:main 4 \(1 waits\)> Anything else\?$")
        assert chat.say("", "paris:main 5 (1 waits)>")[-1] == "Answer 4 to: Anything else?"
        assert chat.leave() == 0
    assert texts(paris)[-2:] == ["And tomorrow?\nI mean [bold]Monday[/].", "Anything else?"]


def test_a_session_that_another_shell_begins(convo: Program) -> None:
    with ChatAtTerminal(convo, "-s", "trip") as chat:
        chat.ready("trip:main 1>")
        assert convo("chat", "-s", "trip", "Where to?").code == 0
        said = chat.say("How?", "trip:main 3>")
        assert said[:2] == [
            "another shell has begun the session 'trip'; you are in it",
            'This is turn 2. You said "How?", and I was sent 3 messages.',
        ]
        assert chat.leave() == 0
    assert texts(convo) == ["Where to?", "How?"]


def test_a_branch_deleted_before_a_question(paris: Program) -> None:
    with ChatAtTerminal(paris) as chat:
        chat.ready("paris:tourism 3>")
        assert paris("delete", "tourism", "--force").code == 0
        chat.type("And here?" + ENTER)
        chat.see("^convo: another shell has deleted the branch 'tourism'; you are on 'main' now$")
        # The question was not asked: it waits in the line, to be sent from here.
        chat.see(r"^paris:main 4> And here\?$")
        chat.type(ENTER)
        chat.ready("paris:main 5>")
    assert texts(paris)[-1] == "And here?"


def test_a_head_that_another_shell_has_moved(paris: Program) -> None:
    with ChatAtTerminal(paris) as chat:
        chat.ready("paris:tourism 3>")
        assert paris("switch", "main").code == 0
        assert chat.say("/branch 2 food", "paris:food 2>") == [
            "switched to new branch 'food'; other shells stay on 'main'",
            "turn 1: What is the capital of France?",
            "Paris.",
        ]
        assert chat.say("/switch -", "paris:tourism 3>") == [
            "switched to 'tourism'; other shells stay on 'main'",
            "turn 2: Any sights?",
            "Many.",
        ]
        assert head(paris) == "main"
        assert chat.leave() == 0
        assert chat.lines[-1] == "resume with: convo chat -s paris -b tourism"


def test_the_head_goes_along_again_where_they_meet(paris: Program) -> None:
    with ChatAtTerminal(paris) as chat:
        chat.ready("paris:tourism 3>")
        assert paris("switch", "main").code == 0
        assert chat.say("/switch main", "paris:main 4>")[0] == "switched to 'main'"
        assert chat.say("/switch tourism", "paris:tourism 3>")[0] == "switched to 'tourism'"
        assert head(paris) == "tourism"


def test_a_session_deleted_under_the_chat(paris: Program) -> None:
    with ChatAtTerminal(paris) as chat:
        chat.ready("paris:tourism 3>")
        assert paris("session", "delete", "paris", "--force").code == 0
        chat.say("/turns", "paris:main 1>")
        chat.see("^convo: another shell has deleted the session 'paris'")
        chat.say("Again", "paris:main 2>")
        assert chat.leave() == 0
    assert texts(paris, "-s", "paris") == ["Again"]


def test_a_branch_renamed_during_an_answer(paris: Program, openai_server: OpenAIServer) -> None:
    gate = Event()
    openai_server.script(Answer("Still there.", gate=gate))
    server = {**openai_server.environ, "CONVO_MODEL": "test-model"}
    with ChatAtTerminal(paris, "--api", "responses", env=server) as chat:
        chat.ready("paris:tourism 3>")
        chat.type("Anything else?" + ENTER)
        openai_server.wait_for_requests(1, timeout=60)
        assert paris("rename", "tourism", "sights").code == 0
        gate.set()
        assert chat.ready("paris:sights 4>")[-2:] == [
            "another shell has renamed 'tourism' to 'sights'; you are on it",
            "",
        ]
        assert chat.say("/switch main", "paris:main 4>")[0] == "switched to 'main'"
        assert chat.say("/switch -", "paris:sights 4>")[0] == "switched to 'sights'"
    assert texts(paris, "-b", "sights")[-1] == "Anything else?"


def test_a_branch_renamed_before_a_question(paris: Program) -> None:
    with ChatAtTerminal(paris) as chat:
        chat.ready("paris:tourism 3>")
        assert paris("rename", "tourism", "sights").code == 0
        chat.type("And here?" + ENTER)
        chat.see("^convo: another shell has renamed 'tourism' to 'sights'; you are on it$")
        chat.see(r"^paris:sights 3> And here\?$")
        chat.type(ENTER)
        chat.ready("paris:sights 4>")
    assert texts(paris, "-b", "sights")[-1] == "And here?"


def test_a_session_that_another_shell_has_renamed(paris: Program) -> None:
    with ChatAtTerminal(paris) as chat:
        chat.ready("paris:tourism 3>")
        assert paris("session", "rename", "paris", "france").code == 0
        chat.type("And here?" + ENTER)
        chat.see(
            "^convo: another shell has renamed the session 'paris' to 'france'; you are in it$"
        )
        chat.see(r"^france:tourism 3> And here\?$")
        chat.type(ENTER)
        chat.ready("france:tourism 4>")
    assert texts(paris)[-1] == "And here?"


def test_a_session_renamed_during_an_answer(paris: Program, openai_server: OpenAIServer) -> None:
    gate = Event()
    openai_server.script(Answer("Last words.", gate=gate))
    server = {**openai_server.environ, "CONVO_MODEL": "test-model"}
    with ChatAtTerminal(paris, "--api", "responses", env=server, columns=160) as chat:
        chat.ready("paris:tourism 3>")
        chat.type("Anything else?" + ENTER)
        openai_server.wait_for_requests(1)
        assert paris("session", "rename", "paris", "france").code == 0
        gate.set()
        chat.see("another shell has renamed the session 'paris' to 'france'; you are in it")
        chat.ready("france:tourism 4>")
    assert texts(paris)[-1] == "Anything else?"


def test_turns_of_another_shell_are_told_as_they_land(paris: Program) -> None:
    with ChatAtTerminal(paris, columns=100) as chat:
        chat.ready("paris:tourism 3>")
        assert paris("chat", "And the Louvre?").code == 0
        chat.see("another shell has added turn 3 here: And the Louvre\\?")
        chat.ready("paris:tourism 4>")
        assert paris("chat", "-b", "main", "And the Seine?").code == 0
        chat.see("another shell has added turn 4 on 'main': And the Seine\\?")
        assert "another shell" not in "".join(chat.say("My own", "paris:tourism 5>"))


def test_the_number_of_the_next_turn_is_the_one_that_it_will_have(paris: Program) -> None:
    with ChatAtTerminal(paris, "-b", "main") as chat:
        chat.ready("paris:main 4>")
        assert paris("undo", "2", "-b", "main").code == 0
        chat.say("/tools", "paris:main 2>")
        assert chat.leave() == 0
