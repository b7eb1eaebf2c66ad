"""`convo session …` and `convo sessions`: lists, creates, switches, renames, deletes sessions."""

from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.completing.kinds import FREE, SESSIONS
from convo_cli.grammar import Command, Group
from convo_cli.invocation import Invocation
from convo_cli.options import NEWEST_SESSIONS, FromSource, NoSwitch, SessionLimit, newest
from convo_cli.render.data import shapes
from convo_cli.running import run
from convo_cli.written import each, one, writes

session = typer.Typer(
    name="session",
    cls=Group,
    help="List, create, switch, describe, rename and delete sessions.",
    add_completion=False,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the session."), SESSIONS]


@session.command("list", cls=Command)
@writes(each(shapes.SESSION))
def sessions(
    ctx: typer.Context,
    limit: SessionLimit = NEWEST_SESSIONS,
    source: FromSource = None,
    here: Annotated[
        bool, typer.Option("--here", help="Only those that were last asked in this folder.")
    ] = False,
    starred: Annotated[
        bool, typer.Option("--starred", help="Only those that have a star.")
    ] = False,
) -> None:
    """List the sessions of the database; * marks the current one.

    Folders are recorded by `chat --here`, and if `session.scope` in config.toml is `folder`.
    """
    invocation = Invocation.of(ctx)
    if here:
        invocation.here()
    run(
        actions.sessions.show_sessions(
            invocation,
            newest(limit, "sessions"),
            source,
            only_here=here,
            only_starred=starred,
        )
    )


@session.command("new", cls=Command)
@writes(one(shapes.SESSION_PLACE), exits=(4,))
def new(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name of the session."), FREE],
    no_switch: NoSwitch = False,
) -> None:
    """Create an empty session and make it the current one."""
    run(actions.sessions.start(Invocation.of(ctx), name, no_switch=no_switch))


@session.command("use", cls=Command)
@writes(one(shapes.SESSION_PLACE), exits=(3,))
def use(ctx: typer.Context, name: Name) -> None:
    """Make another session the current one."""
    run(actions.sessions.use(Invocation.of(ctx), name))


@session.command("rename", cls=Command)
@writes(one({**shapes.SESSION_PLACE, "renamed": "text"}), exits=(3, 4))
def rename(
    ctx: typer.Context,
    old: Annotated[str, typer.Argument(metavar="OLD", help="The present name."), SESSIONS],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The new name."), FREE],
) -> None:
    """Rename a session."""
    run(actions.sessions.rename(Invocation.of(ctx), old, new))


@session.command("delete", cls=Command)
@writes(one({**shapes.SESSION_PLACE, "deleted": "text"}), exits=(3, 4))
def delete(
    ctx: typer.Context,
    name: Name,
    force: Annotated[bool, typer.Option("--force", help="Delete it without asking.")] = False,
) -> None:
    """Delete a session with all its branches.

    `convo restore` brings it back, until `convo db gc`. Its cost stays in the totals.
    """
    run(actions.sessions.delete(Invocation.of(ctx), name, force))


@session.command("info", cls=Command)
@writes(one(shapes.SESSION_INFO), exits=(3,))
def info(
    ctx: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="The session; the current one if not given."),
        SESSIONS,
    ] = None,
) -> None:
    """Show the size of a session, and its last model and agent."""
    run(actions.sessions.show_info(Invocation.of(ctx), name))
