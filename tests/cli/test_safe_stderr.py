"""stderr as libraries use it: nothing of what they write commands the terminal."""

from __future__ import annotations

import io
import os
import pty
from textwrap import dedent

import pytest

from convo_cli.safe_stderr import SafeStderr
from tests.cli.commands.test_agents import agent_file
from tests.program import Program, ended
from tests.server import Fault, OpenAIServer

EVIL = "\x1b]0;owned\x07\x9b2J\u202e"


def test_a_terminal_is_given_safe_text() -> None:
    main, side = pty.openpty()
    with os.fdopen(side, "w", encoding="utf-8") as stream:
        SafeStderr(stream).writelines([f"{EVIL}\n"])
        stream.flush()
        assert os.read(main, 100) == b"\\x1b]0;owned\\x07\\x9b2J\\u202e\r\n"
    os.close(main)


def test_what_is_no_terminal_is_given_the_text_as_it_is() -> None:
    stream = io.StringIO()
    safe = SafeStderr(stream)
    assert safe.write(EVIL) == len(EVIL)
    assert stream.getvalue() == EVIL
    assert not safe.isatty()


def test_a_traceback_is_safe(convo: Program, openai_server: OpenAIServer) -> None:
    convo.env.update(openai_server.environ | {"CONVO_MODEL": "test-model"})
    openai_server.script(Fault.status(400, message=f"no {EVIL}"))
    done = convo("chat", "--debug", "Hi")
    assert done.code == 5
    assert "Traceback" in done.err
    assert "owned" in done.err
    assert not set("\x1b\x07\x9b\u202e") & set(done.err)


LOGGING = """
    import logging, warnings
    from agents import Agent

    class Noisy(Agent):
        def __del__(self):
            raise ValueError("\\x1b]0;unraisable\\x07")

    logging.getLogger("theirs").warning("\\x1b]0;logged\\x07")
    warnings.warn("\\x1b]0;warned\\x07")
    agent = Noisy(name="Noisy")
"""


@pytest.mark.parametrize("debug", [[], ["--debug"]])
def test_what_libraries_log_is_safe(convo: Program, debug: list[str]) -> None:
    file = agent_file(convo, dedent(LOGGING))
    child = convo.at_terminal("chat", "-a", str(file), "Hi", *debug, columns=200)
    assert ended(child) == 0
    shown = child.before or ""
    assert "logged" in shown
    assert "warned" in shown
    assert "\x1b]0;" not in shown
