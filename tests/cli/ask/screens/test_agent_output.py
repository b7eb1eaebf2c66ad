"""What an agent's code prints: shown as text, whatever way it takes to the terminal."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from textwrap import dedent

import pexpect
import pytest

from tests.cli.chat.answers import TALL
from tests.cli.chat.at_terminal import CTRL_C, ENTER, PATIENCE, ChatAtTerminal
from tests.cli.chat.emulator import Emulator
from tests.program import EXECUTABLE, Program
from tests.server import Answer, Fault, OpenAIServer, ToolCall

EVIL = r"\x1b]0;owned\x07\x1b[31mred [bold]x[/bold] \x9b2J"
SHOWN = r"\x1b]0;owned\x07\x1b[31mred [bold]x[/bold]"
LOADED = r"^loading.*\ntalk:main 1>$"
OWNED = re.compile(rb"owned\x07|\x1b\[31m|\x9b2J|\xc2\x9b")

DESK = f"""
    import logging, os, subprocess, sys, threading, time
    from agents import Agent, function_tool

    evil = "{EVIL}"
    print("loading", evil)

    def in_thread() -> None:
        print("thread", evil)

    def tick() -> None:
        for number in range(80):
            print("tick", number)
            time.sleep(0.01)

    @function_tool
    def look(how: str) -> str:
        if how == "print":
            print("print", evil)
        elif how == "log":
            logging.warning("log %s", evil)
        elif how == "write":
            os.write(1, b"write " + evil.encode("latin-1") + b"\\n")
        elif how == "program":
            subprocess.run(["printf", "%s\\n", "program " + evil])
        elif how == "thread":
            one = threading.Thread(target=in_thread)
            one.start()
            one.join()
        elif how == "tick":
            threading.Thread(target=tick, daemon=True).start()
        elif how == "part":
            print("part", evil, end="", flush=True)
        elif how == "flood":
            subprocess.run([sys.executable, "-c", "for n in range(100000): print('flood', n)"])
        elif how == "fork":
            child = os.fork()
            if not child:
                print("fork", evil)
                os._exit(0)
            os.waitpid(child, 0)
        elif how == "list":
            subprocess.run(["ls", "/proc/self/fd"], close_fds=False)
        elif how == "crash":
            os.abort()
        return "Found."

    agent = Agent(name="Desk", tools=[look])
