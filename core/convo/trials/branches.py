"""The branches of trials: named, found again, and dropped if nothing was answered there."""

import asyncio
import re
from collections import deque
from collections.abc import Sequence
from typing import Any

from convo.names import MAX_NAME_LENGTH
from convo.records import Location
from convo.sdk import AdvancedSession
from convo.store import ConversationStore
from convo.trials.asking import Asker, Prompt

_UNFIT = re.compile(r"[^\w.+@:=-]+")
_LETTERS = re.compile(r"-[a-z]+")
_LONGEST_STEM = 60

REPLAY = "replay"
"""What the names of the branches of replays begin with."""


def stem_of(name: str, prefix: str = REPLAY) -> str:
    """The beginning of the name of a branch for an asker, as `naming` makes new names from it."""
    fit = _UNFIT.sub("-", name).strip("-.")[:_LONGEST_STEM]
    return f"{prefix}-{fit}"[:MAX_NAME_LENGTH] if fit else prefix


async def made_earlier(
    store: ConversationStore, place: Location, turn: int, stem: str
) -> list[str]:
    """The branches that were made from a turn with names from a stem, the newest last."""
    found = []
    for known in await store.branches(place.session_id):
        rest = known.branch_id.removeprefix(stem)
        is_named = not rest or (rest != known.branch_id and _LETTERS.fullmatch(rest) is not None)
        begins = known.parent_branch_id, known.forked_from_turn
        if is_named and begins == (place.branch_id, turn):
            found.append(known.branch_id)
    return found


async def drop_unanswered(store: ConversationStore, place: Location, first: int) -> bool:
    """Drop what waits on a branch for a retry, and the branch if it has no turn from `first` on.

    Returns whether the branch is gone.
    """
    waits = await store.failed_turn(*place)
    if waits is not None and waits.state != "running":
        await store.drop_pending([waits.number])
    return await store.drop_empty_branch(place.session_id, place.branch_id, first)


def whole(store: ConversationStore, asker: Asker) -> Asker:
    """An asker of which a failed prompt leaves nothing: `Runner.run` stores items as they come."""

    async def ask(session: AdvancedSession, prompt: Prompt) -> Any:
        session_id, branch_id = session.session_id, session.branch_id
        before = await store.last_turn(session_id, branch_id)
        try:
            return await asker(session, prompt)
        except BaseException:
            while await store.last_turn(session_id, branch_id) > before:
                await session.pop_item()
            raise

    return ask


class NewBranches:
    """New branches of the session of a run, many of which one transaction makes."""

    def __init__(self, store: ConversationStore, session_id: str) -> None:
        self._store = store
        self._session_id = session_id
        self._stems: deque[str] = deque()
        self._ahead = 1
        self._made: dict[str, deque[str]] = {}
        self._making = asyncio.Lock()

    def expect(self, stems: Sequence[str], ahead: int) -> None:
        """Make branches with these stems, so many ahead."""
        self._stems.extend(stems)
        self._ahead = ahead

    async def take(self, stem: str) -> str:
        """A branch with a name made from the stem."""
        if not self._made.get(stem):
            # The branches that another attempt is making may include this one: wait for them.
            async with self._making:
                if not self._made.get(stem):
                    await self._make(stem)
        return self._made[stem].popleft()

    async def _make(self, wanted: str) -> None:
        stems = [self._stems.popleft() for _ in range(min(self._ahead, len(self._stems)))]
        if wanted not in stems:
            stems.append(wanted)
        making = asyncio.ensure_future(self._store.begin_branches(self._session_id, stems))
        try:
            await asyncio.shield(making)
        finally:
            # They are made even if this is cancelled, and have to be known to be deleted.
            for stem, made in zip(stems, await making, strict=True):
                self._made.setdefault(stem, deque()).append(made)

    async def drop(self) -> None:
        """Delete the branches that were not taken."""
        for made in self._made.values():
            for branch_id in made:
                await self._store.drop_empty_branch(self._session_id, branch_id, 1)
