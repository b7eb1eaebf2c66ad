"""Whole screens of the chat, compared with stored ones that somebody has looked at.

`SNAPSHOTS=write make test ARGS=tests/cli/ask/screens/test_screens.py` writes them again.
"""

from __future__ import annotations

import re

import pytest

from tests.cli.chat.answers import HOSTILE, TALL, TOUR
from tests.cli.chat.at_terminal import ENTER, ChatAtTerminal
from tests.cli.snapshots import check
from tests.program import Program
from tests.server import Answer, Fault, OpenAIServer, ToolCall

SEQUENCE = re.compile(rb"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|.)|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]")
OURS = re.compile(
    rb"\x1b\[(?:\d+(?:;\d+)*)?m|"  # colours, among which red is none of ours
    rb"\x1b\[[JK]|\x1b\[\d+A|\x1b\[\?(?:25|7|2026)[hl]|"
    rb"\x1b\[0?[JK]|\x1b\[\d+[BCD]|\x1b\[6n|\x1b\[\?(?:1|12|2004)[hl]|\x08"  # the prompt's
)


@pytest.fixture
def served(convo: Program, openai_server: OpenAIServer) -> Program:
    """The program, whose model is on the test server."""
    convo.env.update(openai_server.environ, CONVO_MODEL="test-model", CONVO_SESSION="talk")
    return convo


def sequences(raw: bytes) -> set[bytes]:
    return {found[0] for found in SEQUENCE.finditer(raw)}


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (200, 60)])
def test_answers(served: Program, openai_server: OpenAIServer, columns: int, lines: int) -> None:
    openai_server.script(
        Answer(TOUR, size=4, pause=0.002, reasoning="**Planning** Two days, " + "hm, " * 60),
        Answer(TALL, size=40, pause=0.01),
        Answer(HOSTILE, size=3, reasoning=HOSTILE),
        Fault.cut_after("## Half\n\n- a **list"),
    )
    size = f"{columns}x{lines}"
    with ChatAtTerminal(served, columns=columns, lines=lines) as chat:
        chat.ready("talk:main 1>")
        for number, name in enumerate(["tour", "tall", "hostile"], 2):
            chat.type(name + ENTER)
            shown = chat.ready(f"talk:main {number}>")
            check(f"screen.{name}.{size}.txt", "".join(f"{line}\n" for line in shown))
        cut = chat.say("cut", "talk:main 4>")
        assert cut[:2] == ["Half", "• a **list"]
        assert cut[2].startswith("convo: the connection to http://127.0.0.1")
        assert {found for found in sequences(chat.raw) if not OURS.fullmatch(found)} == set()
        for harm in (b"\x1b[31m", b"\x1b[2J", "\x9b".encode(), "\u202e".encode(), b"\x1b[?1049h"):
            assert harm not in chat.raw
        assert not chat.screen.cursor.hidden
        assert chat.leave() == 0


def test_a_window_that_changes_its_size_during_an_answer(
    served: Program, openai_server: OpenAIServer
) -> None:
    openai_server.script(Answer(TALL, size=8, pause=0.01))
    with ChatAtTerminal(served, columns=100, lines=30) as chat:
        chat.ready("talk:main 1>")
        chat.type("tall" + ENTER)
        chat.see("^n5 = 5$")
        chat.resize(120, 12)
        chat.see("^n60 = 60$")
        chat.resize(140, 40)
        chat.see(r"^7\. item$")
        chat.resize(60, 20)
        shown = chat.ready("talk:main 2>")
        assert chat.leave() == 0
    joined = "".join(shown).replace(" ", "").replace("─", "")
    numbers = "".join(f"n{number}={number}" for number in range(1, 71))
    items = "".join(f"{number}.item" for number in range(1, 31))
    assert f"Allthenumbers:python{numbers}{items}Anda" in joined
    assert joined.count("onandonitgoes,") == 130
    assert "left=open" in joined


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["plain", "dumb"])
def test_without_colour(served: Program, openai_server: OpenAIServer, env: dict[str, str]) -> None:
    openai_server.script(Answer(TOUR, size=9, reasoning="Hm."))
    with ChatAtTerminal(served, env=env) as chat:
        chat.ready("talk:main 1>")
        start = len(chat.raw)
        chat.type("tour" + ENTER)
        shown = chat.ready("talk:main 2>")
        check("screen.tour.plain.txt", "".join(f"{line}\n" for line in shown))
        answer = chat.raw[start:]
        assert chat.leave() == 0
    assert not re.search(rb"\x1b\[[1-9][\d;]*m", answer)
    if env == {"TERM": "dumb"}:
        begin, end = answer.index(b"thought: Hm."), answer.index(b"0123456789")
        assert b"\x1b" not in answer[begin:end]


AGENT = """
from agents import Agent, function_tool

@function_tool
def look(where: str) -> str:
    return {harm!r} + "x" * 200

agent = Agent(name="Looker", tools=[look])
"""


def test_tools_thoughts_and_answers_among_each_other(
    served: Program, openai_server: OpenAIServer
) -> None:
    agent = served.home / "looker.py"
    agent.write_text(AGENT.format(harm=HOSTILE))
    call = ToolCall("look", {"where": "\x1b[2J\u202ehere"})
    openai_server.script(
        Answer("I shall *look*.", calls=[call], reasoning="**Looking** is best."),
        Answer("It is **there**:\n\n- `here`", reasoning="\x1b]0;x\x07 Found it."),
    )
    with ChatAtTerminal(served, "--agent", str(agent)) as chat:
        chat.ready("talk:main 1>")
        chat.type("Where?" + ENTER)
        shown = chat.ready("talk:main 2>")
        check("screen.tools.80x24.txt", "".join(f"{line}\n" for line in shown))
        assert {found for found in sequences(chat.raw) if not OURS.fullmatch(found)} == set()
        assert chat.leave() == 0
