"""`convo list`: the lists under one name, for those who look for them there."""

import asyncio
from typing import Annotated, Literal

import typer

from convo_cli.commands.branches import show_branches
from convo_cli.commands.sessions import show_sessions
from convo_cli.commands.turns import show_turns
from convo_cli.invocation import Invocation

_LISTS = {"turns": show_turns, "branches": show_branches, "sessions": show_sessions}


def list_(
    ctx: typer.Context,
    what: Annotated[
        Literal["turns", "branches", "sessions"],
        typer.Argument(metavar="WHAT", help="turns, branches or sessions."),
    ] = "turns",
) -> None:
    """List turns, branches or sessions."""
    asyncio.run(_LISTS[what](Invocation.of(ctx)))