"""

HOWS = ["print", "log", "write", "program", "thread", "fork"]


@pytest.fixture
def desk(convo: Program, openai_server: OpenAIServer) -> Program:
    """The program, with an agent whose tool prints what would command a terminal."""
    convo.env.update(openai_server.environ, CONVO_MODEL="test-model", CONVO_SESSION="talk")
    (convo.home / "desk.py").write_text(dedent(DESK))
    return convo


def chat_at(desk: Program) -> ChatAtTerminal:
    return ChatAtTerminal(desk, "-a", "desk.py", columns=100)


def calls(*hows: str) -> list[ToolCall | Answer]:
    return [*(ToolCall("look", {"how": how}) for how in hows), Answer("It is **there**.")]


def test_whatever_is_printed_is_shown_as_text(desk: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(*calls(*HOWS))
    with chat_at(desk) as chat:
        chat.ready("talk:main 1>")
        shown = chat.say("Look", "talk:main 2>")
        for how in HOWS:
            place = shown.index(f'→ look({{"how": "{how}"}})')
            said = "WARNING:root:log" if how == "log" else how
            assert shown[place + 1].startswith(f"{said} {SHOWN}"), shown
            assert shown[place + 2] == "← look: Found."
        assert shown[-2:] == ["It is there.", "started session 'talk'"]
        assert f"loading {SHOWN}" in chat.text
        assert "42" in chat.say("Say 42", "talk:main 3>")[0]
        assert chat.leave() == 0
        assert not OWNED.search(chat.raw)


def test_a_line_need_not_end(desk: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(ToolCall("look", {"how": "part"}), Fault.stall(after="It was"))
    with chat_at(desk) as chat:
        chat.ready("talk:main 1>")
        chat.type("Look" + ENTER)
        chat.see(rf"^part {re.escape(SHOWN)}")


def test_a_program_inherits_nothing_else(desk: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(*calls("list"))
    with chat_at(desk) as chat:
        chat.ready("talk:main 1>")
        chat.see(LOADED)
        shown = chat.say("Look", "talk:main 2>")
        assert [line for line in shown if line.isdecimal()] == ["0", "1", "2", "3"]


def test_a_flood_is_bounded(desk: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(*calls("flood"))
    with chat_at(desk) as chat:
        chat.ready("talk:main 1>")
        chat.see(LOADED)
        shown = chat.say("Look", "talk:main 2>")
        flood = [line for line in shown if line.startswith("flood")]
        assert (flood[0], flood[99], flood[-1]) == ("flood 0", "flood 99", "flood 99999")
        assert len(flood) == 110
        assert "(99,890 more lines)" in shown
        assert "It is there." in shown
        assert chat.leave() == 0


OTHERS = ("talk:main", "tick ", "→ ", "← ", "started ")


@pytest.mark.parametrize("options", [[], ["--raw"]])
def test_nothing_of_the_answer_is_lost_or_torn(
    desk: Program, openai_server: OpenAIServer, options: list[str]
) -> None:
    openai_server.script(ToolCall("look", {"how": "tick"}), Answer(TALL, size=8, pause=0.005))
    openai_server.script(Answer(TALL, size=80))
    with ChatAtTerminal(desk, "-a", "desk.py", *options) as chat:
        chat.ready("talk:main 1>")
        chat.see(LOADED)
        shown = chat.say("Look", "talk:main 2>")
        answer = chat.say("Again", "talk:main 3>")
        ticks = [number for number, line in enumerate(shown) if line.startswith("tick ")]
        assert [shown[number] for number in ticks] == [f"tick {n}" for n in range(len(ticks))]
        assert ticks[-1] > 20, shown
        said = [line for line in shown if not line.startswith(OTHERS)]
        assert said == [line for line in answer if not line.startswith("tick ")]


LOGGING_SERVER = """
    import sys, threading
    from mcp.server.mcpserver import MCPServer

    server = MCPServer("clock")
    sys.stderr.write("up \\x1b[31m\\n")
    sys.stderr.flush()

    def later() -> None:
        sys.stderr.write("later \\x1b[31m\\n")
        sys.stderr.flush()

    @server.tool()
    def time() -> str:
        threading.Timer(1, later).start()
        return "ten"

    server.run()
"""
WITH_SERVER = """
    import sys
    from agents import Agent
    from agents.mcp import MCPServerStdio

    clock = MCPServerStdio(
        name="clock", params={"command": sys.executable, "args": ["clock.py"]},
        client_session_timeout_seconds=60,
    )
    agent = Agent(name="Desk", mcp_servers=[clock])
"""


def test_what_a_server_logs_is_shown_above_the_line_that_is_typed(
    desk: Program, openai_server: OpenAIServer
) -> None:
    (desk.home / "clock.py").write_text(dedent(LOGGING_SERVER))
    (desk.home / "desk.py").write_text(dedent(WITH_SERVER))
    openai_server.script(ToolCall("time"), Answer("Ten."), Answer("Yes."))
    with chat_at(desk) as chat:
        chat.ready("talk:main 1>")
        chat.type("When?" + ENTER)
        chat.see(r"^Ten\.$")
        chat.see(r"^talk:main 2>")
        chat.type("Is it")
        chat.see(r"^later \\x1b\[31m$")
        chat.see(r"^talk:main 2> Is it$")
        chat.type(" late?" + ENTER)
        assert "Yes." in chat.ready("talk:main 3>")
        assert chat.text.index("up \\x1b[31m") < chat.text.index("Ten.")
        assert chat.text.rindex("later") < chat.text.index("talk:main 2> Is it late?")
        assert chat.leave() == 0
        assert not OWNED.search(chat.raw)


def test_an_editor_has_the_terminal(desk: Program) -> None:
    editor = desk.home / "edit"
    editor.write_text('#!/bin/sh\ntest -t 1 -a -t 2 && printf "At a terminal" > "$1"\n')
    editor.chmod(0o700)
    desk.env.update(EDITOR=str(editor), CONVO_MODEL="echo")
    with chat_at(desk) as chat:
        chat.ready("talk:main 1>")
        chat.type("\x18\x05")
        shown = chat.ready("talk:main 2>")
        assert 'You said "At a terminal"' in "".join(shown)
        assert chat.leave() == 0


def test_ctrl_c_and_an_end_from_outside(desk: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(ToolCall("look", {"how": "part"}), Fault.stall(after="It was"))
    with chat_at(desk) as chat:
        chat.ready("talk:main 1>")
        chat.type("Look" + ENTER)
        chat.see("^It was$")
        chat.type(CTRL_C)
        stopped = "stopped; /retry asks it again, /keep keeps what came"
        assert stopped in chat.ready("talk:main 1>")
        chat.child.kill(signal.SIGTERM)
        assert chat.end() == 128 + signal.SIGTERM
        assert chat.modes_now() == chat.modes
        assert not OWNED.search(chat.raw)


def test_a_crash_is_seen(desk: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(*calls("crash"))
    with chat_at(desk) as chat:
        chat.ready("talk:main 1>")
        chat.type("Look" + ENTER)
        chat.see("Fatal Python error: Aborted")


LATE = """
    import atexit
    from agents import Agent

    atexit.register(print, "goodbye \\x1b[31m")
    agent = Agent(name="Desk")
