"""Which branch a run of the SDK reads and writes: the one on which it was asked.

A session may move to another branch while a run is in progress, because one of the run's tools or
another task creates a branch. A run that waited for an approval may continue in another process,
in a session on another branch. Still, the run's items have to stay together: APIs refuse an output
without its call, and an answer without its question makes no sense.
"""

import json
from collections.abc import Iterable
from contextlib import closing

from convo.branches import branches
from convo.errors import BranchDeletedError
from convo.history import items as history
from convo.items.encoding import Item, decode
from convo.items.pairs import answered_id, own_id
from convo.records import TurnRef
from convo.sdk.file import CurrentBranch, Standing
from convo.sdk.runs import Asked
from convo.storage.transaction import Transaction
from convo.structure import adoption
from convo.structure import state as branch_state
from convo.structure.state import BranchState


def to_write(
    tx: Transaction,
    session_id: str,
    standing: Standing,
    asked: Asked,
    answered: set[str],
    *,
    begins_turn: bool,
) -> tuple[str, TurnRef | None, BranchState]:
    """The branch for a run's next items and its state, and the turn if that is known.

    `answered` are the calls that the items answer but do not include. `begins_turn` is whether the
    items include a question: it is asked where the session is, unless the run has read already. A
    branch that has been deleted since is returned all the same, so that the write fails. Raises
    `BranchDeletedError` if the calls are on no branch any more.
    """
    if not begins_turn and asked.turn is not None:
        place = CurrentBranch(asked.turn.branch_id, asked.generation)
        state = standing.state(place, asked.turn.anchor)
        if asked.generation == standing.generation:
            return _of_turn(tx, session_id, asked.turn, state)
    elif not begins_turn and answered:
        turn = _turn_of_calls(tx, session_id, answered)
        state = branch_state.of(tx, session_id, turn.branch_id)
        standing.note(state.generation)
        return turn.branch_id, turn, state
    elif asked.read_at is None or (begins_turn and asked.turn is not None):
        state = standing.state(standing.asked)
    else:
        state = standing.state(asked.read_at)
        if asked.read_at.generation == standing.generation:
            return asked.read_at.branch_id, None, state
    return standing.branch_id, None, state


def to_read(tx: Transaction, session_id: str, current: CurrentBranch, asked: Asked) -> str:
    """The branch of a run's items so far, or the session's branch if there are none."""
    if asked.turn is not None and asked.generation == current.generation:
        found = history.found_again(tx, session_id, asked.turn)
        return found.branch_id if found else _called_now(tx, session_id, asked.turn)
    read_at = asked.read_at
    # The branch that the run read first, unless the session has been cleared since.
    return (current if read_at is None or read_at.generation != current.generation else read_at)[0]


def _of_turn(
    tx: Transaction, session_id: str, turn: TurnRef, state: BranchState
) -> tuple[str, TurnRef | None, BranchState]:
    """Where a run's turn is now, even if it is on another branch or has another number."""
    found = None
    branch_id = turn.branch_id
    if state.renamed_to is not None:
        branch_id = _called_now(tx, session_id, turn)
    if state.anchor_branch is not None and state.anchor_turn is not None:
        branch_id = state.anchor_branch
        found = TurnRef(branch_id, state.anchor_turn, turn.anchor)
    if branch_id != turn.branch_id:
        state = branch_state.of(tx, session_id, branch_id)
    return branch_id, found, state


def awaited_calls(items: Iterable[Item]) -> set[str]:
    """The ids of the calls and requests that these items answer but do not include."""
    found = list(items)
    answered = {call for item in found if (call := answered_id(item)) is not None}
    return answered - {call for item in found if (call := own_id(item)) is not None}


def _called_now(tx: Transaction, session_id: str, turn: TurnRef) -> str:
    return branches.renamed_to(tx, session_id, turn.branch_id) or turn.branch_id


def _turn_of_calls(tx: Transaction, session_id: str, answered: set[str]) -> TurnRef:
    """The turn in which these calls were made; of several, one with a call without output.

    If a call is on several branches, this is the branch on which it was made, unless the call has
    its output there.
    """
    adoption.adopt(tx, session_id)
    made = [place for call in sorted(answered) for place in _places(tx, session_id, call)]
    if not made:
        raise BranchDeletedError(
            f"session '{session_id}' no longer has the call {min(answered)!a} on any branch: "
            "an API would refuse its output alone",
            hint="switch to an existing branch and ask again",
        )
    branch_id, turn, _ = next((place for place in made if not place[2]), made[0])
    return history.turn_ref(tx, session_id, branch_id, turn)


def _places(tx: Transaction, session_id: str, call: str) -> list[tuple[str, int, bool]]:
    """Where the newest call with an id is: (branch, turn, answered), where it was made first."""
    written = json.dumps(call)[1:-1]
    with closing(tx.each("calls_saying", session_id=session_id, call=written)) as rows:
        made = (message_id for message_id, data in rows if own_id(_decoded(data)) == call)
        newest = next(made, None)
    return [
        (branch_id, turn, _is_answered(tx, session_id, branch_id, sequence, call, written))
        for branch_id, turn, sequence in tx.rows(
            "places_of_message", session_id=session_id, message_id=newest
        )
    ]


def _is_answered(
    tx: Transaction, session_id: str, branch_id: str, sequence: int, call: str, written: str
) -> bool:
    rows = tx.each(
        "answers_saying",
        session_id=session_id,
        branch_id=branch_id,
        sequence=sequence,
        call=written,
    )
    with closing(rows):
        return any(answered_id(_decoded(data)) == call for (data,) in rows)


def _decoded(data: bytes | None) -> Item:
    try:
        return decode(data)
    except ValueError:
        return None
