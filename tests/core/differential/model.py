"""What a conversation on a shared file is, in plain Python, as each of the two classes sees it."""

import itertools
import re
from dataclasses import dataclass, field
from typing import Any

from tests.core.differential.answers import Error

MAIN = "main"
_GENERATED = r"branch_from_turn_{}_\d+(_\d+)?"


@dataclass(frozen=True, eq=False)
class Said:
    """One message; its number is its place among all messages of the file."""

    item: Any
    number: int

    @property
    def asks(self) -> bool:
        """Whether it begins a turn."""
        return isinstance(self.item, dict) and self.item.get("role") == "user"


@dataclass(frozen=True)
class Row:
    """A message as a branch shows it; without a turn until it has been found a place."""

    said: Said
    turn: int | None


@dataclass
class Conversation:
    """A session. `ours` says, wherever it is asked for, with which class something is done.

    To ours a branch is there from its creation to its deletion, and messages that the SDK's plain
    session wrote are on `main`, where they belong. To the SDK's class branches without messages
    are not there, and neither are plain messages: when it pops or deletes, it deletes them.
    """

    branches: dict[str, list[Row]] = field(default_factory=lambda: {MAIN: []})
    plain: list[Said] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=lambda: {MAIN})
    generation: int = 0
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    _has_news: bool = False

    def rows(self, branch: str, *, ours: bool) -> list[Row]:
        """What a branch shows."""
        rows = self.branches.get(branch, [])
        return _with_plain(rows, self.plain) if ours and branch == MAIN and self.plain else rows

    def items(self, branch: str, *, ours: bool) -> list[Any]:
        """What `get_items` answers."""
        return [row.said.item for row in self.rows(branch, ours=ours)]

    def turns(self, branch: str, *, ours: bool) -> list[Any]:
        """The questions of a branch; the first begins turn 1."""
        return [row.said.item for row in self.rows(branch, ours=ours) if row.said.asks]

    def filled(self) -> set[str]:
        """The branches that have messages, which are those that the SDK's class knows."""
        return {branch for branch, rows in self.branches.items() if rows}

    def names(self, *, ours: bool) -> set[str]:
        """The branches that are there."""
        return self.filled() | (self.kept | {MAIN} if ours else set())

    def look(self) -> None:
        """Ours takes note of what others have written, as it does whenever it reads or writes."""
        self.branches[MAIN], self.plain = self.rows(MAIN, ours=True), []
        if self._has_news:
            # A branch that the SDK filled is there because of that, as any other.
            self.kept -= self.filled()
        self._has_news = False

    def say_plainly(self, items: list[Any]) -> None:
        """The SDK's plain session appends."""
        self.plain += [Said(item, next(self._numbers)) for item in items]
        self._has_news = True

    def append(self, branch: str, items: list[Any], *, ours: bool) -> None:
        """Append to a branch that is there; the SDK's class brings it back if it is not."""
        if ours:
            self.look()
            self.kept.discard(branch)
        else:
            self._has_news = True
        said = [Said(item, next(self._numbers)) for item in items]
        self.branches[branch] = _with_next(self.branches.get(branch, []), said)

    def pop(self, branch: str, *, ours: bool) -> Any:
        """Take back the newest message."""
        if ours:
            self.look()
        rows = self.branches.get(branch, [])
        if not rows:
            return None
        popped = rows.pop()
        if not ours:
            self.plain.clear()
        elif not rows:
            self.kept.add(branch)
        return popped.said.item

    def fork(self, branch: str, turn: int, name: str | None, answer: Any, *, ours: bool) -> Any:
        """Make a branch; what it has to come to, `answer` if a name was to be made up."""
        if name is not None and not name.strip():
            return Error("ValueError", "Branch name cannot be empty")
        rows = self.rows(branch, ours=ours)
        if not any(row.said.asks and row.turn == turn for row in rows):
            return Error(
                "ValueError", f"Turn {turn} does not contain a user message in branch '{branch}'"
            )
        if name in self.taken:
            return Error(
                "ValueError", f"Branch ID '{name}' has already been used. Choose a new branch ID."
            )
        if ours:
            self.look()
        if name is None:
            assert re.fullmatch(_GENERATED.format(turn), answer)
            assert answer not in self.taken
            name = answer
        self.taken.add(name)
        self.branches[name] = [row for row in rows if row.turn < turn]
        if ours and not self.branches[name]:
            self.kept.add(name)
        return name

    def switch(self, branch: str, *, ours: bool) -> Any:
        """What going to a branch comes to."""
        if ours:
            self.look()
        return None if branch in self.names(ours=ours) else _missing(branch)

    def delete(self, branch: str, current: str, force: bool, *, ours: bool) -> Any:
        """Delete a branch; what that has to come to."""
        if not branch.strip():
            return Error("ValueError", "Branch ID cannot be empty")
        if branch == MAIN:
            return Error("ValueError", "Cannot delete the 'main' branch")
        if branch == current and not force:
            return Error(
                "ValueError",
                f"Cannot delete current branch '{branch}'. Use force=True or switch branches first",
            )
        if branch not in self.names(ours=ours):
            return _missing(branch)
        if branch == current and MAIN not in self.names(ours=ours):
            return _missing(MAIN)
        if ours:
            self.look()
            self.kept.discard(branch)
        else:
            self.plain.clear()
        self.branches.pop(branch, None)
        return None

    def clear(self) -> None:
        """Everything goes, except that names stay taken."""
        self.branches, self.plain, self.kept = {MAIN: []}, [], set()
        self.generation += 1


def _with_next(rows: list[Row], said: list[Said]) -> list[Row]:
    """Rows with further messages: each question begins a turn, the rest is of the last one."""
    turn = max((row.turn for row in rows), default=0)
    following = []
    for message in said:
        turn += message.asks
        following.append(Row(message, turn))
    return rows + following


def _with_plain(rows: list[Row], plain: list[Said]) -> list[Row]:
    """Rows with the messages that the plain session wrote, in the places where they belong."""
    if not rows or rows[-1].said.number < plain[0].number:
        return _with_next(rows, plain)
    merged = sorted([*rows, *(Row(said, None) for said in plain)], key=lambda row: row.said.number)
    numbered, begun, renumbered = [], 0, {}
    for row in merged:
        begun += row.said.asks
        if row.said.asks:
            renumbered[row.turn] = begun
        # What was of a turn goes with it, even behind a question that has come between.
        turn = begun if row.turn is None else renumbered.get(row.turn, begun)
        numbered.append(Row(row.said, turn))
    return numbered


def _missing(branch: str) -> Error:
    return Error("ValueError", f"Branch '{branch}' does not exist")