"""


def test_what_is_printed_when_all_is_over(desk: Program) -> None:
    (desk.home / "desk.py").write_text(dedent(LATE))
    with chat_at(desk) as chat:
        chat.ready("talk:main 1>")
        chat.say("Hi", "talk:main 2>")
        assert chat.leave() == 0
        assert chat.lines[-1] == r"goodbye \x1b[31m"
        assert not OWNED.search(chat.raw)


def at_once(desk: Program, *args: str) -> tuple[list[str], bytes]:
    """What a terminal shows of a single turn, and the bytes that it got."""
    command = pexpect.spawn(
        str(EXECUTABLE),
        ["chat", "-a", "desk.py", *args],
        cwd=str(desk.home),
        env=desk.environ({"TERM": "xterm-256color"}),
        dimensions=(24, 100),
        timeout=PATIENCE,
    )
    raw = command.read()
    command.wait()
    screen = Emulator(100, 24)
    screen.feed(raw)
    return screen.text.split("\n"), raw


@pytest.mark.parametrize("options", [[], ["--raw"], ["--json"]])
def test_a_single_turn_on_a_terminal(
    desk: Program, openai_server: OpenAIServer, options: list[str]
) -> None:
    openai_server.script(*calls(*HOWS))
    shown, raw = at_once(desk, *options, "Look")
    for how in HOWS:
        said = "WARNING:root:log" if how == "log" else how
        assert shown[shown.index(f'→ look({{"how": "{how}"}})') + 1].startswith(f"{said} {SHOWN}")
    assert shown[0].startswith(f"loading {SHOWN}")
    assert "there" in "".join(shown[-12:])
    assert not OWNED.search(raw)


def test_the_answer_in_a_file_while_errors_are_on_a_terminal(
    desk: Program, openai_server: OpenAIServer
) -> None:
    openai_server.script(*calls("print"))
    line = f"{EXECUTABLE} chat -a desk.py Look > answer"
    shell = pexpect.spawn(
        "sh", ["-c", line], cwd=str(desk.home), env=desk.environ({}), timeout=PATIENCE
    )
    raw = shell.read()
    assert (desk.home / "answer").read_text() == "It is **there**.\n"
    assert f"print {SHOWN}".encode() in raw
    assert not OWNED.search(raw)


def test_errors_in_a_file_pass_as_they_are(desk: Program, openai_server: OpenAIServer) -> None:
    openai_server.script(*calls("program"))
    said = desk("chat", "-a", "desk.py", "Look", cwd=desk.home).err
    assert "program \x1b]0;owned\x07\x1b[31mred [bold]x[/bold] \x9b2J\n" in said


def test_without_an_agent_nothing_is_caught(desk: Program) -> None:
    desk.env["CONVO_MODEL"] = "echo"
    with ChatAtTerminal(desk) as chat:
        chat.ready("talk:main 1>")
        for number in (1, 2):
            led = Path(f"/proc/{chat.child.pid}/fd/{number}").readlink()
            assert led.parent == Path("/dev/pts")
        assert chat.leave() == 0
