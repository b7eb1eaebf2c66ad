"""`convo blame`: says what the input tokens of a turn are."""

from typing import Annotated, Literal

import typer

from convo_cli import actions
from convo_cli.completing.kinds import FREE, TURNS
from convo_cli.invocation import Invocation
from convo_cli.options import newest
from convo_cli.render.data import usage_shapes
from convo_cli.running import run
from convo_cli.written import one, writes

LARGEST = 20
"""The default number of parts."""


@writes(one(usage_shapes.BLAME, flat=usage_shapes.BLAMED), exits=(3,))
def blame(
    ctx: typer.Context,
    turn: Annotated[
        str,
        typer.Argument(metavar="TURN", help="The number of a turn, or its tag; -1 is the last."),
        TURNS,
    ] = "-1",
    by: Annotated[
        Literal["turn", "kind"] | None,
        typer.Option("--by", metavar="WHAT", help="Sum up by turn, or by kind of part."),
    ] = None,
    limit: Annotated[
        int,
        typer.Option("-n", "--limit", metavar="N", help="The largest N parts; 0 for all."),
        FREE,
    ] = LARGEST,
) -> None:
    """Show what the input of a turn consists of: earlier turns, tool outputs, attachments.

    Servers count whole requests. The size of each part is estimated, and scaled to what the server
    counted; instructions and tools that are not stored are spread over the parts.
    """
    run(actions.blame.show_blame(Invocation.of(ctx), turn, by, newest(limit, "parts")))
