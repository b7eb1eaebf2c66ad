"""A chat that is ended from outside leaves the terminal as it was and the database whole."""

from __future__ import annotations

import signal
import sqlite3
from pathlib import Path

import pytest

from tests.cli.chat.at_terminal import ENTER, ChatAtTerminal
from tests.program import Program
from tests.server import Fault, OpenAIServer


def is_whole(database: Path) -> bool:
    connection = sqlite3.connect(database)
    try:
        return connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        connection.close()


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP])
def test_ended_at_the_prompt(paris: Program, ending: signal.Signals) -> None:
    with ChatAtTerminal(paris) as chat:
        chat.ready("paris:tourism 3>")
        assert chat.modes_now() != chat.modes
        chat.type("half a questi")
        chat.see("half a questi$")
        chat.child.kill(ending)
        assert chat.end() == 128 + ending
        assert chat.modes_now() == chat.modes
    assert is_whole(paris.db)


def test_a_terminal_that_is_closed_during_an_answer(
    convo: Program, openai_server: OpenAIServer
) -> None:
    openai_server.script(Fault.stall(after="It was a dark"))
    env = {**openai_server.environ, "CONVO_MODEL": "test-model"}
    with ChatAtTerminal(convo, "-s", "talk", env=env) as chat:
        chat.ready("talk:main 1>")
        chat.type("Tell me a story" + ENTER)
        chat.see("^It was a dark$")
        assert chat.close_window() == 128 + signal.SIGHUP
    openai_server.wait_for_hang_up()
    assert is_whole(convo.db)
    assert convo("turns", "-s", "talk").code == 3
