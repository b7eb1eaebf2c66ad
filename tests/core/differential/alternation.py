"""The steps that instances of both classes take on one file, whatever process they are in."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from tests.core.differential import spent, things
from tests.core.differential.answers import same
from tests.core.differential.model import MAIN
from tests.core.differential.one_file import SEATS, SESSIONS, OneFile
from tests.core.differential.spent import Run
from tests.core.differential.things import chosen
from tests.core.talk import assistant, user

instances = st.sampled_from([0, 1, 2, 3, 0, 1, 2, 3, 4, 5])
sessions = st.sampled_from([SESSIONS[0], *SESSIONS])


class Alternation(OneFile):
    """Each rule lets one instance do one thing, and expects what the model says."""

    @initialize(items=things.conversations, choice=things.choices, name=things.names)
    def begin(self, items: list[Any], choice: int, name: str | None) -> None:
        """Begin with something said by both, so that there is something to do."""
        self.open()
        self.append(0, items)
        self.append(1, items)
        self.fork(0, choice, name)
        for at in (1, 2):
            # Several are on the branch: one may delete it under the others.
            self.go(at, self.current(0))

    @rule(at=instances, items=things.conversations | things.batches)
    def append(self, at: int, items: list[Any]) -> None:
        branch, refusal = self.current(at), self.refusal(at)
        assert self.call(at, "add_items", items) == refusal
        if refusal is None:
            self.model(at).append(branch, items, ours=SEATS[at][1])
        self.done(at, branch)

    @rule(session_id=sessions, items=things.conversations | things.batches)
    def append_plainly(self, session_id: str, items: list[Any]) -> None:
        assert self.wait(self.plain[session_id].call("add_items", items)) is None
        self.models[session_id].say_plainly(items)
        self.wait(self.check())

    @rule(at=instances, times=things.pops)
    def pop(self, at: int, times: int) -> None:
        for _ in range(times):
            branch, refusal = self.current(at), self.refusal(at)
            popped = self.call(at, "pop_item")
            if refusal is None:
                assert same(popped, self.model(at).pop(branch, ours=SEATS[at][1]))
            else:
                assert popped == refusal
            self.done(at, branch)
            if self.refusal(at) or not self.model(at).items(branch, ours=SEATS[at][1]):
                break

    @rule(at=instances, choice=things.choices, name=things.names)
    def fork(self, at: int, choice: int, name: str | None) -> None:
        branch, is_ours = self.current(at), SEATS[at][1]
        turns = range(1, len(self.model(at).turns(branch, ours=is_ours)) + 1)
        turn = chosen(choice, turns, [0, -1, 99])
        answer = self.call(at, "create_branch_from_turn", turn, name)
        assert answer == self.model(at).fork(branch, turn, name, answer, ours=is_ours)
        if isinstance(answer, str):
            self.move(at, answer)
        self.done(at, branch, self.current(at))

    @rule(at=instances, choice=things.choices)
    def switch(self, at: int, choice: int) -> None:
        self.go(at, chosen(choice, self.model(at).names(ours=True), ["", "nowhere"]))

    def go(self, at: int, branch: str) -> None:
        answer = self.call(at, "switch_to_branch", branch)
        assert answer == self.model(at).switch(branch, ours=SEATS[at][1])
        if answer is None:
            self.move(at, branch)
        self.done(at, branch)

    @rule(at=instances, choice=things.choices, force=st.booleans())
    def delete(self, at: int, choice: int, force: bool) -> None:
        model, is_ours, current = self.model(at), SEATS[at][1], self.current(at)
        branch = chosen(choice, model.names(ours=True) - {MAIN}, ["", MAIN, "nowhere"])
        # The SDK's class has not noticed yet that another instance has cleared the session.
        believed = current if is_ours else self.seats[at].branch
        answer = self.call(at, "delete_branch", branch, force)
        assert answer == model.delete(branch, believed, force, ours=is_ours)
        if answer is None and branch == current:
            self.move(at, MAIN)
        self.done(at, branch, self.current(at))

    @rule(at=instances, choice=things.choices, items=things.conversations)
    def clear(self, at: int, choice: int, items: list[Any]) -> None:
        """Not always, for it ends what has been built up; something new is begun then."""
        if choice % 2:
            assert self.call(at, "clear_session") is None
            self.model(at).clear()
            self.move(at, MAIN)
            self.done(at, MAIN)
            self.append(at, items)
            self.fork(at, choice, None)

    @rule(at=instances, run=spent.runs)
    def store_usage(self, at: int, run: Run) -> None:
        assert self.call(at, "store_run_usage", run) is None
        if SEATS[at][1]:
            self.model(at).look()
        self.done(at)

    @rule(session_id=sessions)
    def compare(self, session_id: str) -> None:
        self.wait(self.compare_all(session_id))

    @rule(at=instances)
    def open_again(self, at: int) -> None:
        self.wait(self.seats[at].instance.close())
        self.seats[at] = self.seat(at)
        self.done(at, MAIN)

    @rule(one=instances, other=instances, number=st.integers(0, 10**9))
    def append_at_once(self, one: int, other: int, number: int) -> None:
        """Two appends under way at once: each is whole, and one comes first."""
        if one == other or self.refusal(one) or self.refusal(other):
            return
        said = {
            at: [user(f"{number} by {at}"), assistant("yes"), user("and"), assistant("no")]
            for at in (one, other)
        }
        branches = {at: self.current(at) for at in said}
        assert self.wait(self.both_append(said)) == [None, None]
        first = self.file.execute(
            "SELECT message_data FROM agent_messages ORDER BY id DESC LIMIT 1 OFFSET 7"
        ).fetchone()[0]
        order = sorted(said, key=lambda at: f'"{number} by {at}"' not in first)
        for at in order:
            self.model(at).append(branches[at], said[at], ours=SEATS[at][1])
        for at in order:
            self.done(at, branches[at])
