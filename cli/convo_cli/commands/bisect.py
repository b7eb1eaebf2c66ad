"""`convo bisect`: finds the first turn whose answer fails a check."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from convo_cli import actions
from convo_cli.commands.trial_options import Tools, Yes, asks_models
from convo_cli.completing.kinds import BRANCHES, FREE, TURNS
from convo_cli.invocation import Invocation
from convo_cli.render.data import trial_shapes
from convo_cli.written import one, writes

if TYPE_CHECKING:
    from convo_cli.trials.choices import Tried


@writes(one(trial_shapes.BISECTED, flat=trial_shapes.CHECKED), exits=(3, 5))
@asks_models
def bisect(
    ctx: typer.Context,
    choices: "list[Tried]",
    source: Annotated[
        str | None,
        typer.Argument(metavar="BRANCH", help="The branch; the current one if not given."),
        BRANCHES,
    ] = None,
    check: Annotated[
        str | None,
        typer.Option(
            "--check",
            metavar="COMMAND",
            help="A command of the shell, which gets an answer on stdin: exit code 0 if that is "
            "good, 125 to skip the turn, another up to 124 if it is bad.",
        ),
        FREE,
    ] = None,
    first: Annotated[
        str | None,
        typer.Option("--from", metavar="N|TAG", help="The first turn to look at; -1 is the last."),
        TURNS,
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="N|TAG", help="The last turn to look at."), TURNS
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Check the recorded answer of every turn.")
    ] = False,
    check_timeout: Annotated[
        float,
        typer.Option(
            "--check-timeout", metavar="SECONDS", help="How long the check may take, for a turn."
        ),
        FREE,
    ] = 60.0,
    on_error: Annotated[
        Literal["stop", "skip", "bad"],
        typer.Option(
            "--on-error",
            metavar="HOW",
            help="What becomes of a turn if the model fails: stop ends the search, skip skips the "
            "turn, bad counts it as bad.",
        ),
    ] = "stop",
    tools: Tools = "recorded",
    yes: Yes = False,
) -> None:
    """Find the first turn whose answer fails a check.

    The recorded answers are checked, at both ends and then in the middle, as by `git bisect run`:
    they are assumed to pass up to some turn, and to fail from there on. With a model, a template,
    an agent or other options for the model, the prompts of turns are asked again instead, each on
    a new branch `bisect-N` made from turn N, and the new answers are checked: of 100 turns at most
    8 are asked again. What that will probably cost is said before.

    The check has CONVO_SESSION, CONVO_BRANCH and CONVO_TURN in its environment.
    """
    actions.bisect.bisect(
        Invocation.of(ctx),
        choices,
        actions.bisect.Wanted(
            source, check, first, last, every, check_timeout, on_error, tools, yes
        ),
    )
