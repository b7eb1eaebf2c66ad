"""A turn as it is shown while it runs."""

from __future__ import annotations

import asyncio
import io

import pytest

from convo_cli.agent.choice import Event, ReasoningDelta, TextDelta, ToolCalled, ToolReturned
from convo_cli.chat import screen
from convo_cli.chat.screen import AnswerScreen
from convo_cli.terminal import Terminal


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


async def shown(*events: Event, **environ: str) -> str:
    out = Tty()
    answer = AnswerScreen(Terminal(None, out, None, {"COLUMNS": "40", **environ}))
    answer.begin()
    for event in events:
        answer.take(event)
    answer.end()
    return out.getvalue()


async def test_text_is_shown_as_it_comes_and_ends_its_line() -> None:
    assert await shown(TextDelta("Par"), TextDelta("is."), NO_COLOR="1") == "Paris.\n"
    assert await shown(TextDelta("Paris.\n")) == "Paris.\n"
    assert await shown() == ""


async def test_tools_stand_on_lines_of_their_own_shortened_and_safe() -> None:
    events = (
        TextDelta("Let me look."),
        ReasoningDelta("hm"),
        ToolCalled("get_weather", '{"city": "Paris", "country": "France"}'),
        ToolReturned("get_weather", "sunny\n\x1b[2J" + "x" * 9999),
        TextDelta("Sunny."),
    )
    assert await shown(*events, NO_COLOR="1") == (
        "Let me look.\n"
        '-> get_weather({"city": "Paris", "coun~\n'
        "<- get_weather: sunny \\x1b[2Jxxxxxxxxx~\n"
        "Sunny.\n"
    )


async def test_tools_are_dimmed_where_there_is_colour() -> None:
    assert await shown(ToolCalled("f", "{}")) == "\x1b[2m-> f({})\x1b[22m\n"


async def test_a_return_cut_from_its_newline_is_held_back() -> None:
    assert await shown(TextDelta("a\r"), TextDelta("\nb\r")) == "a\nb\\r\n"


async def test_silence_is_explained_until_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "_PATIENCE", 0)
    out = Tty()
    answer = AnswerScreen(Terminal(None, out, None, {"NO_COLOR": "1"}))
    answer.begin()
    await asyncio.sleep(0.01)
    waiting = "waiting for the answer; Ctrl-C stops it"
    assert out.getvalue() == waiting
    answer.take(TextDelta("Here."))
    answer.end()
    await asyncio.sleep(0.01)
    assert out.getvalue() == f"{waiting}\r{' ' * len(waiting)}\rHere.\n"
