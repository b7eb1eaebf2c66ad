"""Random histories of taking away and bringing back, among all else that can happen to a file."""

from itertools import count
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from convo import ConversationStore
from convo.errors import NothingToRestoreError
from tests.core.differential import seats
from tests.core.differential.machinery import Machine, observer
from tests.core.differential.tables import inconsistencies, tables
from tests.core.differential.things import choices, chosen
from tests.core.talk import assistant, result, run, turn, user

TALK = "talk"
_ACTS = """
    SELECT count(DISTINCT act) FROM convo_removed WHERE generation = coalesce(
        (SELECT generation FROM session_clear_generations WHERE session_id = 'talk'), 0
    )
"""


class Removing(Machine):
    """A session that the store, an instance of ours and one of the SDK's class write to at once.

    `taken` has for each act that took something what there was before it; None where something
    else has been done since, after which bringing it back comes to something else.
    """

    @initialize()
    def open(self) -> None:
        path = self.folder / "shared.db"
        self.store = ConversationStore(path, create=True)
        self.wait(self.store.__aenter__())
        self.wait(self.store.start_session(TALK))
        self.theirs = seats.theirs(TALK, path)
        self.ours = seats.ours(TALK, path)
        self.file = observer(path)
        self.numbers = count(1)
        self.spent = 0
        self.taken: list[Any] = []
        self.owed: set[str] = set()

    async def close(self) -> None:
        while self.taken:
            await self.bring_back(None)
        assert self.owed <= await self.questions()
        await self.theirs.close()
        await self.ours.close()
        await self.store.__aexit__()
        self.file.close()

    # What others do in between.

    @rule(choice=choices, usage=st.integers(3, 99))
    def record(self, choice: int, usage: int) -> None:
        self.spent += usage
        branch = self.a_branch(choice)
        self.others_act(self.store.record_turn(TALK, branch, self.said(), run(usage)))

    @rule(choice=choices, usage=st.integers(6, 99))
    def they_append(self, choice: int, usage: int) -> None:
        self.others_act(self.theirs.call("switch_to_branch", self.a_branch(choice)))
        self.others_act(self.theirs.call("add_items", self.said()))
        self.spent += usage
        self.others_act(self.theirs.call("store_run_usage", result(usage)))

    @rule(asks=st.booleans())
    def they_append_where_they_are(self, asks: bool) -> None:
        """On a branch that is gone, perhaps, which is there again then."""
        items = self.said() if asks else [assistant("late")]
        self.others_act(self.theirs.call("add_items", items))

    @rule(choice=choices, number=st.integers(1, 4))
    def fork(self, choice: int, number: int) -> None:
        branch = self.a_branch(choice)
        last = self.wait(self.store.last_turn(TALK, branch))
        if last:
            turn_number = min(number, last)
            self.others_act(self.store.branch(TALK, branch, turn=turn_number, expected=None))

    @rule(choice=choices)
    def rename(self, choice: int) -> None:
        name = f"renamed-{next(self.numbers)}"
        if (branch := self.a_branch(choice)) != "main":
            self.others_act(self.store.rename_branch(TALK, branch, name))

    @rule(choice=choices, theirs=st.booleans(), times=st.integers(1, 3))
    def pop(self, choice: int, theirs: bool, times: int) -> None:
        instance = self.theirs if theirs else self.ours
        self.for_good(instance.call("switch_to_branch", self.a_branch(choice)))
        for _ in range(times):
            self.for_good(instance.call("pop_item"))

    @rule(choice=choices, theirs=st.booleans())
    def delete_for_good(self, choice: int, theirs: bool) -> None:
        instance = self.theirs if theirs else self.ours
        self.for_good(instance.call("delete_branch", self.a_branch(choice), True))

    @rule(theirs=st.booleans(), chance=choices)
    def clear(self, theirs: bool, chance: int) -> None:
        if chance % 10 != 7:
            return  # A history that is cleared all the time is none.
        instance = self.theirs if theirs else self.ours

        async def clear() -> None:
            await instance.call("clear_session")
            await self.ours.call("add_items", self.said())

        self.for_good(clear())
        self.taken, self.owed = [], self.wait(self.questions())

    # What is looked at.

    @rule(choice=choices, number=st.integers(1, 4))
    def undo(self, choice: int, number: int) -> None:
        branch = self.a_branch(choice)
        if last := self.wait(self.store.last_turn(TALK, branch)):
            before = self.wait(self.everything())
            self.wait(self.store.undo(TALK, branch, min(number, last)))
            self.took(before)

    @rule(many=st.sets(choices, min_size=1, max_size=2))
    def delete(self, many: set[int]) -> None:
        if names := sorted({self.a_branch(choice) for choice in many} - {"main"}):
            before = self.wait(self.everything())
            self.wait(self.store.delete_branches(TALK, names, force=True))
            self.took(before)

    @precondition(lambda self: self.taken)
    @rule()
    def restore(self) -> None:
        before = self.taken[-1]
        self.wait(self.bring_back(None))
        if before is not None:
            assert self.wait(self.everything()) == before
        self.wait(self.check())

    @precondition(lambda self: self.taken)
    @rule(choice=choices)
    def restore_one(self, choice: int) -> None:
        entries = self.wait(self.store.removed(TALK))
        self.wait(self.bring_back(chosen(choice, {e.branch_id for e in entries}, ["none"])))
        self.wait(self.check())

    # How.

    def a_branch(self, choice: int) -> str:
        names = [info.branch_id for info in self.wait(self.store.branches(TALK))]
        return names[choice % len(names)]

    def said(self) -> list[Any]:
        question = f"question {next(self.numbers)}"
        self.owed.add(question)
        return turn(question) if next(self.numbers) % 2 else [user(question)]

    def took(self, before: Any) -> None:
        self.taken.append(before)
        self.wait(self.check())

    def others_act(self, work: Any) -> None:
        self.wait(work)
        self.taken = [None] * len(self.taken)
        self.wait(self.check())

    def for_good(self, work: Any) -> None:
        """What somebody takes away in another way than by the store is not owed any more.

        Nor is the usage that the SDK's class stored, and deletes.
        """
        before = self.wait(self.questions())
        self.wait(work)
        spent, self.spent = self.spent, self.wait(self.total())
        assert self.spent <= spent
        self.taken = [None] * len(self.taken)
        self.wait(self.check())
        self.owed -= before - self.wait(self.questions())

    async def bring_back(self, branch: str | None) -> None:
        """Bring something back, and keep account of how much there is left."""
        try:
            await self.store.restore(TALK, branch)
        except NothingToRestoreError:
            assert branch == "none"
        if branch is None:
            self.taken.pop()
        else:
            (left,) = self.file.execute(_ACTS).fetchone()
            self.taken = [None] * left

    async def questions(self) -> set[str]:
        return {
            info.text
            for branch in await self.store.branches(TALK)
            for info in await self.store.turns(TALK, branch.branch_id)
        }

    async def everything(self) -> list[Any]:
        """What there is, by every way to look at it."""
        found: list[Any] = [
            await self.store.branches(TALK, "main"),
            sorted(map(str, await self.store.usage(TALK, by="turn"))),
            await self.ours.call("get_session_usage"),
        ]
        for method in ("get_items", "get_turn_usage", "get_conversation_turns"):
            for branch in sorted(info.branch_id for info in found[0]):
                arguments = [branch] if method == "get_conversation_turns" else [None, branch]
                found.append(await self.ours.call(method, *arguments))
        return found

    async def check(self) -> None:
        assert await self.store.check() == []
        assert list(inconsistencies(tables(self.file))) == []
        assert await self.total() == self.spent

    async def total(self) -> int:
        (row,) = await self.store.usage(TALK)
        return row.tokens.total_tokens
