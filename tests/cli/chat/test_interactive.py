"""The interactive chat as somebody uses it, offline."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from convo_cli.chat.slash.commands import COMMANDS
from tests.cli.chat.at_terminal import ChatAtTerminal
from tests.program import Program

COLOUR = re.compile(rb"\x1b\[(?:\d+;)*[34]\d(?:;\d+)*m")

# Imports that never end, but for a program that gives them up.
ENDLESS = """
import pathlib, time
pathlib.Path("{mark}").touch()
while True:
    time.sleep(0.01)
    try:
        import no_such_module
    except ImportError:
        continue
"""


def texts(convo: Program, *args: str) -> list[str]:
    return [row["text"] for row in json.loads(convo("turns", "--json", *args).out)]


def cells(table: list[str], *columns: int) -> list[list[str]]:
    """Some columns of a table, below its heading."""
    rows = [re.split(r"\s{2,}", line.strip()) for line in table[2:]]
    return [[row[column] for column in columns if column < len(row)] for row in rows]


def test_the_database_has_a_line_of_its_own_on_a_narrow_terminal(convo: Program) -> None:
    with ChatAtTerminal(convo, "-s", "trip", columns=40) as chat:
        assert chat.ready("trip:main 1>")[-2:] == [
            "echo, which is built in and offline",
            "database ~/c.db",
        ]
        assert chat.leave() == 0


def test_a_conversation_that_branches(convo: Program) -> None:
    with ChatAtTerminal(convo, "-s", "trip") as chat:
        assert chat.ready("trip:main 1>") == [
            "convo 0.1.0; /help lists the commands, Ctrl-D leaves",
            "echo, which is built in and offline; database ~/c.db",
        ]
        assert chat.say("Where to?", "trip:main 2>") == [
            'This is turn 1. You said "Where to?", and I was sent 1 message.',
            "started session 'trip'",
        ]
        chat.say("How?", "trip:main 3>")
        assert chat.say("/branch 2 tourism", "trip:tourism 2>") == [
            "switched to new branch 'tourism'",
            "turn 1: Where to?",
            'This is turn 1. You said "Where to?", and I was sent 1 message.',
        ]
        assert chat.say("What to see?", "trip:tourism 3>") == [
            'This is turn 2. You said "What to see?", and I was sent 3 messages.'
        ]
        shown = chat.say("/turns", "trip:tourism 3>")
        assert cells(shown, 0, 1) == [["1", "Where to?"], ["2", "What to see?"]]
        shown = chat.say("/usage --by-turn", "trip:tourism 3>")
        assert cells(shown, 0, 2)[:3] == [
            ["main", "Where to?"],
            ["main", "How?"],
            ["tourism", "What to see?"],
        ]
        assert cells(shown, 0, -1)[-1] == ["total", "~91"]
        assert chat.say("/branches", "trip:tourism 3>")[3].startswith("*  tourism  main")
        assert chat.say("/switch -", "trip:main 3>")[:2] == [
            "switched to 'main'",
            "turn 2: How?",
        ]
        assert chat.say("/delete tourism", "trip:main 3>") == [
            "deleted branch 'tourism'; /restore undoes it"
        ]
        chat.type("/exit\r")
        assert chat.end() == 0
        assert chat.lines[-2:] == [
            "~91 tokens in session 'trip'",
            "resume with: convo chat -s trip",
        ]
    assert texts(convo) == ["Where to?", "How?"]


def test_before_anything_was_said(convo: Program) -> None:
    with ChatAtTerminal(convo) as chat:
        chat.ready("(new):main 1>")
        for line in ("/turns", "/branches", "/usage", "/branch", "/switch x", "/delete x"):
            assert " ".join(chat.say(line, "(new):main 1>")) == (
                "convo: nothing was said in this conversation yet; "
                "ask something, or go to another with /session"
            )
        assert chat.leave() == 0
        assert "tokens" not in chat.text
    assert json.loads(convo("sessions", "--json").out) == []


def test_help_and_mistakes(paris: Program) -> None:
    with ChatAtTerminal(paris, columns=120) as chat:
        chat.ready("paris:tourism 3>")
        shown = chat.say("/help", "paris:tourism 3>")
        assert max(map(len, shown)) < 80
        usages = [line.split("  ")[0] for line in shown if line.startswith("/")]
        assert usages[: len(COMMANDS.all)] == [command.usage for command in COMMANDS.all]
        for line, answer in {
            "/swich main": "there is no command /swich; did you mean /switch? "
            "// sends a message that begins with /",
            "/switch": "/switch needs an argument; say /switch BRANCH|-",
            "/switch mian": "no branch 'mian' in session 'paris'; did you mean 'main'?",
            "/branch 9": "no turn 9 on branch 'tourism': it has turns 1-2",
            "/branch sunset": "no turn on branch 'tourism' says 'sunset'",
            "/delete tourism": "'tourism' is the current branch; "
            "switch to another branch first, or say --force",
            "/delete main": "the branch 'main' cannot be deleted: every session has it; "
            "take back its turns, or delete the session",
            "/branch 1 main": "Branch ID 'main' has already been used. Choose a new branch ID.",
        }.items():
            assert chat.say(line, "paris:tourism 3>") == [f"convo: {answer}"]
        assert chat.say("/delete tourism --force", "paris:main 4>") == [
            "deleted branch 'tourism'; you are on 'main' now; /restore undoes it"
        ]
        assert chat.say("/branch", "paris:after-3 4>")[0] == ("switched to new branch 'after-3'")


def test_without_a_model_there_is_no_prompt(convo: Program) -> None:
    with ChatAtTerminal(convo, env={"CONVO_MODEL": None}) as chat:
        assert chat.end() == 5
        assert chat.text.startswith("convo: no model to ask")
    assert not convo.db.exists()


@pytest.mark.parametrize(("env", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colours(paris: Program, env: dict[str, str], coloured: bool) -> None:
    with ChatAtTerminal(paris, env=env) as chat:
        chat.ready("paris:tourism 3>")
        chat.say("/branches", "paris:tourism 3>")
        assert bool(COLOUR.search(chat.raw)) is coloured


def test_the_prompt_does_not_wait_for_the_sdk(paris: Program, tmp_path: Path) -> None:
    mark, package = tmp_path / "mark", tmp_path / "fake" / "agents"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(ENDLESS.format(mark=mark))
    environ = {"PYTHONPATH": str(package.parent), "CONVO_ALWAYS_SDK": "1"}
    with ChatAtTerminal(paris, env=environ) as chat:
        chat.ready("paris:tourism 3>")
        assert len(chat.say("/turns", "paris:tourism 3>")) == 4
        assert mark.exists()
        assert chat.leave() == 0


def test_a_search_leads_to_what_it_found(convo: Program) -> None:
    convo("chat", "-s", "other", "a blue whale", "-q")
    with ChatAtTerminal(convo, "-s", "trip", "--new", env={"NO_COLOR": "1"}) as chat:
        chat.ready("trip:main 1>")
        assert "nothing was searched for yet" in "".join(chat.say("/go", "trip:main 1>"))
        chat.say("Where do whales go?", "trip:main 2>")
        shown = chat.say("/search whales", "trip:main 2>")
        assert shown[0].startswith("1  trip  main  turn 1  prompt  ")
        assert "    Where do «whales» go?" in shown
        assert shown[-1] == "/go 1 goes to the first and shows its turn"
        chat.say("/branch 1 fork", "trip:fork 1>")
        shown = chat.say("/go", "trip:main 2>")
        assert shown[0] == "now in session 'trip' on branch 'main'"
        assert shown[1].startswith("── Turn 1 ")
        assert shown[2:4] == ["User", "Where do whales go?"]
        chat.say('/search "blue whale"', "trip:main 2>")
        assert "'9' is not a number from 1 to" in "".join(chat.say("/go 9", "trip:main 2>"))
        chat.type("/go ")
        chat.see(r"^ +1 +other:main 1 +a blue whale")
        chat.type("1")
        shown = chat.say("", "other:main 2>")
        assert shown[0].endswith("now in session 'other' on branch 'main'")
        assert "a blue whale" in shown
        assert chat.say("/search whale blue xyzzy", "other:main 2>")[-1] == (
            "convo: nothing in any session says 'whale blue xyzzy'"
        )
        assert chat.leave() == 0
