"""`convo replay`: asks the prompts of a branch again, each model on a branch of its own."""

from typing import TYPE_CHECKING, Annotated

import typer

from convo_cli import actions
from convo_cli.commands.trial_options import Jobs, Tools, Yes, asks_models, at_least_one
from convo_cli.completing.kinds import BRANCHES, FREE, TURNS
from convo_cli.invocation import Invocation
from convo_cli.render.data import trial_shapes
from convo_cli.written import each, writes

if TYPE_CHECKING:
    from convo_cli.trials.choices import Tried


@writes(each(trial_shapes.TRIAL_LINE), exits=(3, 5))
@asks_models
def replay(
    ctx: typer.Context,
    choices: "list[Tried]",
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="BRANCH", help="The branch to replay; the current one if not given."
        ),
        BRANCHES,
    ] = None,
    first: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="N|TAG", help="The first turn to ask again; -1 is the last."
        ),
        TURNS,
    ] = None,
    repeat: Annotated[
        int, typer.Option("-n", "--repeat", metavar="N", help="How often each asks them."), FREE
    ] = 1,
    jobs: Jobs = 4,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on with a replay that failed or was stopped."),
    ] = False,
    tools: Tools = "recorded",
    yes: Yes = False,
) -> None:
    """Ask the prompts of a branch again, each model on a new branch `replay-MODEL`.

    The branch itself stays as it is, and stays current. The new branches begin with the turns
    before the first one that is asked again. A model that fails keeps the turns that it has
    answered, and stops no other; so does Ctrl-C. What it will probably cost is said before more
    than three requests are made.
    """
    actions.replay.replay(
        Invocation.of(ctx),
        choices,
        branch=source,
        first=first,
        repeat=at_least_one(repeat, "--repeat"),
        jobs=at_least_one(jobs, "--jobs"),
        resume=resume,
        tools=tools,
        yes=yes,
    )
