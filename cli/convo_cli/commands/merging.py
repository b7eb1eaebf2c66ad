"""`convo merge` and `convo squash`."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from convo_cli import actions
from convo_cli.commands.asking_options import Api, BaseUrl, Model, ModelSetting, Timeout
from convo_cli.commands.model_options import model_choice
from convo_cli.completing.kinds import BRANCHES, FREE, SHOWN
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.render.data import shapes
from convo_cli.running import run
from convo_cli.written import one, writes

if TYPE_CHECKING:
    from convo_cli.turn.choice import ModelChoice


@writes(
    one(shapes.MERGED),
    one({**shapes.MERGED, "answer": "text?"}, "--summary"),
    exits=(3, 4, 5),
)
def merge(
    ctx: typer.Context,
    source: Annotated[
        str, typer.Argument(metavar="BRANCH", help="The branch to merge into this one."), BRANCHES
    ],
    summary: Annotated[
        bool,
        typer.Option("--summary", help="Have a model sum up its new turns in one turn."),
    ] = False,
    cherry_pick: Annotated[
        str | None,
        typer.Option("--cherry-pick", metavar="A|A..B", help="Copy turn A, or A to B, to the end."),
        FREE,
    ] = None,
    take: Annotated[
        bool,
        typer.Option("--take", help="Go on as that branch does; turns of this one make room."),
    ] = False,
    model: Model = None,
    base_url: BaseUrl = None,
    api: Api = None,
    option: ModelSetting = None,
    timeout: Timeout = 600.0,
) -> None:
    """Bring a side line back into the current branch.

    Without --summary, --cherry-pick or --take, the branch goes on with the turns of the other one
    if it has none of its own since they parted. The other branch stays as it is. `convo undo` takes
    a merge back as a whole, and `convo restore` brings it again.
    """
    if summary + take + (cherry_pick is not None) > 1:
        raise UsageError(
            "--summary, --cherry-pick and --take exclude each other", hint="give one of them"
        )
    invocation = Invocation.of(ctx)
    if summary:
        choice = _choice(model, base_url, api, option, timeout)
        run(actions.merging.merge_summary(invocation, choice, source))
        return
    _check_unasked(model, base_url, api, option)
    run(actions.merging.merge(invocation, source, cherry_pick, take=take))


@writes(
    one(shapes.MERGED),
    one({**shapes.MERGED, "answer": "text?"}, "--summary"),
    exits=(3, 4, 5),
)
def squash(
    ctx: typer.Context,
    turns: Annotated[
        str,
        typer.Argument(metavar="A..B", help="The turns from A to B, by number or tag."),
        SHOWN,
    ],
    last: Annotated[
        bool, typer.Option("--last", help="Keep all prompts, but only the last answer.")
    ] = False,
    summary: Annotated[
        bool, typer.Option("--summary", help="Have a model sum up the turns.")
    ] = False,
    model: Model = None,
    base_url: BaseUrl = None,
    api: Api = None,
    option: ModelSetting = None,
    timeout: Timeout = 600.0,
) -> None:
    """Make several turns one.

    Their prompts become one prompt; answers, tool calls and reasoning follow it in their order.
    Later turns get lower numbers. The old turns are set aside: `convo undo` brings them back, and
    `convo restore` squashes them again.
    """
    invocation = Invocation.of(ctx)
    if summary and last:
        raise UsageError("--summary and --last exclude each other", hint="give one of them")
    if summary:
        choice = _choice(model, base_url, api, option, timeout)
        run(actions.merging.squash_summary(invocation, choice, turns))
        return
    _check_unasked(model, base_url, api, option)
    run(actions.merging.squash(invocation, turns, only_last=last))


def _choice(
    model: str | None,
    base_url: str | None,
    api: Literal["responses", "chat"] | None,
    option: list[str] | None,
    timeout: float,
) -> "ModelChoice":
    return model_choice(model=model, base_url=base_url, api=api, option=option, timeout=timeout)


def _check_unasked(*given: object) -> None:
    """Raise `UsageError` if an option for a model is given, and no model is asked."""
    if any(given):
        raise UsageError("no model is asked without --summary", hint="leave out its options")
