"""Answers on the clipboard: by the terminal, or by a stand-in for the program of the platform."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from tests.cli.chat.at_terminal import ChatAtTerminal
from tests.cli.stored import items, store_turn
from tests.program import Program

ANSWER = "So:\n\n```sh\nls\n```\n\nor\n\n```sh\nls -l\n```\n"
GNOME = {"VTE_VERSION": "7600", "WAYLAND_DISPLAY": None, "DISPLAY": None}


@pytest.fixture
def talk(convo: Program) -> Program:
    """Two turns, of which the first has code in its answer."""
    store_turn(Path(convo.env["CONVO_DB"]), *items("How?", ANSWER))
    store_turn(Path(convo.env["CONVO_DB"]), *items("Is it é?", "É it is."))
    return convo


def copied(raw: bytes) -> list[str]:
    """What a terminal was given for its clipboard."""
    found = re.findall(rb"\x1b\]52;c;([^\x07]*)\x07", raw)
    return [base64.b64decode(data).decode() for data in found]


def test_the_terminal_takes_an_answer_or_its_code(talk: Program) -> None:
    with ChatAtTerminal(talk) as chat:
        chat.ready("s:main 3>")
        assert chat.say("/copy", "s:main 3>") == [
            "the answer of turn 2 is copied by the terminal: 8 characters"
        ]
        chat.say("/copy 1", "s:main 3>")
        chat.say("/copy 1 code", "s:main 3>")
        chat.say("/copy -1", "s:main 3>")
        assert copied(chat.raw) == ["É it is.", ANSWER, "ls -l\n", "É it is."]
        assert chat.say("/copy code", "s:main 3>")[0].startswith("convo: the answer has no code")
        assert "no turn 7" in chat.say("/copy 7", "s:main 3>")[0]
        assert "no turn is called 'x'" in chat.say("/copy x", "s:main 3>")[0]
        assert chat.leave() == 0


@pytest.mark.parametrize(
    ("program", "display", "arguments"),
    [
        ("wl-copy", "WAYLAND_DISPLAY", ""),
        ("xclip", "DISPLAY", "-selection clipboard"),
        ("xsel", "DISPLAY", "--clipboard --input"),
    ],
)
def test_else_a_program_takes_it(talk: Program, program: str, display: str, arguments: str) -> None:
    bin_folder = talk.home / "bin"
    bin_folder.mkdir()
    stand_in = bin_folder / program
    # Like the real ones it stays behind, with its streams open.
    how, what = talk.home / "how", talk.home / "what"
    stand_in.write_text(f'#!/bin/sh\necho "$@" >{how}\ncat >{what}\nsleep 9 &\n')
    stand_in.chmod(0o755)
    env = {**GNOME, display: "x", "PATH": f"{bin_folder}:/usr/bin:/bin"}
    with ChatAtTerminal(talk, env=env) as chat:
        chat.ready("s:main 3>")
        assert chat.say("/copy", "s:main 3>") == [
            f"the answer of turn 2 is copied by {program}: 8 characters"
        ]
        assert what.read_text() == "É it is."
        assert how.read_text() == f"{arguments}\n"
        assert copied(chat.raw) == []
        assert chat.leave() == 0


def test_where_nothing_takes_it_that_is_said(talk: Program) -> None:
    with ChatAtTerminal(talk, env=GNOME) as chat:
        chat.ready("s:main 3>")
        said = " ".join(chat.say("/copy", "s:main 3>"))
        assert said.startswith("convo: nothing here takes a text to the clipboard; install wl-cl")
        assert chat.leave() == 0
