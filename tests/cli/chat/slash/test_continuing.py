"""Answers in the chat that were cut or stopped: gone on from, and kept."""

from __future__ import annotations

import json

from tests.cli.chat.at_terminal import CTRL_C, ENTER, ChatAtTerminal
from tests.cli.chat.slash.test_retry import served
from tests.program import Program
from tests.server import Answer, Fault, OpenAIServer

__all__ = ["served"]


def test_what_was_cut_or_stopped_is_gone_on_with(
    served: Program, openai_server: OpenAIServer
) -> None:
    openai_server.script(
        Fault.truncated("Half of"), Answer(" an answer."), Fault.stall("It was a dark")
    )
    with ChatAtTerminal(served, columns=120) as chat:
        chat.ready("talk:main 1>")
        assert chat.say("/keep", "talk:main 1>") == ["convo: no prompt waits on branch 'main'"]
        cut = "the answer was cut off at the limit of tokens; /continue goes on from it"
        assert chat.say("One?", "talk:main 2>") == ["Half of", "started session 'talk'", cut]
        assert chat.say("/continue", "talk:main 3>")[-1].strip() == "an answer."
        assert chat.say("/continue", "talk:main 3>") == [
            "convo: nothing to continue: turn 2 of 'main' is whole; only an answer that was cut is "
            "continued"
        ]
        chat.type("A story?" + ENTER)
        chat.see("^It was a dark$")
        chat.type(CTRL_C)
        stopped = "stopped; /retry asks it again, /keep keeps what came"
        assert stopped in chat.ready("talk:main 3 (1 waits)>")
        assert chat.say("/keep", "talk:main 4>") == [
            "kept as turn 3 of 'main', marked as cut; /continue goes on from it"
        ]
        assert chat.leave() == 0
    turns = json.loads(served("turns", "--json").out)
    assert [turn["cut"] for turn in turns] == [True, False, True]
