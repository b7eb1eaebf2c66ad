"""Ctrl-C while a command waits for another process, or reads for long: it ends at once."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event

import pytest

from tests.integration.locks import EXCLUSIVE_WITH_LOG, WRITE_LOCK, locked
from tests.program import PATIENCE, Program
from tests.server import Answer, Fault, OpenAIServer

FOR_HOURS = """
import pathlib, sys
from convo.store.base import OpenedStore
at_work = pathlib.Path(sys.argv.pop(1))
sys.addaudithook(lambda event, _: event == "sqlite3.connect" and at_work.touch())
OpenedStore.__init__.__kwdefaults__["lock_timeout"] = 3600.0
from convo_cli.__main__ import main
sys.exit(main())
"""
"""The program as it is installed, but for the time that it waits; says when it is at work."""


@pytest.fixture
def talked(tmp_path: Path) -> Program:
    program = Program(tmp_path)
    for question in ("one", "two"):
        assert program("chat", question).code == 0
    return program


def begun(program: Program, *args: str) -> "subprocess.Popen[str]":
    """The program at work on the database."""
    at_work = program.home / "at-work"
    process = subprocess.Popen(
        [sys.executable, "-c", FOR_HOURS, at_work, *args],
        env=program.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    end = time.monotonic() + PATIENCE
    while not at_work.exists():
        assert time.monotonic() < end
        time.sleep(0.01)
    # Now it opens the file, and is about to find that it is locked.
    time.sleep(0.3)
    assert process.poll() is None, process.communicate()
    return process


def interrupted(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


@pytest.mark.parametrize(
    "command",
    [
        "branch --turn 2 other",
        "undo",
        "delete side",
        "rename side other",
        "switch side",
        "retry",
        "chat hi",
    ],
)
def test_a_command_that_waits_for_a_lock(talked: Program, command: str) -> None:
    assert talked("branch", "--turn", "2", "side").code == 0
    assert talked("switch", "main").code == 0
    with locked(talked.db, *WRITE_LOCK):
        code, out, err = interrupted(begun(talked, *command.split()))
    assert (code, out) == (130, "")
    assert err.splitlines()[-1] == "convo: interrupted"
    assert talked("turns", "--json").out.count('"turn"') == 2


def test_an_answer_that_is_stopped_while_another_process_writes(
    talked: Program, openai_server: OpenAIServer
) -> None:
    openai_server.script(Fault.stall(after="It was a dark"))
    talked.env |= {**openai_server.environ, "CONVO_MODEL": "test-model"}
    process = begun(talked, "chat", "Tell me a story")
    assert process.stdout is not None
    assert process.stdout.read(len("It was")) == "It was"
    with locked(talked.db, *WRITE_LOCK):
        code, _, err = interrupted(process)
    assert code == 130
    assert err.splitlines()[-1] == "convo: interrupted; kept for `convo retry`"


def test_an_answer_that_waits_to_be_stored(talked: Program, openai_server: OpenAIServer) -> None:
    gate = Event()
    openai_server.script(Answer("It was a dark night.", gate=gate))
    talked.env |= {**openai_server.environ, "CONVO_MODEL": "test-model"}
    process = begun(talked, "chat", "Tell me a story")
    openai_server.wait_for_requests(1)
    with locked(talked.db, *WRITE_LOCK):
        gate.set()
        assert process.stdout is not None
        assert process.stdout.readline() == "It was a dark night.\n"
        time.sleep(0.3)
        code, _, err = interrupted(process)
    assert code == 130
    assert err.splitlines()[-1] == "convo: interrupted; kept for `convo retry`"
    assert talked("turns", "--json").out.count('"turn"') == 2
    assert "Tell me a story" in talked("show", "--waiting").out


@pytest.mark.parametrize("command", ["turns", "show", "usage", "search one", "chat three"])
def test_a_command_that_may_not_even_read(talked: Program, command: str) -> None:
    with locked(talked.db, *EXCLUSIVE_WITH_LOG):
        process = begun(talked, *command.split())
        assert interrupted(process) == (130, "", "convo: interrupted\n")
    assert talked("turns", "--json").out.count('"turn"') == 2
