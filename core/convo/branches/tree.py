"""A conversation as it branched, found from the messages that its branches share.

Nothing but a copy of structure rows shows a message twice: where two branches show the same, one
was made from the other, whoever made it. The older of them counts as the one it was made from.
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
"""The longest run of turns without a fork that is not shortened to its first and its last."""


class Line(NamedTuple):
    """The turns of a branch that no older branch has: (message id, number), in order.

    They go on after the message `after`, which is turn `shared` of the branch and belongs to the
    line of `parent`; None, 0 and None where the branch shares nothing.
    """

    branch_id: str
    turns: list[tuple[int, int]]
    after: int | None
    shared: int
    parent: str | None


class TreeTurn(NamedTuple):
    """A turn of a drawn line.

    `hidden` is the number of turns that are left out behind it. `ends` are the branches whose
    last turn it is, `forks` the lines that begin behind it, the oldest first.
    """

    turn: int
    text: str
    hidden: int
    ends: tuple[str, ...]
    forks: "tuple[tuple[TreeTurn, ...], ...]"


class TreeBranch(NamedTuple):
    """A branch of a tree: what it was made from, and the first words of its own.

    `shared_turns` are the turns that an older branch shows too; `text` is None for a branch that
    has no others.
    """

    branch_id: str
    parent_branch_id: str | None
    forked_from_turn: int | None
    shared_turns: int
    user_turns: int
    text: str | None
    is_current: bool


class Tree(NamedTuple):
    """A session as it branched. `root` is turn 0, which stands for its beginning."""

    session_id: str
    current: str
    root: TreeTurn
    branches: list[TreeBranch]


def with_parents(tx: Transaction, session_id: str, rows: list[BranchRow]) -> list[BranchRow]:
    """The rows of branches, each with the parent that can be found where none is recorded."""
    if all(_is_recorded(row) for row in rows):
        return rows
    lines = {line.branch_id: line for line in _lines(tx, session_id, rows)}
    return [row if _is_recorded(row) else _with_found(row, lines[row.branch_id]) for row in rows]


def grown(tx: Transaction, session_id: str, current: str | None, unreadable: Unreadable) -> Tree:
    """A session as it branched; `current` is marked, else the head's branch."""

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

    `backwards` gives the (message id, number) of a branch's turns from its end on; no more is read
    of it than the branch has of its own.
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
    """The tree that lines make, of which only the turns that are shown have their text read."""
    ends: dict[int | None, list[str]] = {}
    for line in lines:
        last = line.turns[-1][0] if line.turns else line.after
        ends.setdefault(last, []).append(line.branch_id)
    forks: dict[int | None, list[tuple[TreeTurn, ...]]] = {}
    # What forks off a line is younger than the line: by then it has grown already.
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
    """Which places of a run are shown, each with how many are hidden behind it."""
    if last - first < _WHOLE:
        return [(place, 0) for place in range(first, last + 1)]
    return [(first, last - first - 1), (last, 0)]
