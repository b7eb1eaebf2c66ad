"""Compares two branches."""

from convo.history.comparison import Comparison
from convo.store import ConversationStore
from convo_cli.invocation import Invocation
from convo_cli.location import find_location
from convo_cli.output.diff import write_diff
from convo_cli.running import run


def show_diff(invocation: Invocation, a: str, b: str | None, *, paged: bool) -> None:
    """Write where two branches diverge; `b` None is the current branch."""
    write_diff(invocation, run(_compared(invocation, a, b)), paged=paged)


async def _compared(invocation: Invocation, a: str, b: str | None) -> Comparison:
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        location = await find_location(store, settings)
        a = await store.branch_called(location.session, a)
        b = location.branch if b is None else await store.branch_called(location.session, b)
        return await store.compare(location.session, a, b)
