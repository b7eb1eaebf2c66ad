"""Ctrl-Z during an answer."""

from __future__ import annotations

import shlex

import pexpect

from tests.cli.chat.at_terminal import CTRL_C, ENTER
from tests.program import EXECUTABLE, PATIENCE, Program
from tests.server import Fault, OpenAIServer


def test_an_answer_can_be_left_for_the_shell_and_come_back_to(
    convo: Program, openai_server: OpenAIServer
) -> None:
    openai_server.script(Fault.stall(after="It was a **dark** and"))
    env = {**openai_server.environ, "CONVO_MODEL": "m", "TERM": "xterm", "PS1": "shell> "}
    shell: pexpect.spawn[str] = pexpect.spawn(
        "bash",
        ["--norc", "--noprofile", "-i"],
        env=convo.environ(env),
        encoding="utf-8",
        timeout=PATIENCE,
    )
    shell.send(f"{shlex.quote(str(EXECUTABLE))} chat story{ENTER}")
    shell.expect_exact("\x1b[?25l")
    shell.expect_exact("dark")
    shell.send("\x1a")
    shell.expect_exact("\x1b[?25h")
    shell.expect("Stopped")
    shell.send(f"fg{ENTER}")
    shell.expect_exact("It was a")
    shell.send(CTRL_C)
    shell.expect_exact("\x1b[?25h")
    shell.expect_exact("convo: interrupted")
    shell.send(f"exit{ENTER}")
    shell.expect(pexpect.EOF)
