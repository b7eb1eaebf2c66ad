"""`convo retry`: a prompt that failed, or else the last turn, asked again."""

from typing import TYPE_CHECKING, Annotated

import typer

from convo_cli import actions
from convo_cli.commands.model_options import asks_a_model
from convo_cli.invocation import Invocation
from convo_cli.options import Raw

if TYPE_CHECKING:
    from convo_cli.turn.choice import ModelChoice

_Numbers = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="N", help="The number of a prompt that waits; the newest one here if not given."
    ),
]

_Drop = Annotated[
    bool,
    typer.Option("--drop", help="Drop the prompts N…, or all of them, instead of asking again."),
]

_Keep = Annotated[
    bool,
    typer.Option("--keep", help="Keep what came of the answer as a turn, instead of asking again."),
]

_Last = Annotated[
    bool, typer.Option("--last", help="Ask the last turn again, whatever else waits.")
]

_FromStart = Annotated[
    bool,
    typer.Option("--from-start", help="Run everything again, also the tools that have run before."),
]


@asks_a_model
def retry(
    ctx: typer.Context,
    choice: "ModelChoice",
    numbers: _Numbers = None,
    drop: _Drop = False,
    keep: _Keep = False,
    last: _Last = False,
    from_start: _FromStart = False,
    raw: Raw = False,
) -> None:
    """Ask again: a prompt that failed, or the last turn in a branch beside it.

    A prompt that failed or was interrupted waits until it is asked again, or dropped with --drop N
    or --drop all; --keep makes a turn, marked as cut, of what came of its answer. `convo show
    --waiting` lists those that wait. It is asked where it was asked, at the end of its branch where
    that has gone on, of the model that it was asked of. Where none waits here, the last turn is
    asked again in a new branch.

    What its tools have done is kept: the model goes on from there, unless it is asked again
    --from-start.
    """
    actions.retry.retry(
        Invocation.of(ctx),
        choice,
        numbers=numbers,
        drop=drop,
        keep=keep,
        last=last,
        from_start=from_start,
        raw=raw,
    )
