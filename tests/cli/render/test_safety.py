"""Whatever a model, a tool or a title says: text reaches the terminal, and nothing else."""

from __future__ import annotations

import io
import re
import unicodedata
from types import SimpleNamespace
from typing import cast

from hypothesis import example, given, settings
from hypothesis import strategies as st
from wcwidth import wcwidth

from convo.records import BranchInfo, SessionInfo, TurnInfo
from convo.usage_records import Tokens
from convo_cli.chat.line.prompt import prompt_text
from convo_cli.chat.line.shown import Shown
from convo_cli.chat.state import Chat
from convo_cli.render import listings
from convo_cli.render.live import thinking, thought, tool_called, tool_returned
from convo_cli.render.markdown.stream import MarkdownStream, markdown
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.spans import drawn
from convo_cli.render.terminal.tables import draw
from convo_cli.terminal import Terminal
from tests.cli.chat.emulator import Emulator
from tests.cli.render.markdown.test_stream import FRAGMENTS

HOSTILE = (
    "\x1b[2J\x1b[H",  # clear the screen
    "\x1b[31m",
    "\x1b[?1049h",
    "\x1b[6n",  # have the terminal type its answer
    "\x1b]0;title\x07",
    "\x1b]8;;http://evil\x1b\\text\x1b]8;;\x1b\\",
    "\x1b]52;c;cm0gLXJmIC8=\x07",  # the clipboard
    "\x1bP1;1|17/6d\x1b\\",
    "\x1bc",
    "\x9b31m",
    "\x9d8;;http://evil\x9c",
    "\x90q\x9c",
    "\x85",
    "\u202eevil\u202c",
    "\u2066x\u2069",
    "\u2028",
    "\ufff9a\ufffbb\ufffa",
    "\U000e0041\U000e0042",
    "\r\x08\x08\x0c\x0b\x00\x07\x7f\x0e",
    "\ud83d",
    "[bold red]x[/bold red][link=http://evil]x[/link]",
    "&#27;[31m &#x9b; &#x202e; &#13; &#0; &NewLine;&Tab;",
    "<http://a/%1b[31m%07> [x](http://a/%1b%5b31m) ![\x1b](<\x1b>)",
    "```\x1b[31m\n\x1b[31m\t\x1b\n```\n",
    "|a\x1b[31m|\n|-|\n|\x9b1m\u202e|\n",
)
texts = st.lists(
    st.one_of(
        st.sampled_from(HOSTILE),
        st.sampled_from(FRAGMENTS),
        st.text(st.characters(codec=None), max_size=4),
    ),
    max_size=30,
).map("".join)

COLOUR = re.compile(r"\x1b\[(?:\d+(?:;\d+)*)?m")
"""The one kind of sequence that is ours."""


def check_characters(shown: str) -> str:
    """The text without its colours, none of it being anything that a terminal would obey."""
    plain = COLOUR.sub("", shown)
    kinds = {unicodedata.category(char) for char in plain if char != "\n"}
    assert not kinds & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(plain) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    return plain


def check_text(shown: str) -> None:
    """Fail for anything that is not text or colour, or that a terminal shows as something else."""
    plain = check_characters(shown)
    emulator = Emulator(5000, 400)
    # The emulator itself gives up at characters that take no cell.
    emulator.feed("".join(filter(wcwidth, shown.replace("\n", "\r\n"))).encode())
    lines = ["".join(filter(wcwidth, line)).rstrip() for line in plain.split("\n")]
    # Lines at the end that are empty are not kept, nor are those in which nothing takes a cell.
    assert emulator.text == "\n".join(lines).rstrip("\n")


WHEN = "2026-01-02T03:04:05Z"
LOOKS = [Look(60, colour=True), Look(60), Look(60, unicode=False)]


@settings(deadline=None, max_examples=60)
@given(texts, st.integers(1, 9), st.sampled_from(LOOKS))
@example("".join(HOSTILE), 1, LOOKS[0])
@example("a\n\U000e0080", 1, LOOKS[1])
def test_markdown(text: str, size: int, look: Look) -> None:
    check_text(markdown(text, look))
    stream, lines = MarkdownStream(look), []
    for at in range(0, len(text), size):
        stream.feed(text[at : at + size])
        lines += stream.settled()
        for row in stream.open():
            check_characters(drawn(row, colour=look.colour))
    lines += stream.end()
    check_text("".join(f"{drawn(line, colour=look.colour)}\n" for line in lines))


@settings(deadline=None, max_examples=60)
@given(texts, texts, st.sampled_from(LOOKS))
def test_what_tools_and_thoughts_say(name: str, text: str, look: Look) -> None:
    for line in (
        tool_called(name, text, look),
        tool_returned(name, text, look),
        thought(text, look),
    ):
        check_text(f"{line}\n")
        assert "\n" not in line
    check_text(drawn(thinking(text), colour=look.colour))


@settings(deadline=None, max_examples=60)
@given(texts, st.booleans())
def test_lists(text: str, colour: bool) -> None:
    spent = Tokens(1, 1, 0, 1, 0, 2, False)
    for listing in (
        listings.turns([TurnInfo(1, text, (text,), text, spent, WHEN)]),
        listings.branches([BranchInfo(text, text, 1, 1, 1, spent, WHEN, True)]),
        listings.sessions([SessionInfo(text, text, 1, 1, 1, False, text, WHEN, WHEN, True)]),
    ):
        shown = draw(listing.grid(), Look(200, colour))
        check_text(shown)
        # Only a name that is too long for its line goes on in the next.
        assert shown.count("\n") >= 3


@settings(deadline=None, max_examples=60)
@given(texts)
def test_notices_and_errors(text: str) -> None:
    out = io.StringIO()
    terminal = Terminal(None, None, out, {})
    terminal.notice(text)
    terminal.error(text, text)
    check_text(out.getvalue())
    assert out.getvalue().count("\n") == 2


@settings(deadline=None, max_examples=60)
@given(st.lists(texts, max_size=4))
def test_the_prompt(names: list[str]) -> None:
    position = SimpleNamespace(session="".join(names[:2]), branch="".join(names[2:]), turn=1)
    chat = cast(Chat, SimpleNamespace(position=position, editing=None))
    shown = Shown(1, agent="".join(names[1:3]))
    check_text("".join(part[1] for part in prompt_text(chat, shown, unicode=True)))
