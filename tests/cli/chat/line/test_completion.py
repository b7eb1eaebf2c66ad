"""Completing while values are looked up that take their time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput
from prompt_toolkit.shortcuts.prompt import PromptSession

from convo_cli.chat.line.completion import SlashCompleter
from convo_cli.chat.line.keys import key_bindings
from tests.cli.chat.at_terminal import TAB
from tests.program import PATIENCE


class Line:
    """A prompt that looks up the sessions until `found` is set."""

    def __init__(self, keys: PipeInput) -> None:
        self.asked, self.found = asyncio.Event(), asyncio.Event()
        self.type = keys.send_text
        self.prompt: PromptSession[str] = PromptSession(
            completer=SlashCompleter(SimpleNamespace(store=self)),
            complete_while_typing=True,
            key_bindings=key_bindings(),
            input=keys,
            output=DummyOutput(),
        )
        self.buffer = self.prompt.default_buffer
        self.changed = asyncio.Event()
        for event in (self.buffer.on_text_changed, self.buffer.on_completions_changed):
            event += lambda _: self.changed.set()

    async def sessions(self) -> list[SimpleNamespace]:
        self.asked.set()
        await self.found.wait()
        return [SimpleNamespace(session_id="recipes", turns=1, model="other")]

    def offered(self) -> list[str]:
        state = self.buffer.complete_state
        return [] if state is None else [c.display_text.split()[0] for c in state.completions]

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not holds():
                self.changed.clear()
                await self.changed.wait()

    async def reads(self, text: str) -> None:
        await self.until(lambda: self.buffer.text == text)

    async def offers(self, *values: str) -> None:
        await self.until(lambda: self.offered() == [*values])


@pytest.fixture
async def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Line]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").touch()
    with create_pipe_input() as keys:
        line = Line(keys)
        reading = asyncio.create_task(line.prompt.prompt_async())
        yield line
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def test_a_line_that_is_begun_again_is_completed(line: Line) -> None:
    line.type("/session re")
    await line.asked.wait()
    line.type("\x15/attach no")
    await line.reads("/attach no")
    line.found.set()
    await line.offers("notes.txt")


async def test_tab_waits_for_what_is_looked_up(line: Line) -> None:
    line.type("/session re")
    await line.asked.wait()
    line.type(TAB)
    line.found.set()
    await line.reads("/session recipes")


async def test_tab_typed_at_once_takes_what_all_begin_with(line: Line) -> None:
    line.found.set()
    line.type(f"/re{TAB}")
    await line.reads("/re")
    await line.offers("/rename", "/restore", "/retry")
    line.type(f"st{TAB}")
    await line.reads("/restore ")
