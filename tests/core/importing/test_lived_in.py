"""Imports into a session that is used between them, in any order."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from convo import ConversationStore
from convo.errors import ConvoError
from convo.importing.items import answered, called
from convo.importing.records import ImportedTurn
from convo.records import Location
from convo.usage_records import RunRecord
from tests.core.importing.given import branches_of, session, take, turn
from tests.core.importing.hostile import everything

NAME = "trip"


class Used:
    """A session that grows at its source, and that a user changes here."""

    def __init__(self, store: ConversationStore, seed: int) -> None:
        self.store = store
        self.random = random.Random(seed)
        self.turns = [turn("t0")]
        self.said: list[str] = []

    async def some_branch(self) -> str:
        return self.random.choice(list(await branches_of(self.store, NAME)))

    async def again(self) -> int:
        return (await take(self.store, session(NAME, list(self.turns)))).turns

    async def grow(self) -> None:
        for _ in range(self.random.randint(1, 3)):
            parent = self.random.choice([*self.turns, self.turns[-1], self.turns[-1]])
            more = self.random.choice([called("c", "look", "{}"), answered("x")])
            self.turns.append(turn(f"t{len(self.turns)}", parent.id, more))
        await self.again()

    async def say(self) -> None:
        text = f"mine{len(self.said)}"
        items = [{"role": "user", "content": text}, {"role": "assistant", "content": "ok"}]
        place = Location(NAME, await self.some_branch())
        await self.store.store_turn(place, items, RunRecord("echo", 1, 1, 1, 2))
        self.said.append(text)

    async def undo(self) -> None:
        await self.store.undo(NAME, await self.some_branch(), self.random.randint(1, 3))

    async def branch(self) -> None:
        source = await self.some_branch()
        turns = await self.store.turns(NAME, source)
        after = self.random.choice(turns).turn
        await self.store.branch(NAME, source, after=after, stem="mine", expected=None)

    async def delete(self) -> None:
        await self.store.delete_branches(NAME, [await self.some_branch()])

    async def rename(self) -> None:
        name = f"new-{self.random.random()}"
        await self.store.rename_branch(NAME, await self.some_branch(), name)

    async def restore(self) -> None:
        await self.store.restore(NAME)

    async def do_something(self) -> None:
        deeds: list[Callable[[], Awaitable[object]]] = [
            *(self.grow, self.grow, self.grow, self.say, self.undo, self.branch, self.delete),
            *(self.rename, self.restore, self.again),
        ]
        # What cannot be done now, such as undoing what is not there, changes nothing.
        with contextlib.suppress(ConvoError, IndexError):
            await self.random.choice(deeds)()

    def way_to(self, end: ImportedTurn) -> str:
        known = {one.id: one for one in self.turns}
        way, at = [], known.get(end.id)
        while at is not None:
            way.append(at.id)
            at = known.get(at.parent or "")
        return " ".join(reversed(way)) + " "


@pytest.mark.parametrize("seed", range(12))
async def test_nothing_is_lost_counted_twice_or_taken_twice(
    store: ConversationStore, path: Path, seed: int
) -> None:
    used = Used(store, seed)
    await used.again()
    for _ in range(used.random.randint(3, 14)):
        await used.do_something()
    await used.again()
    before = everything(path)
    assert await used.again() == 0
    assert everything(path) == before
    with contextlib.suppress(ConvoError):
        while True:
            await used.restore()
    found = [f"{asked} " for asked in (await branches_of(store, NAME)).values()]
    for one in used.turns:
        assert any(asked.startswith(used.way_to(one)) for asked in found)
    assert set(used.said) <= {word for asked in found for word in asked.split()}
    total = (await store.usage_with_total(NAME)).total.tokens.total_tokens
    assert total == 11 * len(used.turns) + 2 * len(used.said)
