"""The chat on a server that is stopped and started again, and a password that nobody is shown."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.chat.at_terminal import ENTER, ChatAtTerminal
from tests.postgres.run import own
from tests.postgres.server import ADMINISTRATOR, DURABLE, Server
from tests.program import Program
from tests.server import Answer, OpenAIServer


@pytest.fixture
def database(postgres_server: Server, postgres_run: Path) -> Iterator[Server]:
    """A server of its own."""
    server = own(postgres_run, "chatting")
    server.start(DURABLE)
    yield server
    server.stop(how=signal.SIGQUIT)


@pytest.fixture
def on_server(convo: Program, database: Server, openai_server: OpenAIServer) -> Program:
    """The program on that server, whose password is in CONVO_DB; `test-model` answers."""
    convo.env |= {
        **openai_server.environ,
        "CONVO_MODEL": "test-model",
        "CONVO_DB": database.url("postgres", user=ADMINISTRATOR),
    }
    assert convo("db", "init").code == 0
    return convo


def test_the_server_restarts_at_the_prompt_and_during_an_answer(
    on_server: Program, database: Server, openai_server: OpenAIServer
) -> None:
    gate = threading.Event()
    with ChatAtTerminal(on_server, "-s", "talk") as chat:
        chat.ready("talk:main 1>")
        assert chat.say("one", "talk:main 2>") == ["Answer 1 to: one", "started session 'talk'"]
        database.stop()
        database.start(DURABLE)
        assert chat.say("two", "talk:main 3>") == ["Answer 2 to: two"]
        openai_server.script(Answer(["It was ", "a dark night."], gate=gate))
        chat.type("three" + ENTER)
        openai_server.wait_for_requests(3)
        database.stop()
        gate.set()
        chat.see("a dark night")
        database.start(DURABLE)
        chat.ready("talk:main 4>")
        assert chat.say("four", "talk:main 5>") == ["Answer 4 to: four"]
        assert chat.leave() == 0
    assert on_server("turns", "--format", "tsv").out.count("\n") == 5
    assert on_server("db", "check").code == 0


def test_nobody_is_shown_the_password_of_a_chat(on_server: Program, database: Server) -> None:
    with ChatAtTerminal(on_server, "--debug", "-s", "talk") as chat:
        chat.ready("talk:main 1>")
        chat.say("one", "talk:main 2>")
        for line in ("/branch 9", "/search one", "/usage", "/status", "/export x.md"):
            chat.say(line, "talk:main 2>")
        lines = command_lines(chat.child.pid)
        assert lines
        assert database.password not in "".join(lines)
        assert chat.leave() == 0
        assert database.password.encode() not in chat.raw
    files = list(on_server.home.rglob("*"))
    assert {"prompts", "x.md"} <= {path.name for path in files}
    for path in files:
        assert database.password not in str(path)
        assert not path.is_file() or database.password.encode() not in path.read_bytes()


def command_lines(process: int) -> list[str]:
    """The command lines of a process and of all that it has started, as `ps` shows them."""
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=", "-o", "ppid=", "-o", "args="],
        capture_output=True,
        text=True,
        check=True,
    )
    found = {process}
    lines = []
    for number, parent, *args in (line.split() for line in listed.stdout.splitlines()):
        if int(number) == process or int(parent) in found:
            found.add(int(number))
            lines.append(" ".join(args))
    return lines
