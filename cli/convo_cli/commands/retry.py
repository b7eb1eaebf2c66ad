"""`convo retry`: asks a failed prompt again, or else the last turn."""

from typing import TYPE_CHECKING, Annotated

import typer

from convo_cli import actions
from convo_cli.commands.asking_options import Raw
from convo_cli.commands.model_options import asks_a_model
from convo_cli.completing.kinds import WAITING
from convo_cli.invocation import Invocation
from convo_cli.options import NoSwitch
from convo_cli.render.data import shapes
from convo_cli.written import one, writes

if TYPE_CHECKING:
    from convo_cli.turn.choice import ModelChoice

_Numbers = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="N", help="The number of a prompt that waits; the newest one here if not given."
    ),
    WAITING,
]

_Drop = Annotated[
    bool,
    typer.Option("--drop", help="Drop the prompts N…, or all of them, instead of asking again."),
]

_Keep = Annotated[
    bool,
    typer.Option("--keep", help="Store the part of the answer that arrived, instead of asking."),
]

_Last = Annotated[
    bool, typer.Option("--last", help="Ask the last turn again, even if prompts wait.")
]

_FromStart = Annotated[
    bool,
    typer.Option(
        "--from-start", help="Run everything again, including tools that have already run."
    ),
]


@writes(
    one(shapes.ANSWER),
    one({"dropped": "[integer]"}, "--drop"),
    one({"session": "text", "branch": "text", **shapes.TRANSCRIPT}, "--keep"),
    exits=(3, 4, 5),
)
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
    no_switch: NoSwitch = False,
) -> None:
    """Ask a failed prompt again, or the last turn in a new branch.

    A prompt that failed or was interrupted waits until it is asked again, or dropped with --drop N
    or --drop all. --keep stores the part of its answer that arrived as a turn, marked as cut.
    `convo show --waiting` lists the waiting prompts. A prompt is asked in its old place, or at the
    end of its branch if that has new turns, with its old model unless an option or the environment
    names another. If none waits here, the last turn is asked again in a new branch.

    The results of tools are kept, and the model goes on from there, unless --from-start is given.
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
        no_switch=no_switch,
    )
