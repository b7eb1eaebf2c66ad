"""The tree of a session's branches, worked out from the messages that the branches share.

Only branching puts a message on a second branch. So if two branches share a message, one was made
from the other, whichever program made it; the older one counts as the parent.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from convo.branches import branches, heads
from convo.branches.branches import BranchRow
from convo.items.decoding import Unreadable
from convo.items.encoding import decode, text_of
from convo.records import MAIN
from convo.storage.transaction import Transaction

_WHOLE = 5
"""Longer runs of turns without a fork are shortened to the first and the last turn."""


class Line(NamedTuple):
    """The turns of a branch that no older branch has: (message id, number), in order.

    They follow the message `after`, which is turn `shared` of the branch and belongs to the line
    of `parent`; None, 0 and None if the branch shares no turn.
    """

    branch_id: str
    turns: list[tuple[int, int]]
    after: int | None
    shared: int
    parent: str | None


class TreeTurn(NamedTuple):
    """A turn as the tree shows it.

    `hidden` is the number of turns left out after it. `ends` are the branches whose last turn it
    is, `forks` the lines that begin after it, the oldest first.
    """

    turn: int
    text: str
    hidden: int
    ends: tuple[str, ...]
    forks: "tuple[tuple[TreeTurn, ...], ...]"


class TreeBranch(NamedTuple):
    """A branch of a tree: its parent, and the question of the first turn of its own.

    `shared_turns` is the number of turns that an older branch has too; `text` is None for a branch
    without other turns.
    """

    branch_id: str
    parent_branch_id: str | None
    forked_from_turn: int | None
    shared_turns: int
    user_turns: int
    text: str | None
    is_current: bool


class Tree(NamedTuple):
    """The branches of a session. `root` is turn 0, the beginning of the session."""

    session_id: str
    current: str
    root: TreeTurn
    branches: list[TreeBranch]


def with_parents(tx: Transaction, session_id: str, rows: list[BranchRow]) -> list[BranchRow]:
    """The rows of branches, with the parents that are not recorded worked out."""
    if all(_is_recorded(row) for row in rows):
        return rows
    lines = {line.branch_id: line for line in _lines(tx, session_id, rows)}
    return [row if _is_recorded(row) else _with_found(row, lines[row.branch_id]) for row in rows]


def grown(tx: Transaction, session_id: str, current: str | None, unreadable: Unreadable) -> Tree:
    """The tree of a session; `current`, or else the head's branch, is marked as current."""

    def words(message_id: int) -> str:
        try:
            return text_of(decode(tx.value("message_data", message_id=message_id)))
        except ValueError as error:
            unreadable.tell(message_id, error)
            return ""

    marked = current or heads.of_session(tx, session_id).branch_id
    rows = branches.listed(tx, session_id)
    lines = _lines(tx, session_id, rows)
    names = {row.branch_id for row in rows}
    result = []
    for row, line in zip(rows, lines, strict=True):
        known = row if row.parent_branch_id in names else _with_found(row, line)
        result.append(
            TreeBranch(
                branch_id=row.branch_id,
                parent_branch_id=known.parent_branch_id,
                forked_from_turn=known.forked_from_turn,
                shared_turns=row.turns - len(line.turns),
                user_turns=row.turns,
                text=words(line.turns[0][0]) if line.turns else None,
                is_current=row.branch_id == marked,
            )
        )
    return Tree(session_id, marked, planted(lines, words), result)


def _is_recorded(row: BranchRow) -> bool:
    return row.branch_id == MAIN or row.parent_branch_id is not None


def _with_found(row: BranchRow, line: Line) -> BranchRow:
    number = None if line.parent is None else line.shared + 1
    return row._replace(parent_branch_id=line.parent, forked_from_turn=number)


def _lines(tx: Transaction, session_id: str, rows: list[BranchRow]) -> list[Line]:
    return traced(
        (row.branch_id for row in rows),
        lambda branch_id: tx.each("turns_backwards", session_id=session_id, branch_id=branch_id),
    )


def traced(
    branches: Iterable[str], backwards: Callable[[str], Iterable[tuple[int, int]]]
) -> list[Line]:
    """The lines of branches, the oldest first.

    `backwards` yields the (message id, number) of a branch's turns, the last one first. It is read
    up to the first turn that the branch shares.
    """
    owners: dict[int, str] = {}
    lines = []
    for branch_id in branches:
        own: list[tuple[int, int]] = []
        after, shared = None, 0
        for message_id, number in backwards(branch_id):
            if message_id in owners:
                after, shared = message_id, number
                break
            own.append((message_id, number))
        own.reverse()
        parent = None if after is None else owners[after]
        owners.update((message_id, branch_id) for message_id, _ in own)
        lines.append(Line(branch_id, own, after, shared, parent))
    return lines


def planted(lines: Sequence[Line], text_of: Callable[[int], str]) -> TreeTurn:
    """The tree of some lines; `text_of` is only called for the turns that are shown."""
    ends: dict[int | None, list[str]] = {}
    for line in lines:
        last = line.turns[-1][0] if line.turns else line.after
        ends.setdefault(last, []).append(line.branch_id)
    forks: dict[int | None, list[tuple[TreeTurn, ...]]] = {}
    # Lines that fork off a line are younger than it, so they are done before it.
    for line in reversed(lines):
        if line.turns:
            grown = _grown(line, ends, forks, text_of)
            forks.setdefault(line.after, []).insert(0, grown)
    return TreeTurn(0, "", 0, tuple(ends.get(None, ())), tuple(forks.get(None, ())))


def _grown(
    line: Line,
    ends: dict[int | None, list[str]],
    forks: dict[int | None, list[tuple[TreeTurn, ...]]],
    text_of: Callable[[int], str],
) -> tuple[TreeTurn, ...]:
    grown = []
    begin = 0
    for place, (message_id, _) in enumerate(line.turns):
        if message_id in ends or message_id in forks:
            for shown, hidden in _shown(begin, place):
                message_id, number = line.turns[shown]
                grown.append(
                    TreeTurn(
                        number,
                        text_of(message_id),
                        hidden,
                        tuple(ends.get(message_id, ())),
                        tuple(forks.get(message_id, ())),
                    )
                )
            begin = place + 1
    return tuple(grown)


def _shown(first: int, last: int) -> Iterable[tuple[int, int]]:
    """The indexes of a run that are shown, each with the number of those hidden after it."""
    if last - first < _WHOLE:
        return [(place, 0) for place in range(first, last + 1)]
    return [(first, last - first - 1), (last, 0)]
