"""Check the consistency of a database, and repair it without deleting messages."""

from typing import Literal, NamedTuple

from convo.branches import naming
from convo.storage.transaction import Transaction
from convo.structure import adoption
from convo.structure.numbering import renumber
from convo.usage import ledger

Kind = Literal[
    "damaged file",
    "structure without message",
    "message without session",
    "message not adopted",
    "sequence number repeated",
    "turns out of order",
    "usage without turn",
    "current session missing",
    "current branch missing",
    "branch name not reserved",
    "removed row still there",
    "removed row of nothing",
    "eval result of nothing",
    "mark of another session",
    "branches not kept",
]

_QUERIES: dict[Kind, str] = {
    "structure without message": "find_structure_without_message",
    "message without session": "find_messages_without_session",
    "message not adopted": "find_plain_messages",
    "sequence number repeated": "find_repeated_sequence_numbers",
    "turns out of order": "find_turns_out_of_order",
    "usage without turn": "find_usage_without_turn",
    "current session missing": "find_current_session_missing",
    "current branch missing": "find_current_branch_missing",
    "branch name not reserved": "find_unreserved_names",
    "removed row still there": "find_removed_rows_still_there",
    "removed row of nothing": "find_removed_rows_of_nothing",
    "eval result of nothing": "find_eval_results_of_nothing",
    "mark of another session": "find_marks_of_others",
    "branches not kept": "find_branches_not_kept",
}

_MARKS = (
    "mend_notes_of_others",
    "mend_tags_of_others",
    "mend_stars_of_others",
    "mend_merges_of_others",
)


class Problem(NamedTuple):
    """An inconsistency: its kind, where it is, and the details."""

    kind: Kind
    session_id: str | None
    branch_id: str | None
    detail: str


def problems(tx: Transaction) -> list[Problem]:
    """All inconsistencies; an empty list if there are none."""
    found = [
        Problem("damaged file", None, None, message)
        for (message,) in tx.rows("quick_check")
        if message != "ok"
    ]
    for kind, query in _QUERIES.items():
        found += [Problem(kind, *row) for row in tx.rows(query)]
    return found


def mend(tx: Transaction) -> None:
    """Repair inconsistencies; a damaged file needs SQLite's own tools.

    Rows without a message are deleted, and numbers, names and heads are corrected. Usage without a
    turn is deleted from the table of turns, but stays in the ledger.
    """
    found = problems(tx)
    tx.execute("mend_structure_without_message")
    tx.execute("mend_messages_without_session")
    for session_id in _sessions(found, "message not adopted"):
        tx.execute("forget_adoption", session_id=session_id)
        adoption.adopt(tx, session_id)
    for session_id in _sessions(problems(tx), "sequence number repeated", "turns out of order"):
        for (branch_id,) in tx.rows("branches_with_rows", session_id=session_id):
            renumber(tx, session_id, branch_id, by_message=False)
    ledger.enter_all_foreign(tx)
    tx.execute("mend_usage_without_turn")
    tx.execute("mend_current_session_missing")
    for problem in found:
        if problem.kind == "current branch missing":
            tx.execute(
                "mend_current_branch_missing",
                session_id=problem.session_id,
                branch_id=problem.branch_id,
            )
    for session_id in _sessions(found, "branch name not reserved"):
        naming.reserve_all(tx, session_id)
    tx.execute("mend_removed_rows_still_there")
    tx.execute("mend_removed_rows_of_nothing")
    tx.execute("mend_eval_results_of_nothing")
    for statement in _MARKS:
        tx.execute(statement)


def _sessions(found: list[Problem], *kinds: Kind) -> list[str]:
    return list(
        dict.fromkeys(
            problem.session_id
            for problem in found
            if problem.kind in kinds and problem.session_id is not None
        )
    )
