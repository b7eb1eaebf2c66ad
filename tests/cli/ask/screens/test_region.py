"""What is left on a terminal of an answer that was drawn and redrawn, whatever its size."""

from __future__ import annotations

import asyncio
import io
import re
import signal
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convo_cli.ask.screens import markdown as screen
from convo_cli.ask.screens.markdown import AnswerScreen
from convo_cli.render.markdown.stream import markdown
from convo_cli.render.terminal.look import Look
from convo_cli.terminal import Terminal
from convo_cli.turn.events import ReasoningDelta, TextDelta, ToolCalled
from tests.cli.chat.emulator import Emulator
from tests.cli.render.markdown.test_stream import texts

Resize = tuple[int, int]

PARAGRAPH = "Some **words** in a `paragraph`, 日本語も, שלום, café and " + "on and on " * 12
ANSWER = f"""# Title

{PARAGRAPH}

- one
  1. inner
  2. inner
- two

```python
def f(): return "{"x" * 100}"
{"x = 1  # as tall as any window" + chr(10)}
```

{PARAGRAPH * 4}

The end.
"""


class Window(Terminal):
    """A terminal in an emulator."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.out = io.StringIO()
        super().__init__(None, self.out, None, {})

    can_redraw = stdout_is_terminal = unicode = colour = True  # type: ignore[assignment]

    @property
    def width(self) -> int:
        return self.emulator.columns

    @property
    def window_height(self) -> int:
        return self.emulator.lines

    def show(self) -> None:
        self.emulator.feed(self.out.getvalue().replace("\n", "\r\n").encode())
        self.out.seek(0)
        self.out.truncate()


async def play(window: Window, steps: Sequence[str | Resize]) -> None:
    """Show an answer that arrives in these pieces, the window resized in between."""
    answer = AnswerScreen(window)
    answer.begin()
    for step in steps:
        if isinstance(step, str):
            answer.take(TextDelta(step))
        else:
            window.emulator.resize(*step)
            signal.raise_signal(signal.SIGWINCH)
        for _ in range(6):
            await asyncio.sleep(0)
        window.show()
    answer.end()
    window.show()


def pieces(text: str, size: int) -> list[str | Resize]:
    return [text[at : at + size] for at in range(0, len(text), size)]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every piece is drawn."""
    monkeypatch.setattr(screen, "_INTERVAL", 0.0)
    monkeypatch.setattr(screen, "monotonic", lambda: 0.0)


def unfolded(text: str) -> str:
    """A text without all that depends on the width that it was drawn for."""
    return re.sub(r"[\s─]", "", text)


def drawn(text: str, columns: int) -> str:
    """What a terminal of endless height shows of a text that was drawn whole."""
    emulator = Emulator(columns, 24)
    emulator.feed(markdown(text, Look(columns, colour=True)).replace("\n", "\r\n").encode())
    return emulator.text


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (200, 60), (40, 5), (20, 2)])
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_nothing_is_lost_or_repeated(columns: int, lines: int, size: int) -> None:
    window = Window(Emulator(columns, lines))
    asyncio.run(play(window, pieces(ANSWER, size)))
    assert window.emulator.text == drawn(ANSWER, columns)
    assert not window.emulator.cursor.hidden


@settings(max_examples=30, deadline=None)
@given(texts, st.integers(1, 12), st.sampled_from([(80, 24), (30, 4), (9, 3)]))
def test_nothing_is_lost_of_anything(text: str, size: int, window_size: Resize) -> None:
    window = Window(Emulator(*window_size))
    asyncio.run(play(window, pieces(text, size)))
    assert window.emulator.text == drawn(text, window_size[0])


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(3, 60), st.integers(20, 200)), max_size=6),
    st.integers(5, 60),
)
def test_nothing_is_lost_or_repeated_when_the_window_changes(
    changes: list[tuple[int, int, int]], size: int
) -> None:
    steps = pieces(ANSWER, size)
    for place, lines, columns in changes:
        steps.insert(min(place, len(steps)), (lines, columns))
    window = Window(Emulator(80, 24, reflow=True))
    asyncio.run(play(window, steps))
    assert unfolded(window.emulator.text) == unfolded(drawn(ANSWER, 80))


def test_a_window_that_only_cuts_its_lines_loses_no_more_than_it_cuts() -> None:
    steps = pieces(ANSWER, 20)
    steps[10:10] = [(30, 100)]
    steps[30:30] = [(10, 120)]
    window = Window(Emulator(80, 24))
    asyncio.run(play(window, steps))
    assert unfolded(window.emulator.text) == unfolded(drawn(ANSWER, 80))


async def test_what_is_open_is_no_taller_than_the_window_and_shows_its_end() -> None:
    window = Window(Emulator(20, 5))
    answer = AnswerScreen(window)
    answer.begin()
    answer.take(TextDelta("first " + "word " * 60 + "last"))
    for _ in range(6):
        await asyncio.sleep(0)
    window.show()
    assert window.emulator.display[3].rstrip().endswith("last")
    assert "first" not in window.emulator.text
    answer.end()
    window.show()
    assert window.emulator.text.startswith("first word")
    assert window.emulator.text.count("last") == 1


async def test_what_a_window_cut_is_drawn_again_when_it_is_large_again() -> None:
    window = Window(Emulator(40, 9))
    answer = AnswerScreen(window)
    answer.begin()
    answer.take(TextDelta("A text that is wider than ten cells"))
    for _ in range(6):
        await asyncio.sleep(0)
    window.show()
    window.emulator.resize(9, 10)
    window.emulator.resize(9, 40)
    assert window.emulator.text == "A text tha"
    signal.raise_signal(signal.SIGWINCH)
    for _ in range(6):
        await asyncio.sleep(0)
    window.show()
    assert window.emulator.text == "A text that is wider than ten cells"
    answer.end()


async def test_thoughts_are_shown_while_they_come_and_shortened_then() -> None:
    window = Window(Emulator(20, 9))
    answer = AnswerScreen(window)
    answer.begin()
    answer.take(ReasoningDelta("**First** I think " + "about it " * 20 + "at last"))
    for _ in range(6):
        await asyncio.sleep(0)
    window.show()
    assert window.emulator.text == "about it about it\nabout it about it at\nlast"
    answer.take(ToolCalled("f", "{}"))
    answer.end()
    window.show()
    assert window.emulator.text == "thought: First I t…\n→ f({})"
