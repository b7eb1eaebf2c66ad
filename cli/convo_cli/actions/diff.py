"""Compares branches."""

from collections.abc import Sequence

from convo.errors import BranchNotFoundError
from convo.history.comparison import Comparison
from convo.store import ConversationStore
from convo_cli.invocation import Invocation
from convo_cli.location import Location, find_location
from convo_cli.output.comparing import branches_to_compare, compared_several, compared_two
from convo_cli.output.diff import Wanted as Wanted
from convo_cli.output.diff import chosen_format, needs_usage, write_compared, write_diff
from convo_cli.render.compare import Compared
from convo_cli.running import run


def show_diff(invocation: Invocation, a: str | None, b: str | None, wanted: Wanted) -> None:
    """Write where two branches diverge; `b` None is the current branch, `a` None its parent."""
    chosen = chosen_format(invocation, wanted)

    async def find() -> tuple[Comparison, Compared | None]:
        settings = invocation.settings
        async with ConversationStore(settings.db) as store:
            location = await find_location(store, settings)
            session = location.session
            first = await _parent(store, location) if a is None else a
            names = [
                await store.branch_called(session, first),
                location.branch if b is None else await store.branch_called(session, b),
            ]
            return await compared_two(
                invocation, store, session, names, spent=needs_usage(wanted, chosen)
            )

    found, compared = run(find())
    write_diff(invocation, found, compared, wanted, chosen)


def show_compared(invocation: Invocation, names: Sequence[str], wanted: Wanted) -> None:
    """Write several branches side by side; see `branches_to_compare` for missing names."""
    chosen = chosen_format(invocation, wanted)

    async def find() -> tuple[Compared, list[Comparison]]:
        settings = invocation.settings
        async with ConversationStore(settings.db) as store:
            location = await find_location(store, settings)
            branches = await branches_to_compare(store, location.session, location.branch, names)
            return await compared_several(
                invocation, store, location.session, branches, words=wanted.words
            )

    compared, with_first = run(find())
    write_compared(invocation, compared, with_first, wanted, chosen)


async def _parent(store: ConversationStore, location: Location) -> str:
    """The parent of the branch. Raises `BranchNotFoundError` if it has none."""
    parent = await store.parent_of(location.session, location.branch)
    if parent is None:
        raise BranchNotFoundError(
            f"the branch '{location.branch}' was made from no other one",
            hint="`convo diff A` compares another branch with it",
        )
    return parent
