"""Defines a slash command, and parses a typed line into a call of one."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from shlex import shlex
from typing import TYPE_CHECKING, Any, Literal

from convo.names import closest
from convo_cli.chat.typed import ESCAPE, SLASH
from convo_cli.exits import UsageError

if TYPE_CHECKING:
    from convo_cli.chat.state import Chat

Values = Literal[
    "branches",
    "sessions",
    "turns",
    "removed",
    "waiting",
    "models",
    "files",
    "found",
    "agents",
    "mcp",
]
Handler = Callable[["Chat", "Call"], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """One command of the chat.

    `arguments` is how its arguments are written in /help; `least` and `most` say how many there
    may be (`most` None: any number); `values` is what completion offers for them.
    """

    name: str
    help: str
    run: Handler
    arguments: str = ""
    least: int = 0
    most: int | None = 0
    options: Sequence[str] = ()
    values: Values | None = None
    aliases: Sequence[str] = ()
    quotes: str = '"'
    """The quotation marks: for files also ', which is an apostrophe elsewhere."""

    @property
    def usage(self) -> str:
        """How the command is typed."""
        return f"{SLASH}{self.name} {self.arguments}".rstrip()


@dataclass(frozen=True, slots=True)
class Call:
    """A command as it was typed: its arguments, and the options that were given."""

    command: SlashCommand
    arguments: Sequence[str] = ()
    options: frozenset[str] = frozenset()

    def argument(self, index: int) -> str | None:
        """An argument by its index; None if it was not given."""
        return self.arguments[index] if index < len(self.arguments) else None

    def misused(self, message: str) -> UsageError:
        """The error for a call with wrong arguments; its hint shows the usage."""
        return UsageError(message, hint=f"say {self.command.usage}")


class SlashCommands:
    """All commands of the chat, by their names."""

    def __init__(self, commands: Sequence[SlashCommand]) -> None:
        self.all = tuple(commands)
        self._by_name: Mapping[str, SlashCommand] = {
            name: command for command in commands for name in (command.name, *command.aliases)
        }

    def named(self, name: str) -> SlashCommand | None:
        """The command of that name, written without its slash."""
        return self._by_name.get(name)

    def call(self, line: str) -> Call:
        """Read a line that begins with a slash. Raises `UsageError`."""
        name, _, rest = line.strip().removeprefix(SLASH).partition(" ")
        command = self.named(name)
        if command is None:
            raise UsageError(f"there is no command {SLASH}{name}", hint=self._nearest(name))
        return _checked(command, _words(command, rest))

    def _nearest(self, name: str) -> str:
        close = closest(name, self._by_name)
        first = f"{SLASH}help lists them;" if close is None else f"did you mean {SLASH}{close}?"
        return f"{first} {ESCAPE} sends a message that begins with {SLASH}"


def _words(command: SlashCommand, text: str) -> list[str]:
    """Split a line into words; quoted text is one word."""
    # An unclosed ' is part of a name.
    for quotes in (command.quotes, '"'):
        lexer = shlex(text, posix=True)
        lexer.whitespace_split = True
        lexer.quotes = quotes
        lexer.escape = lexer.commenters = ""
        with suppress(ValueError):
            return list(lexer)
    raise Call(command).misused("a quotation mark is not closed")


def _checked(command: SlashCommand, words: Sequence[str]) -> Call:
    options = frozenset(word for word in words if word.startswith("--"))
    call = Call(command, [word for word in words if word not in options], options)
    for option in sorted(options):
        if option not in command.options:
            raise call.misused(f"{SLASH}{command.name} has no option {option}")
    if len(call.arguments) < command.least:
        raise call.misused(f"{SLASH}{command.name} needs an argument")
    if command.most is not None and len(call.arguments) > command.most:
        extra = call.arguments[command.most]
        raise call.misused(f"{SLASH}{command.name} takes no '{extra}'")
    return call
