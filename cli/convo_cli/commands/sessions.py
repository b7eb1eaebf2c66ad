"""`convo session …` and `convo sessions`: the conversations of a database."""

from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.grammar import Command, Group
from convo_cli.invocation import Invocation
from convo_cli.options import NEWEST_SESSIONS, SessionLimit, newest
from convo_cli.running import run

session = typer.Typer(
    name="session",
    cls=Group,
    help="List, start, choose, describe, rename and delete sessions.",
    add_completion=False,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the session.")]


@session.command("list", cls=Command)
def sessions(ctx: typer.Context, limit: SessionLimit = NEWEST_SESSIONS) -> None:
    """List the sessions of the database; * marks the current one."""
    run(actions.sessions.show_sessions(Invocation.of(ctx), newest(limit, "sessions")))


@session.command("new", cls=Command)
def new(ctx: typer.Context, name: Name) -> None:
    """Start an empty session and make it the current one."""
    run(actions.sessions.start(Invocation.of(ctx), name))


@session.command("use", cls=Command)
def use(ctx: typer.Context, name: Name) -> None:
    """Make another session the current one."""
    run(actions.sessions.use(Invocation.of(ctx), name))


@session.command("rename", cls=Command)
def rename(
    ctx: typer.Context,
    old: Annotated[str, typer.Argument(metavar="OLD", help="The name it has.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The name it shall have.")],
) -> None:
    """Give a session another name."""
    run(actions.sessions.rename(Invocation.of(ctx), old, new))


@session.command("delete", cls=Command)
def delete(
    ctx: typer.Context,
    name: Name,
    force: Annotated[bool, typer.Option("--force", help="Delete it without asking.")] = False,
) -> None:
    """Delete a session with all its branches, for good."""
    run(actions.sessions.delete(Invocation.of(ctx), name, force))


@session.command("info", cls=Command)
def info(
    ctx: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="The session; the current one if not given."),
    ] = None,
) -> None:
    """Show what a session holds, and which model and agent it was last asked with."""
    run(actions.sessions.show_info(Invocation.of(ctx), name))
