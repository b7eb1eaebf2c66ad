"""Reads a line on a terminal that can only write one character after the other."""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress

from convo.errors import ConvoError
from convo_cli.ask.screens.agent_output import Take
from convo_cli.ask.signals import StoppedError, stoppable
from convo_cli.ask.terminal_modes import whole_lines
from convo_cli.chat.line.prompt import prompt_text
from convo_cli.chat.line.shown import Prices, Shown, looked_up
from convo_cli.chat.state import Chat
from convo_cli.render.live import printed
from convo_cli.render.terminal.text import encodable, one_line

_LONGEST = 4096
"""The longest line that a terminal passes on at once, in bytes."""


class PlainLine:
    """Reads the lines of a chat without a single escape sequence, as `TERM=dumb` asks for.

    A line is edited by the terminal itself. The text that a chat puts at the prompt is shown before
    it instead, and Enter alone asks it.
    """

    def __init__(self, chat: Chat, on_shown: Callable[[], None]) -> None:
        self._chat = chat
        self._on_shown = on_shown
        self._shown = Shown()
        self._prices = Prices(lambda: None)

    async def read(self) -> str:
        """The next line.

        Raises EOFError when the user leaves, KeyboardInterrupt for Ctrl-C.
        """
        chat, terminal = self._chat, self._chat.terminal
        with suppress(ConvoError):
            self._shown = await looked_up(chat, self._prices)
        draft, chat.draft = chat.draft, ""
        if draft:
            terminal.notice(one_line(draft))
        watching = asyncio.create_task(chat.landings.watch(self._tell))
        try:
            # What is typed as soon as the prompt is shown is echoed too.
            with whole_lines(terminal.stdin_descriptor):
                self._show_prompt()
                with chat.agent_output.shown_by(self._show_printed):
                    line = await stoppable(_line(terminal.stdin_descriptor))
        except StoppedError:
            terminal.write_now("\n")
            raise KeyboardInterrupt from None
        except EOFError:
            terminal.write_now("\n")
            raise
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
        return encodable(line) if line.strip() or chat.editing is not None else draft

    def _show_prompt(self) -> None:
        terminal = self._chat.terminal
        parts = prompt_text(self._chat, self._shown, unicode=terminal.unicode)
        terminal.write_now("".join(part[1] for part in parts))
        self._on_shown()

    async def _tell(self, lines: list[str]) -> None:
        for line in lines:
            self._chat.terminal.notice(line)

    def _show_printed(self, take: Take) -> None:
        look = self._chat.terminal.look
        self._chat.terminal.write_now("".join(f"{printed(line, look)}\n" for line in take()))


async def _line(descriptor: int) -> str:
    """The next line that is typed. Raises EOFError at the end of the input."""
    loop, typed = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(descriptor, typed.set)
    try:
        await typed.wait()
    finally:
        loop.remove_reader(descriptor)
    read = os.read(descriptor, _LONGEST)
    if not read:
        raise EOFError
    return read.decode(errors="surrogateescape").rstrip("\n")
