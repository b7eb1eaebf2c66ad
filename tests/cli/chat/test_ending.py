"""A chat that is ended from outside leaves the terminal as it was and the database whole."""

from __future__ import annotations

import re
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from tests.cli.chat.at_terminal import ENTER, ChatAtTerminal
from tests.integration.locks import write_lock
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


@pytest.mark.parametrize("typed", ["Where to?", "/undo"])
def test_ctrl_c_ends_the_wait_for_another_process(paris: Program, typed: str) -> None:
    with ChatAtTerminal(paris) as chat:
        chat.ready("paris:tourism 3>")
        with write_lock(paris.db):
            chat.type(typed + ENTER)
            # Under way, and waiting: were it not, it would be interrupted all the same.
            time.sleep(0.5)
            chat.type("\x03")
            # The prompt that comes after it, and not the one at which this was typed.
            again = "" if typed.startswith("/") else " " + re.escape(typed) + "$"
            chat.see("^stopped\\n+paris:tourism 3>" + again)
        chat.type("\x03")
        assert chat.leave() == 0
    assert paris("turns", "--json").out.count('"turn"') == 2
