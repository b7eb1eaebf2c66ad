"""Names, tools and texts that mean harm, as every list and transcript shows them on a terminal."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pexpect
import pytest

from convo import AdvancedSQLiteSession
from tests.cli.chat.emulator import Emulator
from tests.program import EXECUTABLE, PATIENCE, Program, ended

HARM = (
    "\x1b[2J\x1b[Hx \x1b[41mred\x1b]0;title\x07\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\"
    "\x1b]52;c;aGk=\x07\x1bPq\x1b\\\x9b31m\x90q\x9c\x1bc\x1b[?1049h\u202eevil\u2066x\u2028\r\b\x00"
    "[bold]no[/bold][link=http://evil]x[/link] &#27;[31m &#x202e;"
)
COLOUR = re.compile(r"\x1b\[(?:\d+(?:;\d+)*)?m")
COMMANDS = (
    "turns",
    "show",
    "branches",
    "branches --tree",
    "sessions",
    "search evil",
    "usage --by-turn",
    "usage --by-branch",
    "list tools",
    "list turns --json",
    "list branches --format csv",
    "turns -s nothing",
    "switch nothing",
    "undo",
    "restore",
)


async def tell(path: Path) -> None:
    """A conversation in which all names and texts are harmful."""
    async with AdvancedSQLiteSession(session_id=HARM, db_path=path, create_tables=True) as session:
        for branch in (None, f"{HARM} 2"):
            if branch is not None:
                await session.create_branch_from_turn(2, branch)
            for _ in range(2):
                call = {"type": "function_call", "call_id": "1", "name": HARM, "arguments": HARM}
                await session.add_items(
                    [
                        {"role": "user", "content": HARM},
                        {"type": "reasoning", "id": "1", "summary": [{"text": HARM}]},
                        call,
                        {"type": "function_call_output", "call_id": "1", "output": HARM},
                        {"role": "assistant", "content": f"# {HARM}\n\n`{HARM}`\n```\n{HARM}\n"},
                    ]
                )


@pytest.fixture
def harmed(convo: Program) -> Program:
    """The program, on a conversation that means harm."""
    asyncio.run(tell(convo.db))
    return convo


def test_nothing_commands_the_terminal(harmed: Program) -> None:
    script = "; ".join(f'echo "== {line}"; "{EXECUTABLE}" {line}' for line in COMMANDS)
    child: pexpect.spawn[bytes] = pexpect.spawn(
        "bash",
        ["-c", script],
        env=harmed.environ({"TERM": "xterm-256color", "PAGER": "cat"}),
        dimensions=(24, 80),
        timeout=PATIENCE,
    )
    ended(child)
    shown = child.before.decode()
    plain = COLOUR.sub("", shown)
    assert not re.search(
        "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u202a-\u202e\u2066-\u2069]", plain
    )
    assert not re.search("\r(?!\n)", plain.replace("\r\r\n", "\r\n"))
    assert "\x1b[41m" not in shown
    for line in COMMANDS:
        told = plain.partition(f"== {line}\r\n")[2].partition("== ")[0]
        assert told.strip(), line
        assert "unexpected" not in told
    assert plain.count("evil") > 20
    emulator = Emulator(80, 24)
    emulator.feed(child.before)
    told = "".join(emulator.text.split())
    assert told == "".join(plain.split())
