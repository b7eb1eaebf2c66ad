"""Questions in the middle of an answer: to approve a call, choose an agent, or type a line."""

import os
import select
from collections.abc import Sequence
from contextlib import AbstractContextManager

from convo_cli.ask.approval import ask_agent, ask_approval
from convo_cli.ask.lent_line import Screen
from convo_cli.chat.state import Chat
from convo_cli.render.terminal.text import safe
from convo_cli.turn.choice import Approval, ApprovalRequest, Approve, Choose


def asking_between(chat: Chat, screen: Screen) -> Approve:
    """Ask for approval in the middle of the answer; a single key decides."""

    async def approve(request: ApprovalRequest) -> Approval:
        screen.pause(request.tool, request.arguments)
        _put_aside(chat)
        answer: Approval | None = None
        try:
            answer = await ask_approval(request, chat.terminal, chat.terminal.write_now)
        finally:
            chat.terminal.write_now(f"{answer or ''}\n")
        screen.begin()
        return answer

    return approve


def choosing_between(chat: Chat, screen: Screen) -> Choose:
    """Ask the user to choose one of several agents."""

    async def choose(place: str, names: Sequence[str]) -> str | None:
        screen.end()
        _put_aside(chat)
        chosen: str | None = None
        try:
            chosen = await ask_agent(place, names, chat.terminal, chat.terminal.write_now)
        finally:
            chat.terminal.write_now(f"{safe(chosen or '')}\n")
        screen.begin()
        return chosen

    return choose


def lending_between(chat: Chat, screen: Screen) -> AbstractContextManager[None]:
    """Let an agent's code read lines from the terminal during a turn of the chat."""
    return chat.line.lent(screen, chat.terminal.write_now, lambda: _put_aside(chat))


def _put_aside(chat: Chat) -> None:
    """Move keys that were typed before a question into the next prompt: they do not answer it."""
    chat.draft += _typed_before(chat.terminal.stdin_descriptor)


def _typed_before(descriptor: int) -> str:
    """The text typed so far, without control keys."""
    typed = ""
    while select.select([descriptor], [], [], 0)[0]:
        read = os.read(descriptor, 1024)
        if not read:
            break
        typed += read.decode(errors="replace")
    return "".join(character for character in typed if character.isprintable())
