"""Compares two branches."""

from convo.errors import BranchNotFoundError
from convo.history.comparison import Comparison
from convo.store import ConversationStore
from convo_cli.invocation import Invocation
from convo_cli.location import Location, find_location
from convo_cli.output.diff import write_diff
from convo_cli.running import run


def show_diff(invocation: Invocation, a: str | None, b: str | None, *, paged: bool) -> None:
    """Write where two branches diverge; `b` None is the current branch, `a` None its parent."""
    write_diff(invocation, run(_compared(invocation, a, b)), paged=paged)


async def _compared(invocation: Invocation, a: str | None, b: str | None) -> Comparison:
    settings = invocation.settings
    async with ConversationStore(settings.db) as store:
        location = await find_location(store, settings)
        if a is None:
            a = await _parent(store, location)
        else:
            a = await store.branch_called(location.session, a)
        b = location.branch if b is None else await store.branch_called(location.session, b)
        return await store.compare(location.session, a, b)


async def _parent(store: ConversationStore, location: Location) -> str:
    """The parent of the branch. Raises `BranchNotFoundError` if it has none."""
    parent = await store.parent_of(location.session, location.branch)
    if parent is None:
        raise BranchNotFoundError(
            f"the branch '{location.branch}' was made from no other one",
            hint="`convo diff A` compares another branch with it",
        )
    return parent
