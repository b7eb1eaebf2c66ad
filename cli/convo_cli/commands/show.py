"""`convo show`: what was said, called and given back, whole."""

from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.invocation import Invocation
from convo_cli.options import NoPager


def show(
    ctx: typer.Context,
    turns: Annotated[
        str | None,
        typer.Argument(
            metavar="TURN|A..B",
            help="A turn, or from turn A to turn B; -1 is the last. All if not given.",
        ),
    ] = None,
    raw: Annotated[
        bool,
        typer.Option(
            "--raw",
            help="Write the Markdown unrendered, into a file with its control characters.",
        ),
    ] = False,
    waiting: Annotated[
        bool,
        typer.Option(
            "--waiting",
            help="The prompts that wait for `convo retry`, or the one of number TURN whole.",
        ),
    ] = False,
    no_pager: NoPager = False,
) -> None:
    """Show what was said on a branch, with the calls of tools and their outputs.

    It is rendered on a terminal, and goes through $PAGER where it is longer than the screen;
    elsewhere it is Markdown.
    """
    write = actions.show.show_waiting if waiting else actions.show.show_turns
    write(Invocation.of(ctx), turns, raw=raw, paged=not no_pager)
