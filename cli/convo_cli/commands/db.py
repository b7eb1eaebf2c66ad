"""`convo db …`: the database itself, a file or on a server."""

from pathlib import Path
from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.completing.kinds import FILES, FREE, SESSIONS
from convo_cli.grammar import Command, Group
from convo_cli.invocation import Invocation
from convo_cli.render.data import shapes
from convo_cli.running import run
from convo_cli.written import TEXT, each, one, writes

db = typer.Typer(
    name="db",
    cls=Group,
    help="Find, check, back up, copy and clean up the database.",
    add_completion=False,
    rich_markup_mode=None,
)


@db.command("path", cls=Command)
@writes(one(shapes.PATH))
def path(ctx: typer.Context) -> None:
    """Print the path of the database file, even if it does not exist; of a server, its address."""
    actions.db.show_path(Invocation.of(ctx))


@db.command("check", cls=Command)
@writes(each(shapes.PROBLEM))
def check(
    ctx: typer.Context,
    repair: Annotated[
        bool,
        typer.Option("--repair", help="Repair what can be repaired without deleting a message."),
    ] = False,
) -> None:
    """List the problems of the database, if there are any.

    The exit code is 6 if there are problems, or some are left after --repair.
    """
    raise typer.Exit(run(actions.db.check(Invocation.of(ctx), repair)))


@db.command("backup", cls=Command)
@writes(
    one({**shapes.PATH, "bytes": "integer", "sessions": "integer", "messages": "integer"}),
    exits=(3, 4),
)
def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The copy."), FILES],
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> None:
    """Copy the database file to FILE, and verify the copy. Chats can go on.

    The copy is a consistent snapshot. Copying the file with `cp` is not a backup while a program
    has it open: the last turns may still be in the log beside it. Of a database on a server,
    `convo db copy` makes a file.
    """
    run(actions.db.back_up(Invocation.of(ctx), file, force))


@db.command("gc", cls=Command)
@writes(one({"removed": "integer", "freed_bytes": "integer"}), exits=(3, 4))
def gc(
    ctx: typer.Context,
    force: Annotated[bool, typer.Option("--force", help="Remove without asking.")] = False,
    everything: Annotated[
        bool,
        typer.Option("--all", help="Remove the search index too, with words of removed messages."),
    ] = False,
) -> None:
    """Delete for good what could be restored, and free its space.

    With --session only what was removed from that session is deleted. Prompts that wait to be
    asked again stay. So does the search index, where the file may still contain single words of
    deleted messages; --all removes it, and the next search builds it again.
    """
    run(actions.db.collect(Invocation.of(ctx), force, everything))


@db.command("copy", cls=Command)
@writes(one(shapes.COPIED), exits=(3, 4))
def copy(
    ctx: typer.Context,
    source: Annotated[
        str, typer.Argument(metavar="FROM", help="A file, or the address of a server."), FILES
    ],
    target: Annotated[
        str, typer.Argument(metavar="TO", help="Another one; a missing file is created."), FILES
    ],
    sessions: Annotated[
        list[str] | None,
        typer.Option("-s", "--session", metavar="NAME", help="Only this session. Can be repeated."),
        SESSIONS,
    ] = None,
    skip_existing: Annotated[
        bool,
        typer.Option("--skip-existing", help="Leave out sessions whose names are taken there."),
    ] = False,
) -> None:
    """Copy whole sessions between files and PostgreSQL servers, either way.

    A session goes with its branches, usage, marks, waiting prompts, and what can be restored. It
    is stored in one transaction, and compared by a hash of every branch before that ends. If TO has
    a session of one of the names, nothing is copied; --skip-existing leaves those out, and goes on
    with a copy that was stopped.
    """
    actions.copying.copy(
        Invocation.of(ctx), source, target, sessions or [], skip_existing=skip_existing
    )


@db.command("init", cls=Command)
@writes(one({"database": "text"}))
def init(ctx: typer.Context) -> None:
    """Create the tables of the database, as far as they are missing.

    A file does not need it. On a server, the role needs the right to create tables in the schema;
    `convo db sql` prints what an administrator can run instead.
    """
    run(actions.db.initialise(Invocation.of(ctx)))


@db.command("sql", cls=Command)
@writes(TEXT)
def sql(
    ctx: typer.Context,
    role: Annotated[
        str | None,
        typer.Option(
            "--role",
            metavar="NAME",
            help="The role that will use them; the user of --db if not given.",
        ),
        FREE,
    ] = None,
    schema: Annotated[
        str | None,
        typer.Option("--schema", metavar="NAME", help="The schema; public if not given."),
        FREE,
    ] = None,
) -> None:
    """Print the SQL that creates the tables on a PostgreSQL server, and grants the rights to them.

    An administrator runs it for a role that may not create tables. It can be run again: what is
    there stays as it is.
    """
    actions.db.write_script(Invocation.of(ctx), role, schema)
