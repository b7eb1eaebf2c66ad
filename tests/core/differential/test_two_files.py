"""The same operations on the SDK's class and on ours, each on a file of its own.

After every step all rows are compared, and every answer and error, apart from what
`differences.py` lists.
"""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from tests.core.differential import spent, things
from tests.core.differential.answers import Error, outcome, same
from tests.core.differential.machinery import settings_for
from tests.core.differential.spent import Run
from tests.core.differential.tables import let_an_hour_pass
from tests.core.differential.two_files import MAIN, SESSIONS, TwoFiles

instances = st.sampled_from([0, 0, 0, 1, 1, 2])


class SameOnTwoFiles(TwoFiles):
    """Each rule tells both classes the same."""

    @initialize(items=things.conversations, choice=things.choices, name=things.names)
    def begin(self, items: list[Any], choice: int, name: str | None) -> None:
        """Begin with something said, so that there is something to do."""
        self.open()
        self.append(0, [*items, *items])
        self.fork(0, choice, name)

    @rule(at=instances, items=things.conversations | things.batches)
    def append(self, at: int, items: list[Any]) -> None:
        if self.is_gone(at):
            # Their append would bring the branch back.
            self.assert_refused(at, self.wait(outcome(self.twins[at].ours.add_items(items))))
            return
        self.agree(at, "add_items", items)
        self.done(at)

    @rule(at=instances, times=things.pops)
    def pop(self, at: int, times: int) -> None:
        for _ in range(times):
            both = self.call(at, "pop_item")
            if self.is_gone(at):
                assert both.theirs is None
                self.assert_refused(at, both.ours)
            else:
                assert same(both.theirs, both.ours), both
            self.done(at)
            if not self.rows.branch(SESSIONS[at], self.current(at)):
                break

    @rule(at=instances, choice=things.choices, name=things.names)
    def fork(self, at: int, choice: int, name: str | None) -> None:
        turn = things.chosen(choice, self.questions(at, None), [0, -1, 1, 99])
        self.went(at, self.agree(at, "create_branch_from_turn", turn, name))

    @rule(at=instances, choice=things.choices, term=things.terms, name=things.names)
    def fork_by_content(self, at: int, choice: int, term: str, name: str | None) -> None:
        said = [content for _, content in self.questions(at, None).values() if content]
        term = things.chosen(choice, (text for text in said if isinstance(text, str)), [term])
        found = self.call(at, "find_turns_by_content", term)
        theirs = [] if isinstance(found.theirs, Error) else found.theirs
        twin, turns = self.twins[at], [row["turn"] for row in found.ours[:1]]
        if [row["turn"] for row in theirs[:1]] == turns and theirs is found.theirs:
            self.went(at, self.agree(at, "create_branch_from_content", term, name))
            return
        ours = self.wait(outcome(twin.ours.create_branch_from_content(term, name)))
        if turns:
            assert ours == self.wait(outcome(twin.theirs.create_branch_from_turn(*turns, name)))
        else:
            assert ours == Error("ValueError", f"No user turns found containing '{term}'")
        self.went(at, ours)

    @rule(at=instances, choice=things.choices)
    def switch(self, at: int, choice: int) -> None:
        branch = things.chosen(choice, self.alive[SESSIONS[at]], NO_BRANCHES)
        both = self.call(at, "switch_to_branch", branch)
        if branch in self.empty(at):
            assert both.theirs == Error("ValueError", f"Branch '{branch}' does not exist")
            assert both.ours is None
            self.reopen(at)
        else:
            assert both.theirs == both.ours
            if both.ours is None:
                self.move(at, branch)
        self.done(at)

    @rule(at=instances, choice=things.choices, force=st.booleans())
    def delete(self, at: int, choice: int, force: bool) -> None:
        session_id, place = SESSIONS[at], self.places[at]
        branch = things.chosen(
            choice, self.alive[session_id] - {MAIN}, [place.branch, *NO_BRANCHES]
        )
        was_current = branch == self.current(at)
        only_ours = branch in self.empty(at) - {MAIN}
        both = self.call(at, "delete_branch", branch, force)
        if branch == place.branch != MAIN and self.is_stale(at) and not force:
            assert isinstance(both.theirs, Error)
            assert both.theirs.message.startswith("Cannot delete current branch")
            assert both.ours == Error("ValueError", f"Branch '{branch}' does not exist")
        elif both.ours is None and only_ours:
            assert both.theirs == Error("ValueError", f"Branch '{branch}' does not exist")
            if was_current:
                self.twins[at].open_theirs()
        elif both.ours is None and was_current and MAIN in self.empty(at):
            assert both.theirs == Error("ValueError", f"Branch '{MAIN}' does not exist")
            # From `main`, where the SDK's instance begins, its branch can be deleted.
            self.twins[at].open_theirs()
            self.wait(self.twins[at].theirs.delete_branch(branch))
        else:
            assert both.theirs == both.ours
        if both.ours is None:
            self.alive[session_id].remove(branch)
            if was_current:
                self.move(at, MAIN)
        self.done(at)

    @rule(at=instances, choice=things.choices, items=things.conversations)
    def clear(self, at: int, choice: int, items: list[Any]) -> None:
        """Not always, for it ends what has been built up; something new is begun then."""
        if choice % 2:
            self.agree(at, "clear_session")
            self.generations[SESSIONS[at]] += 1
            self.alive[SESSIONS[at]] = {MAIN}
            self.move(at, MAIN)
            self.compare_rows()
            self.append(at, items)
            self.fork(at, choice, None)

    @rule(at=instances, run=spent.runs, goes_on=st.booleans())
    def store_usage(self, at: int, run: Run, goes_on: bool) -> None:
        rows = self.rows.branch(SESSIONS[at], self.current(at))
        key = (SESSIONS[at], self.current(at), rows[-1]["user_turn_number"] if rows else 0)
        if goes_on and key in self.spent:
            run = run.after(self.spent[key][-1])
        if rows and not self.is_stale(at):
            self.spent.setdefault(key, []).append(run)
        self.agree(at, "store_run_usage", run.result())
        self.done(at)

    @rule(at=instances, limit=things.limits, term=things.terms, choice=things.choices)
    def ask(self, at: int, limit: int | None, term: str, choice: int) -> None:
        branch = things.chosen(choice, self.alive[SESSIONS[at]], NO_BRANCHES)
        if choice % 3 == 0:
            branch = None
        self.agree(at, "get_items", limit, branch)
        self.compare_branches(at)
        self.compare_turns(at, branch)
        self.compare_search(at, term, branch)
        self.compare_items_by_turn(at, branch)
        self.compare_tools(at, branch)
        self.compare_session_usage(at, branch)
        self.compare_turn_usage(at, None, branch)
        self.compare_turn_usage(
            at, things.chosen(choice, self.questions(at, branch), [0, -1, 9]), branch
        )
        self.done(at)

    @rule(at=instances, items=things.batches, bad=things.unserialisable)
    def append_what_is_no_json(self, at: int, items: list[Any], bad: Any) -> None:
        both = self.call(at, "add_items", [*items, bad])
        assert isinstance(both.theirs, Error)
        assert both.ours == Error(
            "TypeError",
            f"item {len(items) + 1} cannot be stored as JSON: {both.theirs.message}",
        )
        self.done(at)

    @rule(at=instances, choice=things.choices, data=things.corruptions, limit=things.limits)
    def something_rare(self, at: int, choice: int, data: str, limit: int | None) -> None:
        deeds: list[Callable[[], Any]] = [
            lambda: self.agree(at, "add_items", []),
            lambda: self.damage(choice, data),
            lambda: self.let_time_pass(seconds=1),
            lambda: self.let_time_pass(seconds=3600),
            lambda: self.use_what_is_closed(at, limit),
        ]
        deeds[choice % len(deeds)]()
        self.compare_rows()

    def damage(self, which: int, data: str) -> None:
        """Let a row hold no item any more: both leave it out."""
        for row in self.rows.messages[which // 10 % 10 :][:1]:
            for file in (self.their_file, self.our_file):
                file.execute(
                    "UPDATE agent_messages SET message_data = ? WHERE id = ?", (data, row["id"])
                )

    def let_time_pass(self, seconds: int) -> None:
        self.clock.now += seconds
        if seconds == 3600:
            self.age()

    def age(self) -> None:
        let_an_hour_pass(self.their_file)
        let_an_hour_pass(self.our_file)

    def use_what_is_closed(self, at: int, limit: int | None) -> None:
        self.wait(self.twins[at].close())
        for method, args in CALLS.items():
            both = self.call(at, method, *args)
            assert isinstance(both.theirs, Error), (method, both)
            assert isinstance(both.ours, Error), (method, both)
            assert both.theirs.kind == both.ours.kind == "RuntimeError"
        self.reopen(at, limit)
        self.agree(at, "get_items")

    def went(self, at: int, branch: Any) -> None:
        """Note that a branch has been made, unless an error says why not."""
        if isinstance(branch, str):
            self.alive[SESSIONS[at]].add(branch)
            self.move(at, branch)
        self.done(at)

    def assert_refused(self, at: int, ours: Any) -> None:
        assert ours == Error(
            "ValueError",
            f"the branch '{self.current(at)}' of session '{SESSIONS[at]}' has been deleted",
        )


NO_BRANCHES = ["", " ", "nowhere", "Main", "fork"]

CALLS: dict[str, tuple[Any, ...]] = {
    "add_items": ([],),
    "get_items": (),
    "pop_item": (),
    "clear_session": (),
    "create_branch_from_turn": (1, "b1"),
    "create_branch_from_content": ("hello",),
    "switch_to_branch": (MAIN,),
    "delete_branch": ("nowhere",),
    "list_branches": (),
    "get_conversation_turns": (),
    "find_turns_by_content": ("hello",),
    "get_conversation_by_turns": (),
    "get_tool_usage": (),
    "get_session_usage": (),
    "get_turn_usage": (),
}

TestSameOnTwoFiles = SameOnTwoFiles.TestCase
TestSameOnTwoFiles.settings = settings_for(examples=120, steps=50)
