"""Tells commands from messages in a typed line, and quotes words for one."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass

SLASH = "/"


ESCAPE = "//"
"""At the start of a line, stands for one slash and makes the line a message."""


def is_command(line: str) -> bool:
    """Whether a line is a slash command rather than a message."""
    return line.startswith(SLASH) and not line.startswith(ESCAPE)


def message_of(line: str) -> str:
    """The message to the model in a line that is not a command."""
    return line.removeprefix(SLASH) if line.startswith(ESCAPE) else line


def quoted(value: str) -> str:
    """A value as it is typed after a command: in quotation marks if it contains spaces."""
    return f'"{value}"' if not value or any(character.isspace() for character in value) else value
