"""A typed line: whether it is a command or a message, and how words of it are quoted."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass

SLASH = "/"


ESCAPE = "//"
"""At the start of a line it stands for one slash, and makes the line a message."""


def is_command(line: str) -> bool:
    """Whether a line is for the chat rather than for the model."""
    return line.startswith(SLASH) and not line.startswith(ESCAPE)


def message_of(line: str) -> str:
    """What a line that is no command says to the model."""
    return line.removeprefix(SLASH) if line.startswith(ESCAPE) else line


def quoted(value: str) -> str:
    """A value as it is typed behind a command: in quotation marks where it has spaces."""
    return f'"{value}"' if not value or any(character.isspace() for character in value) else value
