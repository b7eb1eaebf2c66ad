"""`convo usage`: shows the usage of tokens, what they cost, and how long answers took."""

from typing import Annotated, Any

import typer

from convo_cli import actions
from convo_cli.completing.kinds import KEYS_OF_USAGE, TIMES
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.options import NEWEST, Limit, newest
from convo_cli.render.data import usage_shapes
from convo_cli.running import run
from convo_cli.written import one, writes


def _by(key: str, help: str = "", *, hidden: bool = True) -> Any:
    return typer.Option(f"--by-{key}", help=help or f"A row for every {key}.", hidden=hidden)


@writes(
    one(usage_shapes.USAGE_REPORT, flat=usage_shapes.USAGE),
    one(usage_shapes.USAGE_GROUPS, "--by KEY,KEY", flat=usage_shapes.USAGE_GROUP),
    exits=(3,),
)
def usage(
    ctx: typer.Context,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="KEY[,KEY]",
            help="A row for every turn, branch, session, model, day, week, month, source, agent or "
            "tool, or for every two of them: day,model. --by-day is short for --by day.",
        ),
        KEYS_OF_USAGE,
    ] = None,
    by_turn: Annotated[bool, _by("turn", hidden=False)] = False,
    by_branch: Annotated[bool, _by("branch", hidden=False)] = False,
    by_session: Annotated[bool, _by("session")] = False,
    by_model: Annotated[bool, _by("model")] = False,
    by_day: Annotated[bool, _by("day")] = False,
    by_week: Annotated[bool, _by("week")] = False,
    by_month: Annotated[bool, _by("month")] = False,
    by_source: Annotated[bool, _by("source")] = False,
    by_agent: Annotated[bool, _by("agent")] = False,
    by_tool: Annotated[bool, _by("tool")] = False,
    all_sessions: Annotated[
        bool, typer.Option("--all", help="All sessions; implied by --by session and --by source.")
    ] = False,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="TIME",
            help="Only runs since then: 2026-11-22, '2026-11-22 14:30', 7d, yesterday, this month.",
        ),
        TIMES,
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="TIME", help="Only runs up to the end of that time."),
        TIMES,
    ] = None,
    chart: Annotated[bool, typer.Option("--chart", help="Draw a bar for every row.")] = False,
    times: Annotated[
        bool,
        typer.Option(
            "--times", help="Show time to the first token, duration and tokens a second instead."
        ),
    ] = False,
    limit: Limit = NEWEST,
) -> None:
    """Show the tokens used by the session, or with -b by one branch, and what they cost.

    Deleted turns and branches count, and so do failed and interrupted turns, on lines of their own.
    A ~ marks estimates. Costs are in US dollars; the cost that another program recorded for an
    imported conversation has a column of its own. Days are those of your time zone.
    """
    flags = {
        "turn": by_turn,
        "branch": by_branch,
        "session": by_session,
        "model": by_model,
        "day": by_day,
        "week": by_week,
        "month": by_month,
        "source": by_source,
        "agent": by_agent,
        "tool": by_tool,
    }
    given = [key for key, is_given in flags.items() if is_given]
    if len(given) > 1:
        both = " and ".join(f"--by-{key}" for key in given[:2])
        raise UsageError(f"{both} exclude each other: give --by {','.join(given[:2])}")
    if given and by is not None:
        raise UsageError(f"--by and --by-{given[0]} exclude each other: give --by {by},{given[0]}")
    keys = (by or "").split(",") if by is not None else given
    invocation = Invocation.of(ctx)
    asked = actions.usage.asked(
        [key.strip() for key in keys],
        is_of_all=all_sessions,
        since=since,
        until=until,
        chart=chart,
        times=times,
        limit=newest(limit),
    )
    run(actions.usage.show_usage(invocation, asked))
