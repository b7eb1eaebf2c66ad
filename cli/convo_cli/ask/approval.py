"""Asks the person at the terminal whether a tool may be called."""

import json
import termios
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from convo_cli.ask.confirming import typed_next
from convo_cli.ask.lent_line import LentLine, Screen
from convo_cli.render.live import tool_call
from convo_cli.render.terminal.text import safe
from convo_cli.terminal import Terminal
from convo_cli.turn.choice import Approval, ApprovalRequest, Approve, Choose

_CHOICES = "Allow it? [y]es, [n]o, [a]lways {}, [s]how the arguments: "
_SHOW = "s"
_ANSWERS: dict[str, Approval] = {"y": "yes", "n": "no", "a": "always"}
_END_OF_INPUT = ("", "\x04")


def asking_once(terminal: Terminal, screen: Screen) -> Approve:
    """Ask on stderr if a person can answer there; otherwise refuse the call and say so."""

    async def approve(request: ApprovalRequest) -> Approval:
        if not (terminal.stdin_is_terminal and terminal.stderr_is_terminal):
            call = tool_call(request.tool, request.arguments)
            terminal.notice(f"refused {call}: it needs approval, and nobody can be asked")
            return "no"
        screen.pause(request.tool, request.arguments)
        # Discard keys that were typed before the question was shown.
        termios.tcflush(terminal.stdin_descriptor, termios.TCIFLUSH)
        answer = await ask_approval(request, terminal, terminal.prompt)
        screen.begin()
        return answer

    return approve


def lending_once(
    terminal: Terminal, line: LentLine, screen: Screen
) -> AbstractContextManager[None]:
    """Let an agent's code read lines from the terminal during the one turn of a command."""
    return line.lent(
        screen,
        terminal.prompt,
        lambda: termios.tcflush(terminal.stdin_descriptor, termios.TCIFLUSH),
    )


def choosing_once(terminal: Terminal, screen: Screen) -> Choose:
    """Ask on stderr which of several agents is meant, if a person can answer there."""

    async def choose(place: str, names: Sequence[str]) -> str | None:
        if not (terminal.stdin_is_terminal and terminal.stderr_is_terminal):
            return None
        screen.end()
        termios.tcflush(terminal.stdin_descriptor, termios.TCIFLUSH)
        chosen = await ask_agent(place, names, terminal, terminal.prompt)
        screen.begin()
        return chosen

    return choose


async def ask_agent(
    place: str, names: Sequence[str], terminal: Terminal, write: Callable[[str], None]
) -> str | None:
    """Ask for an agent by its number. With ten agents or more, Enter ends the number."""
    lines = [f"{number}  {name}" for number, name in enumerate(names, 1)]
    write(safe("\n".join([f"'{place}' has {len(names)} agents:", *lines]) + "\n"))
    digits = ""
    while True:
        if not digits:
            write(f"Which one? [1-{len(names)}] ")
        typed = await typed_next(terminal.stdin_descriptor)
        if typed in _END_OF_INPUT:
            return None
        for key in typed:
            digits += key if key in "0123456789" else ""
            ends = key in "\r\n" or len(digits) == len(str(len(names)))
            if ends and digits.isdigit() and 0 < int(digits) <= len(names):
                return names[int(digits) - 1]
            if ends:
                write("\n")
                digits = ""


async def ask_approval(
    request: ApprovalRequest,
    terminal: Terminal,
    write: Callable[[str], None],
    *,
    always: str = "in this chat",
) -> Approval:
    """Ask whether a tool may be called. One key answers; the end of input means no.

    `always` says how far a yes that is given once for all reaches.
    """
    who = "" if request.agent == "convo" else f"{request.agent} wants to call "
    write(safe(f"{who}{tool_call(request.tool, request.arguments)}\n"))
    while True:
        write(_CHOICES.format(always))
        typed = await typed_next(terminal.stdin_descriptor)
        if typed in _END_OF_INPUT:
            return "no"
        key = typed.strip()[:1].lower()
        if key in _ANSWERS:
            return _ANSWERS[key]
        shown = _indented(request.arguments) if key == _SHOW else ""
        write(safe(f"\n{shown}\n" if shown else "\n"))


def _indented(arguments: str) -> str:
    try:
        return json.dumps(json.loads(arguments), indent=2, ensure_ascii=False)
    except ValueError:
        return arguments
