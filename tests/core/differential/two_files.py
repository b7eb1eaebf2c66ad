"""The state of a conversation that is held in two files, and what each question must come to."""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from convo import ConversationStore, Problem
from tests.core.differential import things
from tests.core.differential.answers import Error, same
from tests.core.differential.differences import (
    breaks_their_search,
    is_well_formed,
    our_tool_name,
    our_tool_usage,
    they_find,
    we_find,
)
from tests.core.differential.machinery import Machine, observer
from tests.core.differential.spent import Run, billed
from tests.core.differential.tables import details, hours_ago, inconsistencies, tables
from tests.core.differential.twins import Both, Clock, Twin

MAIN = "main"
SESSIONS = ("talk", "talk", "other")
"""Two instances are on one session; the third is on another, which nothing may reach."""

Key = tuple[str, str, int]
_COUNTS = ("requests", "input_tokens", "output_tokens", "total_tokens")


@dataclass
class Place:
    """Where an instance stands, and in which generation of its session it went there."""

    branch: str = MAIN
    generation: int = 0


class TwoFiles(Machine):
    """Both classes, what is known of their conversations, and how their answers compare."""

    def open(self) -> None:
        self.clock, self.patches = Clock(), ExitStack()
        self.patches.enter_context(self.clock.shown())
        self.twins = [self.twin(session_id) for session_id in SESSIONS]
        self.places = [Place() for _ in SESSIONS]
        self.generations = dict.fromkeys(SESSIONS, 0)
        self.alive = {session_id: {MAIN} for session_id in SESSIONS}
        self.spent: dict[Key, list[Run]] = {}
        for twin in self.twins:
            # Ours opens its file, and notes the generation, when it is first used.
            self.wait(twin.ours.get_items())
        self.their_file = observer(self.folder / "theirs.db")
        self.our_file = observer(self.folder / "ours.db")
        self.compare_rows()

    def twin(self, session_id: str, limit: int | None = None) -> Twin:
        """Open both classes on a session."""
        return Twin(session_id, self.folder, limit)

    async def close(self) -> None:
        for twin in self.twins:
            await twin.close()
        self.their_file.close()
        self.our_file.close()
        self.patches.close()

    def call(self, at: int, method: str, *args: Any, **kwargs: Any) -> Both:
        """What a method comes to on both classes."""
        return self.wait(self.twins[at].both(method, *args, **kwargs))

    def agree(self, at: int, method: str, *args: Any, **kwargs: Any) -> Any:
        """What a method comes to on both classes, which has to be the same."""
        both = self.call(at, method, *args, **kwargs)
        assert same(both.theirs, both.ours), (method, args, both)
        return both.ours

    # Where things stand.

    def current(self, at: int) -> str:
        """The branch that an instance is on."""
        return MAIN if self.is_stale(at) else self.places[at].branch

    def is_stale(self, at: int) -> bool:
        """Whether the session was cleared since the instance went where it is."""
        return self.places[at].generation != self.generations[SESSIONS[at]]

    def is_gone(self, at: int) -> bool:
        """Whether the branch that the instance is on has been deleted by another."""
        return self.current(at) not in self.alive[SESSIONS[at]]

    def move(self, at: int, branch: str) -> None:
        """Note that an instance went to a branch."""
        self.places[at] = Place(branch, self.generations[SESSIONS[at]])

    def empty(self, at: int) -> set[str]:
        """The branches that exist to us alone, because nothing is on them."""
        return self.alive[SESSIONS[at]] - self.rows.branches(SESSIONS[at])

    def reopen(self, at: int, limit: int | None = None) -> None:
        """Close an instance and open another in its place, which begins on `main`."""
        self.wait(self.twins[at].close())
        self.twins[at] = self.twin(SESSIONS[at], limit)
        self.wait(self.twins[at].ours.get_items())
        self.move(at, MAIN)

    async def _problems(self) -> list[Problem]:
        async with ConversationStore(self.folder / "ours.db") as store:
            return await store.check()

    def done(self, at: int) -> None:
        """After a step: what was cleared is noticed by both classes, and all rows compared."""
        self.compare_rows()
        if self.is_stale(at):
            self.move(at, MAIN)
            self.compare_branches(at)

    # How rows and answers compare.

    def compare_rows(self) -> None:
        """All rows of both files."""
        self.rows, ours = tables(self.their_file), tables(self.our_file)
        present = {_key(row) for row in self.rows.usage}
        self.spent = {key: spent for key, spent in self.spent.items() if key in present}
        assert ours.sessions == self.rows.sessions
        assert ours.messages == self.rows.messages
        assert ours.structure == [
            row | {"tool_name": our_tool_name(row["message_type"], row["tool_name"])}
            for row in self.rows.structure
        ]
        assert [_key(row) for row in ours.usage] == [_key(row) for row in self.rows.usage]
        for our_row, their_row in zip(ours.usage, self.rows.usage, strict=True):
            assert _usage(our_row) == self.our_usage(_key(their_row), _usage(their_row))
        assert ours.names_taken() == self.rows.names_taken()
        assert ours.clears() == self.rows.clears()
        assert list(inconsistencies(ours)) == []
        assert self.wait(self._problems()) == []

    def our_usage(self, key: Key, theirs: dict[str, Any]) -> dict[str, Any]:
        """What we store for a turn for which the SDK stores `theirs`, its last run."""
        spent = self.spent[key]
        last = spent[-1].row()
        if spent[-1].has_nested_details:
            last["input_tokens_details"] = None
        assert theirs == last
        return billed(spent)

    def compare_branches(self, at: int) -> None:
        both = self.call(at, "list_branches")
        listed = [row for row in both.ours if row["message_count"]]
        assert {row["branch_id"] for row in both.ours if row not in listed} == self.empty(at)
        by_name = {row["branch_id"]: _rounded(row) for row in both.theirs}
        assert {row["branch_id"]: _rounded(row) for row in listed} == by_name
        for row in both.ours:
            assert row["is_current"] == (row["branch_id"] == self.current(at))
        beginnings = {
            name: self.rows.branch(SESSIONS[at], name)[0]["sequence_number"] for name in by_name
        }
        order = [(row["created_at"], beginnings[row["branch_id"]]) for row in listed]
        assert order == sorted(order)

    def compare_turns(self, at: int, branch: str | None) -> None:
        both = self.call(at, "get_conversation_turns", branch)
        assert same(self.with_our_times(at, branch, both.theirs), both.ours)

    def compare_search(self, at: int, term: str, branch: str | None) -> None:
        contents = {turn: content for turn, (_, content) in self.questions(at, branch).items()}
        both = self.call(at, "find_turns_by_content", term, branch)
        found = {row["turn"]: row for row in both.ours}
        assert list(found) == [t for t, content in contents.items() if we_find(term, content)]
        if isinstance(both.theirs, Error):
            assert both.theirs.kind == "TypeError"
            assert any(breaks_their_search(content) for content in contents.values())
            return
        readable = {turn: text for turn, text in contents.items() if is_well_formed(text)}
        their_turns = [row["turn"] for row in both.theirs if row["turn"] in readable]
        expected = [turn for turn, content in readable.items() if they_find(term, content)]
        assert their_turns == expected, (term, readable)
        theirs = self.with_our_times(at, branch, both.theirs)
        assert same([found[row["turn"]] for row in theirs], theirs)

    def compare_items_by_turn(self, at: int, branch: str | None) -> None:
        both = self.call(at, "get_conversation_by_turns", branch)
        for items in both.theirs.values():
            for item in items:
                item["tool_name"] = our_tool_name(item["type"], item["tool_name"])
        assert both.ours == both.theirs

    def compare_tools(self, at: int, branch: str | None) -> None:
        both = self.call(at, "get_tool_usage", branch)
        rows = self.rows.branch(SESSIONS[at], self.current(at) if branch is None else branch)
        assert both.ours == our_tool_usage(both.theirs, rows)

    def compare_session_usage(self, at: int, branch: str | None) -> None:
        both = self.call(at, "get_session_usage", branch)
        if both.theirs is None:
            assert both.ours is None
            return
        for (session_id, branch_id, _), spent in self.spent.items():
            if session_id == SESSIONS[at] and branch_id == (branch or branch_id):
                for name in _COUNTS:
                    both.theirs[name] += billed(spent)[name] - spent[-1].row()[name]
        assert both.ours == both.theirs

    def compare_turn_usage(self, at: int, turn: int | None, branch: str | None) -> None:
        both = self.call(at, "get_turn_usage", turn, branch)
        name = self.current(at) if branch is None else branch
        rows = both.theirs if turn is None else [both.theirs] if both.theirs else []
        for row in rows:
            number = row.pop("user_turn_number", turn)
            row |= self.our_usage((SESSIONS[at], name, number), dict(row))
            if turn is None:
                row["user_turn_number"] = number
        assert both.ours == both.theirs

    def questions(self, at: int, branch: str | None) -> dict[int, tuple[str, Any]]:
        """The time and content of every turn of a branch that can be read, from our file."""
        name = self.current(at) if branch is None else branch
        rows = self.our_file.execute(
            """
            SELECT s.branch_turn_number, m.created_at, m.message_data
            FROM message_structure AS s JOIN agent_messages AS m ON m.id = s.message_id
            WHERE s.session_id = ? AND s.branch_id = ? AND s.message_type = 'user'
            ORDER BY s.branch_turn_number
            """,
            (SESSIONS[at], name),
        )
        return {
            turn: (said_at, things.item_of(data).get("content", ""))
            for turn, said_at, data in rows
            if isinstance(things.item_of(data), dict)
        }

    def with_our_times(self, at: int, branch: str | None, theirs: list[Any]) -> list[Any]:
        """The SDK's list of turns with the times at which they were said."""
        questions = self.questions(at, branch)
        return [row | {"timestamp": questions[row["turn"]][0]} for row in theirs]


def _key(row: dict[str, Any]) -> Key:
    return row["session_id"], row["branch_id"], row["user_turn_number"]


def _usage(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in _COUNTS} | {
        name: details(row[name]) for name in ("input_tokens_details", "output_tokens_details")
    }


def _rounded(branch: dict[str, Any]) -> dict[str, Any]:
    return branch | {"created_at": hours_ago(branch["created_at"])}
