"""`convo eval …`: asks the cases of a set, checks the answers, and compares runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from convo_cli import actions
from convo_cli.commands.trial_options import Jobs, Yes, asks_models, at_least_one
from convo_cli.completing.kinds import BRANCHES, FILES, FREE, MODELS, TURNS
from convo_cli.exits import UsageError
from convo_cli.grammar import Command, DefaultGroup
from convo_cli.invocation import Invocation
from convo_cli.options import newest
from convo_cli.render.data import eval_shapes
from convo_cli.written import each, one, writes

if TYPE_CHECKING:
    from convo_cli.trials.choices import Tried

SET_FILE = "evals.toml"
"""The set that `convo eval add` adds to if none is named."""

eval_ = typer.Typer(
    name="eval",
    cls=DefaultGroup,
    help="Ask the cases of a set of models and agents, and check the answers: `convo eval SET` is "
    "short for `convo eval run SET`.",
    add_completion=False,
    rich_markup_mode=None,
)

JUnit = Annotated[
    Path | None,
    typer.Option("--junit", metavar="FILE", help="Write the results as JUnit XML, too."),
    FILES,
]
Run = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="The number of a run, or RUN/CHOICE for one of those that it asked."
    ),
    FREE,
]


@eval_.command("run", cls=Command)
@writes(one(eval_shapes.EVAL_REPORT, flat=eval_shapes.EVAL_RESULT), exits=(1, 3, 4, 5))
@asks_models
def run_(
    ctx: typer.Context,
    choices: "list[Tried]",
    cases: Annotated[
        Path,
        typer.Argument(metavar="SET", help="A TOML or JSON Lines file with the cases."),
        FILES,
    ],
    repeat: Annotated[
        int, typer.Option("-n", "--repeat", metavar="N", help="How often each case is asked."), FREE
    ] = 1,
    jobs: Jobs = 4,
    minimum: Annotated[
        str | None,
        typer.Option(
            "--min",
            metavar="RATE",
            help="Exit with 1 if a smaller share of the attempts of any model passes: 0.9 or 90%.",
        ),
        FREE,
    ] = None,
    judge: Annotated[
        str | None,
        typer.Option("--judge", metavar="MODEL", help="The model for checks that ask a judge."),
        MODELS,
    ] = None,
    junit: JUnit = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on with the last run of the set that is not whole."),
    ] = False,
    tools: Annotated[
        Literal["run", "recorded", "refuse"],
        typer.Option(
            "--tools",
            metavar="HOW",
            help="What becomes of tool calls: run runs them, recorded gives back what was recorded "
            "for the same call of a branch and asks about others, refuse runs none.",
        ),
    ] = "run",
    yes: Yes = False,
) -> None:
    """Ask the cases of a set, each on a branch of its own, and check the answers.

    The branches are in a new session `eval-SET`, or in that of the branch that a case goes on from.
    A model that fails stops no other, and Ctrl-C keeps what is whole. What all will probably cost
    is said before more than three requests are made.
    """
    actions.evals.run_set(
        Invocation.of(ctx),
        choices,
        cases,
        repeat=at_least_one(repeat, "--repeat"),
        jobs=at_least_one(jobs, "--jobs"),
        minimum=None if minimum is None else share(minimum),
        judge=judge,
        junit=junit,
        resume=resume,
        tools=tools,
        yes=yes,
    )


def share(given: str) -> float:
    """A share such as 0.9 or 90%. Raises `UsageError`."""
    text = given.strip()
    try:
        value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise UsageError(f"--min is a share from 0 to 1, as 0.9 or 90%, not '{given}'")
    return value


@eval_.command("list", cls=Command)
@writes(each(eval_shapes.EVAL))
def list_(
    ctx: typer.Context,
    limit: Annotated[
        int,
        typer.Option("-n", "--limit", metavar="N", help="The newest N runs; 0 for all."),
        FREE,
    ] = 50,
) -> None:
    """List the runs, the newest first."""
    actions.eval_views.list_(Invocation.of(ctx), newest(limit, "runs"))


@eval_.command("show", cls=Command)
@writes(one(eval_shapes.EVAL_REPORT, flat=eval_shapes.EVAL_RESULT), exits=(3,))
def show(
    ctx: typer.Context,
    run: Run,
    every: Annotated[
        bool, typer.Option("--all", help="List the attempts that passed, too.")
    ] = False,
    junit: JUnit = None,
) -> None:
    """Show what came of a run, and the attempts that have not passed."""
    actions.eval_views.show_(Invocation.of(ctx), run, every=every, junit=junit)


@eval_.command("compare", cls=Command)
@writes(one(eval_shapes.EVAL_COMPARISON, flat=eval_shapes.EVAL_CHANGE), exits=(3,))
def compare(ctx: typer.Context, before: Run, after: Run) -> None:
    """Compare two runs: the cases that changed, and how much of the difference may be chance."""
    actions.eval_views.compare(Invocation.of(ctx), before, after)


@eval_.command("add", cls=Command)
@writes(one(eval_shapes.ADDED_CASE), exits=(3, 4))
def add(
    ctx: typer.Context,
    cases: Annotated[
        Path,
        typer.Argument(metavar="SET", help="The file of the set; a new one is created."),
        FILES,
    ] = Path(SET_FILE),
    source: Annotated[
        str | None,
        typer.Option("--from", metavar="BRANCH", help="The branch; the current one if not given."),
        BRANCHES,
    ] = None,
    turn: Annotated[
        str,
        typer.Option(
            "--turn", metavar="N|TAG", help="The turn whose prompt is asked; -1 is the last."
        ),
        TURNS,
    ] = "-1",
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="The name of the case."), FREE
    ] = None,
    contains: Annotated[
        list[str] | None,
        typer.Option("--contains", metavar="TEXT", help="A text in the answer; repeatable."),
        FREE,
    ] = None,
    equals: Annotated[
        str | None, typer.Option("--equals", metavar="TEXT", help="What the answer is."), FREE
    ] = None,
    regex: Annotated[
        str | None,
        typer.Option("--regex", metavar="PATTERN", help="What matches in the answer."),
        FREE,
    ] = None,
    json_schema: Annotated[
        str | None,
        typer.Option("--json-schema", metavar="FILE", help="The schema that the answer fits."),
        FILES,
    ] = None,
    command: Annotated[
        str | None,
        typer.Option(
            "--command", metavar="COMMAND", help="A command that gets the answer on stdin."
        ),
        FREE,
    ] = None,
    judge: Annotated[
        str | None,
        typer.Option("--judge", metavar="RUBRIC", help="What a model judges the answer by."),
        FREE,
    ] = None,
    copy: Annotated[
        bool,
        typer.Option(
            "--copy", help="Write the conversation into the file, which then needs no database."
        ),
    ] = False,
) -> None:
    """Make a case of a turn of a branch: its prompt is asked again, after the same turns.

    Without a check, the answer has to be the recorded one. Comments in the file stay.
    """
    texts = contains or []
    given = {
        "contains": texts[0] if len(texts) == 1 else None,
        "checks": [{"contains": text} for text in texts] if len(texts) > 1 else None,
        "equals": equals,
        "regex": regex,
        "json-schema": json_schema,
        "command": command,
        "judge": judge,
    }
    checks = {kind: value for kind, value in given.items() if value is not None}
    actions.eval_cases.add(
        Invocation.of(ctx), cases, source, turn, name=name, checks=checks, copy=copy
    )
