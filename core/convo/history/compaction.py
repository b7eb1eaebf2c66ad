"""Compaction: replace a branch, or the end of one, with a summary.

The SDK's `OpenAIResponsesCompactionSession` replaces the items of a session with those that the
compaction API returns. In convo that changes only the current branch; the replaced items stay
reachable on a branch of their own, with their turns and usage.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from convo.branches import branches, naming
from convo.history import items as history
from convo.items.encoding import EncodedItem, Item
from convo.storage.transaction import Transaction
from convo.structure import adoption, numbering


class Snapshot(NamedTuple):
    """The newest items of a branch, and a function that replaces the last of them atomically.

    The SDK's compaction requires these names. `complete` is whether these are all items;
    `replace_suffix(start, items)` returns False if the branch has changed since.
    """

    items: list[Item]
    complete: bool
    replace_suffix: Callable[[int, list[Item]], Awaitable[bool]]


class Row(NamedTuple):
    """A row of a branch: its structure id, its stored item, its sequence number."""

    id: int
    data: bytes | None
    sequence: int


def newest_rows(tx: Transaction, session_id: str, branch_id: str, limit: int) -> list[Row]:
    """The newest `limit` rows of a branch, in order."""
    found = tx.rows("rows_from_the_end", session_id=session_id, branch_id=branch_id, limit=limit)
    return [Row(*row) for row in reversed(found)]


def replace_if_unchanged(
    tx: Transaction,
    session_id: str,
    branch_id: str,
    expected: Sequence[Row],
    items: Sequence[EncodedItem],
) -> bool:
    """Replace the newest rows if they are the `expected` ones; return whether they were."""
    if newest_rows(tx, session_id, branch_id, len(expected)) != list(expected):
        return False
    replace_from(tx, session_id, branch_id, expected[0].sequence, items)
    return True


def replace_all(
    tx: Transaction, session_id: str, branch_id: str, items: Sequence[EncodedItem]
) -> None:
    """Replace everything on a branch."""
    adoption.adopt(tx, session_id)
    replace_from(tx, session_id, branch_id, 0, items)


def replace_from(
    tx: Transaction,
    session_id: str,
    branch_id: str,
    first_moved: int,
    items: Sequence[EncodedItem],
) -> None:
    """Replace the rows from a sequence number on with `items`.

    The branch as it was becomes a new branch: the rows before that number are copied to it, and
    the others are moved.
    """
    branches.require_for_writing(tx, session_id, branch_id)
    where = {"session_id": session_id, "branch_id": branch_id}
    if tx.value("branch_has_rows", **where):
        _keep_line(tx, where, first_moved)
    if items:
        history.append(tx, session_id, branch_id, items)


def _keep_line(tx: Transaction, where: dict[str, str], first_moved: int) -> None:
    session_id, branch_id = where["session_id"], where["branch_id"]
    kept_turns = tx.value("last_turn_before", first_moved=first_moved, **where)
    uncompacted = naming.reserve_derived(tx, session_id, f"{branch_id}_uncompacted")
    branches.copy_rows(tx, session_id, branch_id, uncompacted, before=first_moved)
    tx.execute(
        "move_rows_from",
        new_branch_id=uncompacted,
        first_moved=first_moved,
        last_sequence=numbering.sequence_of(tx, session_id).last,
        **where,
    )
    numbering.forget_last_row(tx, session_id)
    usage = {"last_kept_turn": -1 if kept_turns is None else kept_turns, **where}
    tx.execute("move_usage_of_moved_turns", new_branch_id=uncompacted, **usage)
    tx.execute("move_runs_of_moved_turns", new_branch_id=uncompacted, **usage)
    tx.execute(
        "record_branch",
        session_id=session_id,
        branch_id=uncompacted,
        parent_branch_id=branch_id,
        forked_from_turn=(kept_turns or 0) + 1,
        kept_empty=False,
    )
    branches.note_emptied(tx, session_id, branch_id)
