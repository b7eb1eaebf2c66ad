"""A turn as it is shown while it runs."""

from __future__ import annotations

import asyncio
import io

import pytest

from convo_cli.ask.screens import markdown
from convo_cli.ask.screens.base import TurnScreen
from convo_cli.ask.screens.markdown import AnswerScreen
from convo_cli.ask.screens.plain import PipedAnswer, RawScreen
from convo_cli.terminal import Terminal
from convo_cli.turn.events import Event, ReasoningDelta, TextDelta, ToolCalled, ToolReturned


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


EVENTS = (
    TextDelta("Let me look."),
    ReasoningDelta("**Hm**\n"),
    ReasoningDelta("\nLooking at \x1b[2Jthe weather."),
    ToolCalled("get_weather", '{"city": "Paris", "country": "France"}'),
    ToolReturned("get_weather", "sunny\n\x1b[2J" + "x" * 9999),
    TextDelta("Sun"),
    TextDelta("ny."),
)
SHOWN = """\
Let me look.
thought: Hm Looking at \\x1b[2Jthe weat~
-> get_weather({"city": "Paris", "coun~
<- get_weather: sunny \\x1b[2Jxxxxxxxxx~
Sunny.
"""


async def shown(*events: Event, kind: type[TurnScreen] = AnswerScreen, **environ: str) -> str:
    out = Tty()
    answer = kind(Terminal(None, out, None, {"COLUMNS": "40", **environ}))
    answer.begin()
    for event in events:
        answer.take(event)
    answer.end()
    return out.getvalue()


@pytest.mark.parametrize("kind", [AnswerScreen, RawScreen])
async def test_what_happens_stands_on_lines_of_its_own_shortened_and_safe(
    kind: type[TurnScreen],
) -> None:
    assert await shown(*EVENTS, kind=kind, NO_COLOR="1") == SHOWN
    assert await shown(kind=kind) == ""


async def test_what_happens_is_dimmed_where_there_is_colour() -> None:
    assert await shown(ToolCalled("f", "{}")) == "\x1b[2m-> f({})\x1b[22m\n"
    assert await shown(ReasoningDelta("Hm.")) == "\x1b[2mthought: Hm.\x1b[22m\n"


async def test_text_is_rendered_unless_it_shall_be_raw() -> None:
    text = "**a**\n- b\r"
    assert await shown(TextDelta(text)) == "\x1b[1ma\x1b[0m\n- b\\r\n"
    assert await shown(TextDelta(text), kind=RawScreen) == "**a**\n- b\\r\n"


async def test_raw_text_is_written_at_once() -> None:
    out = Tty()
    answer = RawScreen(Terminal(None, out, None, {}))
    for piece, seen in {"Par": "Par", "is.\r": "Paris.", "\n": "Paris.\n"}.items():
        answer.take(TextDelta(piece))
        assert out.getvalue() == seen


async def test_silence_is_explained_until_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown, "_PATIENCE", 0)
    out = Tty()
    answer = AnswerScreen(Terminal(None, out, None, {"NO_COLOR": "1"}))
    answer.begin()
    await asyncio.sleep(0.01)
    assert "waiting for the answer; Ctrl-C stops it" in out.getvalue()
    answer.take(TextDelta("Here."))
    answer.end()
    end = out.getvalue()
    await asyncio.sleep(0.01)
    assert out.getvalue() == end


async def test_a_dumb_terminal_gets_blocks_when_they_are_complete() -> None:
    out = Tty()
    answer = AnswerScreen(Terminal(None, out, None, {"TERM": "dumb", "COLUMNS": "40"}))
    answer.begin()
    for piece, seen in {"One": "", " **two**\n": "", "\nThree": "One **two**\n"}.items():
        answer.take(TextDelta(piece))
        assert out.getvalue() == seen
    answer.end()
    assert out.getvalue() == "One **two**\n\nThree\n"


async def test_it_can_be_paused() -> None:
    out = Tty()
    answer = AnswerScreen(Terminal(None, out, None, {"NO_COLOR": "1"}))
    answer.begin()
    answer.take(TextDelta("One"))
    answer.end()
    assert out.getvalue() == "One\n"
    answer.begin()
    answer.take(TextDelta("two"))
    answer.end()
    assert out.getvalue() == "One\ntwo\n"


def test_what_is_piped_passes_as_it_is_and_ends_in_one_newline() -> None:
    out, asides = io.StringIO(), list[str]()
    answer = PipedAnswer(Terminal(None, out, None, {}), asides.append)
    answer.begin()
    for event in EVENTS:
        answer.take(event)
        answer.end()
        answer.begin()
    answer.take(TextDelta("\x1b[0m\r"))
    answer.close()
    assert out.getvalue() == "Let me look.Sunny.\x1b[0m\r\n"
    assert len(asides) == 4
