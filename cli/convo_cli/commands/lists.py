"""`convo list`: the lists under one name, for those who look for them there."""

import asyncio
from typing import Annotated, Literal

import typer

from convo_cli.commands.branches import show_branches
from convo_cli.commands.sessions import show_sessions
from convo_cli.commands.tools import show_tools
from convo_cli.commands.turns import show_turns
from convo_cli.invocation import Invocation

_LISTS = {
    "turns": show_turns,
    "branches": show_branches,
    "sessions": show_sessions,
    "tools": show_tools,
}


def list_(
    ctx: typer.Context,
    what: Annotated[
        Literal["turns", "branches", "sessions", "tools"],
        typer.Argument(metavar="WHAT", help="turns, branches, sessions or tools."),
    ] = "turns",
) -> None:
    """List turns, branches, sessions or tools."""
    asyncio.run(_LISTS[what](Invocation.of(ctx)))
