"""`convo bundle` and `convo clone`: a branch as one file, and that file as a session."""

from pathlib import Path
from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.completing.kinds import BRANCHES, FILES, FREE
from convo_cli.invocation import Invocation
from convo_cli.render.data import shapes
from convo_cli.written import TEXT, one, writes


@writes(TEXT, exits=(3, 4))
def bundle(
    ctx: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(metavar="BRANCH", help="The branch; the current one if not given."),
        BRANCHES,
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="The file; stdout if not given."),
        FILES,
    ] = None,
    redact: Annotated[
        bool,
        typer.Option("--redact", help="Replace keys, tokens, mail addresses and home folders."),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> None:
    """Write one branch as a file that `convo clone` takes.

    The file has the branch's messages, attachments and usage exactly, and nothing else of the
    session.
    """
    actions.documents.bundle(Invocation.of(ctx), name, output, redact=redact, force=force)


@writes(one(shapes.CLONED), exits=(3,))
def clone(
    ctx: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="A bundle, or an exported session."),
        FILES,
    ],
    prefix: Annotated[
        str,
        typer.Option("--as", metavar="PREFIX", help="Begin the name of the session with this."),
        FREE,
    ] = "",
) -> None:
    """Store a bundle or an exported session, make it current, and print its name.

    If it was stored before, only what is new in it is added to that session.
    """
    actions.documents.clone(Invocation.of(ctx), file, prefix)
