"""The head: the current session and, in each session, its current branch.

It is stored in the database, so that a program can start where the last one stopped. Moving it
is a compare-and-set: two programs never overwrite each other's move by accident.
"""

from convo.branches import branches
from convo.errors import HeadMovedError
from convo.records import MAIN, Head
from convo.storage.transaction import Transaction
from convo.storage.values import text


def current(tx: Transaction) -> Head:
    """The head; if none was ever set, the session that was last written to."""
    session_id = text(tx.value("current_session")) or tx.value("newest_session")
    return Head(None) if session_id is None else of_session(tx, session_id)


def of_session(tx: Transaction, session_id: str) -> Head:
    """The current branch of a session; `main` if the recorded one has been deleted."""
    row = tx.row("session_head", session_id=session_id)
    branch_id, previous = map(text, row or (MAIN, None))
    if branch_id is None or not branches.exists(tx, session_id, branch_id):
        branch_id = MAIN
    if previous is not None and not branches.exists(tx, session_id, previous):
        previous = None
    return Head(session_id, branch_id, previous)


def use_session(tx: Transaction, session_id: str, *, expected: str | None) -> None:
    """Make a session the current one; raise `HeadMovedError` if that is not `expected`."""
    found = current(tx).session_id
    if found != expected:
        raise HeadMovedError(
            f"the current session is now '{found}', not '{expected}'",
            hint="look at it and run the command again",
        )
    tx.execute("set_current_session", session_id=session_id)


def pin(tx: Transaction) -> None:
    """Record the current session if it is current only because it was last written to.

    Otherwise writing to another session would make that one current.
    """
    if tx.value("current_session") is None:
        session_id = tx.value("newest_session")
        if session_id is not None:
            tx.execute("set_current_session", session_id=session_id)


def move(tx: Transaction, session_id: str, branch_id: str, *, expected: str) -> None:
    """Make a branch the current one; raise `HeadMovedError` if that is not `expected`."""
    head = of_session(tx, session_id)
    if head.branch_id != expected:
        raise HeadMovedError(
            f"session '{session_id}' is now on branch '{head.branch_id}', not '{expected}'",
            hint="look at it and run the command again",
        )
    if branch_id != head.branch_id:
        tx.execute(
            "set_session_head",
            session_id=session_id,
            branch_id=branch_id,
            previous_branch_id=head.branch_id,
        )


def reset(tx: Transaction, session_id: str) -> None:
    """Go back to `main`, as clearing a session does."""
    tx.execute("reset_session_head", session_id=session_id)
