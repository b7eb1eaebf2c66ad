"""`convo diff`: where two branches part, and how each goes on."""

from typing import Annotated

import typer

from convo.history.comparison import Comparison
from convo.store import ConversationStore
from convo_cli.invocation import Invocation
from convo_cli.location import find_location
from convo_cli.options import NoPager
from convo_cli.output.diff import write_diff
from convo_cli.running import run


def diff(
    ctx: typer.Context,
    a: Annotated[str, typer.Argument(metavar="A", help="A branch.")],
    b: Annotated[
        str | None,
        typer.Argument(metavar="B", help="Another; the current one if not given."),
    ] = None,
    no_pager: NoPager = False,
) -> None:
    """Show where two branches part, and both continuations side by side."""
    invocation = Invocation.of(ctx)
    found = run(_compared(invocation, a, b))
    write_diff(invocation, found, paged=not no_pager)


async def _compared(invocation: Invocation, a: str, b: str | None) -> Comparison:
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        location = await find_location(store, settings)
        a = await store.branch_called(location.session, a)
        b = location.branch if b is None else await store.branch_called(location.session, b)
        return await store.compare(location.session, a, b)
