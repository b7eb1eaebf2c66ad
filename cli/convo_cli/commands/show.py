"""`convo show`: shows turns in full."""

from typing import Annotated

import typer

from convo_cli import actions
from convo_cli.completing.kinds import SHOWN
from convo_cli.invocation import Invocation
from convo_cli.options import NoPager
from convo_cli.render.data import shapes
from convo_cli.written import each, writes


@writes(
    each(shapes.TRANSCRIPT, flat=shapes.FLAT_ITEM),
    each({**shapes.WAITING, "items": shapes.ITEMS}, "--waiting", flat=shapes.WAITING),
    exits=(3,),
)
def show(
    ctx: typer.Context,
    turns: Annotated[
        str | None,
        typer.Argument(
            metavar="TURN|A..B",
            help="A turn, or from turn A to turn B, by number or tag; all if not given.",
        ),
        SHOWN,
    ] = None,
    raw: Annotated[
        bool,
        typer.Option(
            "--raw",
            help="Write Markdown unrendered; to a file, with its control characters.",
        ),
    ] = False,
    waiting: Annotated[
        bool,
        typer.Option(
            "--waiting",
            help="List the prompts that wait for `convo retry`, or show the one numbered TURN.",
        ),
    ] = False,
    no_pager: NoPager = False,
) -> None:
    """Show the messages of a branch, with tool calls and outputs.

    On a terminal they are rendered, and shown through $PAGER if they are longer than the screen;
    otherwise the output is Markdown.
    """
    write = actions.show.show_waiting if waiting else actions.show.show_turns
    write(Invocation.of(ctx), turns, raw=raw, paged=not no_pager)
