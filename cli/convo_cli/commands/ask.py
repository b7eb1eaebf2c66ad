"""`convo ask`: one question to several models; `convo pick`: goes on with one of them."""

from typing import TYPE_CHECKING, Annotated

import typer

from convo_cli import actions
from convo_cli.commands.asking_options import Attach, NoStdin, Raw
from convo_cli.commands.trial_options import Jobs, Yes, asks_models, at_least_one
from convo_cli.completing.kinds import BRANCHES, FREE
from convo_cli.invocation import Invocation
from convo_cli.render.data import trial_shapes
from convo_cli.running import run
from convo_cli.written import each, one, writes

if TYPE_CHECKING:
    from convo_cli.trials.choices import Tried


@writes(each(trial_shapes.ASKED), exits=(3, 5))
@asks_models
def ask(
    ctx: typer.Context,
    choices: "list[Tried]",
    prompt: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PROMPT",
            help="What to ask. Text from stdin is added below it; - is stdin alone.",
        ),
        FREE,
    ] = None,
    attach: Attach = None,
    jobs: Jobs = 4,
    raw: Raw = False,
    yes: Yes = False,
    no_stdin: NoStdin = False,
) -> None:
    """Ask several models one question, each on a new branch `ask-MODEL` that begins here.

    The answers are shown as they come: side by side on a wide terminal, else one below the other.
    The current branch stays as it is; `convo pick` goes on with one of the new ones.
    """
    invocation = Invocation.of(ctx)
    invocation.answers()
    actions.ask.ask(
        invocation,
        choices,
        prompt=prompt,
        attach=attach or [],
        jobs=at_least_one(jobs, "--jobs"),
        raw=raw,
        yes=yes,
        no_stdin=no_stdin,
    )


@writes(one(trial_shapes.PICKED), exits=(3, 4))
def pick(
    ctx: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="BRANCH", help="The branch to go on with."), BRANCHES
    ],
) -> None:
    """Go on with one branch of `ask` or `replay`, and with its model.

    The branches that were made with it stay, and are named; `convo delete` deletes them.
    """
    run(actions.ask.pick(Invocation.of(ctx), name))
