"""Checks that the configuration has what a name stands for."""

from collections.abc import Collection
from typing import Literal

from convo.errors import ConvoError, NotFoundError
from convo.names import did_you_mean

_COMMANDS = {"alias": "alias", "MCP server": "mcp", "template": "template"}


def check_known(
    thing: Literal["alias", "MCP server", "template"],
    name: str,
    known: Collection[str],
    error: type[ConvoError] = NotFoundError,
) -> None:
    """Raise the error, which suggests the closest name, unless the name is known."""
    if name not in known:
        raise error(
            f"there is no {thing} '{name}'{did_you_mean(name, known)}",
            hint=f"`convo {_COMMANDS[thing]} list` lists them",
        )
