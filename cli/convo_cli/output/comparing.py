"""Reads branches to be compared, with what their turns took."""

from collections.abc import Sequence

from convo.history.comparison import Comparison
from convo.history.transcript import WholeTurns
from convo.store import ConversationStore
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.render.compare import Compared, Usage, of_several, of_two


async def compared_two(
    invocation: Invocation,
    store: ConversationStore,
    session: str,
    branches: Sequence[str],
    *,
    spent: bool,
) -> tuple[Comparison, Compared | None]:
    """Compare two branches, with what their turns took if that is wanted."""
    found = await store.compare(session, *branches)
    if not spent:
        return found, None
    usage = [
        await _usage(invocation, store, session, branch, turns)
        for branch, turns in zip(branches, (found.turns_a, found.turns_b), strict=True)
    ]
    return found, of_two(session, found, usage)


async def compared_several(
    invocation: Invocation,
    store: ConversationStore,
    session: str,
    branches: Sequence[str],
    *,
    words: bool,
) -> tuple[Compared, list[Comparison]]:
    """Compare several branches, with what their turns took; for `words`, each with the first."""
    columns = await store.columns(session, branches)
    usage = [
        await _usage(invocation, store, session, column.branch, column.turns) for column in columns
    ]
    others = branches[1:] if words else []
    with_first = [await store.compare(session, branches[0], other) for other in others]
    return of_several(session, columns, usage), with_first


async def _usage(
    invocation: Invocation, store: ConversationStore, session: str, branch: str, turns: WholeTurns
) -> Usage:
    numbers = turns.numbers
    if not numbers:
        return {}
    return await store.usage_of_turns(
        session, branch, numbers[0], numbers[-1], prices=invocation.prices
    )


async def branches_to_compare(
    store: ConversationStore, session: str, current: str, names: Sequence[str]
) -> list[str]:
    """The branches with these names, and with a single name the current one beside it.

    Without names, they are the current branch and those that were made beside it: from the same
    turn of the same branch, with that branch. Raises `UsageError` if that is only one.
    """
    found = [await store.branch_called(session, name) for name in names]
    if not names:
        found = await _family(store, session, current)
    elif len(names) == 1:
        found.append(current)
    found = list(dict.fromkeys(found))
    if len(found) < 2:
        raise UsageError(
            f"there is no branch to compare '{found[0]}' with", hint="name two branches or more"
        )
    return found


async def _family(store: ConversationStore, session: str, current: str) -> list[str]:
    """The branch that others were made from, and those made from the same turn of it."""
    branches = {branch.branch_id: branch for branch in await store.branches(session)}
    place = branches[current]
    parent, turn = place.parent_branch_id, place.forked_from_turn
    if parent not in branches:
        # From here, the newest branches were made from the turn of the last one.
        parent = current
        turns = [
            one.forked_from_turn for one in branches.values() if one.parent_branch_id == parent
        ]
        turn = turns[-1] if turns else None
    return [
        parent,
        *(
            name
            for name, one in branches.items()
            if (one.parent_branch_id, one.forked_from_turn) == (parent, turn)
        ),
    ]
