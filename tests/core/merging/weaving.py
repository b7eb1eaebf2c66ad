"""Random histories of merging and squashing, among all else that can happen to a file."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from convo.errors import ConflictError, NotFoundError
from tests.core.differential.removing import TALK, Removing
from tests.core.differential.things import choices

_ACTS = """
    SELECT count(DISTINCT act) FROM convo_removed AS e WHERE generation = coalesce(
        (SELECT generation FROM session_clear_generations WHERE session_id = 'talk'), 0
    ) AND NOT EXISTS (
        SELECT 1 FROM convo_merges AS m JOIN message_structure AS s ON s.id = m.anchor
        WHERE m.replaced_id = e.id
    )
"""
_SET_ASIDE = "SELECT json_extract(message_data, '$.content') FROM convo_removed_messages"
_MARKS = (
    "SELECT * FROM convo_tags ORDER BY tag",
    "SELECT * FROM convo_notes ORDER BY message_id",
    "SELECT * FROM convo_stars ORDER BY message_id",
    "SELECT id, session_id, branch_id, message_id, sequence_number, user_turn_number, created_at "
    "FROM message_structure ORDER BY id",
    "SELECT * FROM agent_messages ORDER BY id",
    "SELECT id, session_id, branch_id, user_turn_number, total_tokens FROM turn_usage ORDER BY id",
)
"""Whatever a merge may change."""

_RUNS_ELSEWHERE = """
    SELECT r.id FROM convo_runs AS r JOIN message_structure AS s ON s.id = r.anchor
    WHERE r.branch_id <> s.branch_id OR r.user_turn_number <> s.user_turn_number
"""


class Weaving(Removing):
    """Everything that is done to branches, and merges and squashes, which one undo takes back."""

    @initialize()
    def open(self) -> None:
        """Begin with two branches that both go on: there is something to merge."""
        super().open()
        for choice in (0, 0, 0):
            self.record(choice, 3)
        self.fork(0, 2)
        for choice in (1, 1):
            self.record(choice, 3)

    @rule(to=choices, of=choices, first=st.integers(1, 4), more=st.integers(0, 2))
    def pick(self, to: int, of: int, first: int, more: int) -> None:
        target, source = self.a_branch(to), self.a_branch(of)
        self.merges(target, self.store.cherry_pick(TALK, target, source, first, first + more))

    @rule(to=choices, of=choices, only_forward=st.booleans())
    def take(self, to: int, of: int, only_forward: bool) -> None:
        target, source = self.a_branch(to), self.a_branch(of)
        work = self.store.take_over(TALK, target, source, only_forward=only_forward)
        self.merges(target, work)

    @rule(at=choices, first=st.integers(1, 4), more=st.integers(1, 3), only_last=st.booleans())
    def squash(self, at: int, first: int, more: int, only_last: bool) -> None:
        branch = self.a_branch(at)
        work = self.store.squash(TALK, branch, first, first + more, only_last=only_last)
        self.merges(branch, work)

    @rule(at=choices, turn_number=st.integers(1, 4), number=st.integers(0, 3))
    def mark(self, at: int, turn_number: int, number: int) -> None:
        async def work() -> None:
            branch = self.a_branch_of(await self.store.branches(TALK), at)
            try:
                await self.store.tag(TALK, branch, f"t{number}", turn_number, force=True)
                await self.store.note(TALK, branch, turn_number, f"note {number}")
                await self.store.star(TALK, branch, turn_number, on=number % 2 == 0)
            except NotFoundError:
                pass

        self.others_act(work())

    @staticmethod
    def a_branch_of(infos: list[Any], choice: int) -> str:
        name: str = infos[choice % len(infos)].branch_id
        return name

    def merges(self, branch: str, work: Any) -> None:
        """Merge or squash, take it back, bring it again, and take it back or leave it."""
        before = self.wait(self.everything())
        try:
            done = self.wait(work)
        except (ConflictError, NotFoundError):
            assert self.wait(self.everything()) == before
            return
        if not done.first:
            assert self.wait(self.everything()) == before
            return
        self.taken = [None] * len(self.taken)
        self.wait(self.check())
        after = self.wait(self.everything())
        assert after != before
        for _ in range(2):
            removed = self.wait(self.store.undo(TALK, branch))
            assert removed.merged == done.merged
            assert self.wait(self.everything()) == before
            self.wait(self.check())
            self.wait(self.store.restore(TALK))
            assert self.wait(self.everything()) == after
            self.wait(self.check())
        if done.first % 2:
            self.wait(self.store.undo(TALK, branch))
            assert self.wait(self.everything()) == before
            self.taken.append(after)

    async def check(self) -> None:
        await super().check()
        assert self.file.execute(_RUNS_ELSEWHERE).fetchall() == []

    async def bring_back(self, branch: str | None) -> None:
        (left,) = self.file.execute(_ACTS).fetchone()
        if branch is None and not left:
            self.taken = []
            return
        await super().bring_back(branch)
        (left,) = self.file.execute(_ACTS).fetchone()
        self.taken = self.taken[-left:] if left else []

    async def questions(self) -> set[str]:
        """What was set aside for a merge is not lost."""
        aside = {text for (text,) in self.file.execute(_SET_ASIDE) if isinstance(text, str)}
        shown = await super().questions()
        return aside | {one for text in shown for one in text.split("\n\n")}

    async def everything(self) -> list[Any]:
        rows = [list(map(tuple, self.file.execute(query))) for query in _MARKS]
        return [*await super().everything(), *rows]
