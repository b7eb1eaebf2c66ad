"""Where the branches of a session come from: as recorded, or else as their messages show."""

from convo.branches import branches, heads, tree
from convo.branches.branches import BranchRow
from convo.branches.tree import Line, Tree, TreeBranch
from convo.items.encoding import decode, text_of
from convo.items.unreadable import Unreadable
from convo.records import MAIN
from convo.storage.transaction import Transaction


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
    there = {row.branch_id for row in rows}
    result = []
    for row, line in zip(rows, lines, strict=True):
        known = row if row.parent_branch_id in there else _with_found(row, line)
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
    return Tree(session_id, marked, tree.planted(lines, words), result)


def _is_recorded(row: BranchRow) -> bool:
    return row.branch_id == MAIN or row.parent_branch_id is not None


def _with_found(row: BranchRow, line: Line) -> BranchRow:
    number = None if line.parent is None else line.shared + 1
    return row._replace(parent_branch_id=line.parent, forked_from_turn=number)


def _lines(tx: Transaction, session_id: str, rows: list[BranchRow]) -> list[Line]:
    return tree.traced(
        (row.branch_id for row in rows),
        lambda branch_id: tx.each("turns_backwards", session_id=session_id, branch_id=branch_id),
    )
