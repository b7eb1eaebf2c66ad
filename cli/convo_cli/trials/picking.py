"""Finds the branches that were made together with another one, by `ask` or `replay`."""

from convo.store import ConversationStore


async def beside(store: ConversationStore, session: str, branch: str) -> list[str]:
    """The branches that begin where a branch does and are named alike: `ask-…`, `replay-…`."""
    infos = {info.branch_id: info for info in await store.branches(session)}
    mine = infos[branch]
    if mine.parent_branch_id is None:
        return []
    begins = mine.parent_branch_id, mine.forked_from_turn
    kind = branch.partition("-")[0]
    return [
        info.branch_id
        for info in infos.values()
        if info.branch_id != branch
        and (info.parent_branch_id, info.forked_from_turn) == begins
        and info.branch_id.partition("-")[0] == kind
    ]
