"""Stores what is new of a session that has been imported before.

Only what the source has added since is stored, at the end of the branch of the turn that it
follows. If that branch has gone on here, or has lost turns, a new branch is made for it.
"""

from dataclasses import replace
from typing import NamedTuple

from convo.branches import branches
from convo.history import items as history
from convo.importing.lines import lines_of, with_ancestors
from convo.importing.placing import affordable, branch_after, date, put
from convo.importing.preparing import PreparedSession, PreparedTurn
from convo.records import TurnRef
from convo.storage.transaction import Transaction
from convo.structure import state as branch_state
from convo.usage import ledger, turn_usage


class KnownTurn(NamedTuple):
    """A turn that was imported before, with its place, which is None if it was removed here."""

    turn_id: str
    anchor: int
    items: int
    digest: str
    branch_id: str | None
    turn: int | None

    @property
    def place(self) -> TurnRef | None:
        """Where it is now."""
        if self.branch_id is None or self.turn is None:
            return None
        return TurnRef(self.branch_id, self.turn, self.anchor)


def known_turns(tx: Transaction, session_id: str, import_id: int) -> dict[str, KnownTurn]:
    """The turns of a session that have been imported, by their ids at the source."""
    rows = tx.rows("imported_turns", session_id=session_id, import_id=import_id)
    return {row[0]: KnownTurn._make(row) for row in rows}


def grow(
    tx: Transaction, session_id: str, import_id: int, session: PreparedSession, source: str
) -> tuple[int, int]:
    """Store what is new of a session.

    Returns how many turns are new or longer than before, and how many new ones are left out.
    """
    known = known_turns(tx, session_id, import_id)
    places = {one.turn_id: one.place for one in known.values() if one.place is not None}
    longer = _lengthen(tx, session_id, import_id, session, source, known)
    places |= longer
    fresh = [turn for turn in session.turns if turn.id not in known]
    by_id = {turn.id: turn for turn in session.turns}
    wanted = with_ancestors(fresh, by_id, set(places))
    # The ledger has the usage of removed turns still.
    to_put = [
        replace(turn, runs=[]) if turn.id in known else turn
        for turn in session.turns
        if turn.id in wanted
    ]
    for line in affordable(lines_of(to_put, session.main), session.turns):
        branch_id = branch_after(
            tx,
            session_id,
            line[0],
            places,
            source=source,
            name=session.branches.get(line[-1].id),
            is_apart=line[0].id in known,
        )
        for turn, place in zip(line, put(tx, session_id, branch_id, line), strict=True):
            places[turn.id] = place
            note(tx, import_id, turn, place, was_known=turn.id in known)
    left_out = sum(turn.id not in places for turn in fresh)
    return len(longer) + len(fresh) - left_out, left_out


def _lengthen(
    tx: Transaction,
    session_id: str,
    import_id: int,
    session: PreparedSession,
    source: str,
    known: dict[str, KnownTurn],
) -> dict[str, TurnRef]:
    """Bring known turns at the ends of lines up to date; return where each of them is."""
    places = {}
    followed = {turn.parent for turn in session.turns if turn.id in known}
    for turn in session.turns:
        before = known.get(turn.id)
        if before is None or before.digest == turn.digest or turn.id in followed:
            continue
        place = _lengthened(tx, session_id, before, turn, source)
        if place is not None:
            places[turn.id] = place
            note(tx, import_id, turn, place, was_known=True)
    return places


def note(
    tx: Transaction, import_id: int, turn: PreparedTurn, place: TurnRef, *, was_known: bool
) -> None:
    """Record where a turn of the source is."""
    if was_known:
        tx.execute("forget_imported_turn", import_id=import_id, turn_id=turn.id)
    tx.insert("note_imported_turn", [noted(import_id, turn, place)])


def noted(import_id: int, turn: PreparedTurn, place: TurnRef) -> dict[str, object]:
    """The record of where a turn of the source is."""
    return {
        "import_id": import_id,
        "turn_id": turn.id,
        "anchor": place.anchor,
        "items": len(turn.items),
        "digest": turn.digest,
    }


def _lengthened(
    tx: Transaction, session_id: str, known: KnownTurn, turn: PreparedTurn, source: str
) -> TurnRef | None:
    """Bring the last turn of a line up to date; None if it is left as it was imported.

    The items that have changed at its end are replaced, such as the note that an output is missing.
    If the branch has gone on here, the turn is stored on a new branch beside it.
    """
    place = known.place
    rows = [] if place is None else _rows(tx, session_id, place)
    # Items may have been added to the turn here.
    if place is None or len(rows) != known.items:
        return None
    same = 0
    while same < min(len(rows), len(turn.items)) and rows[same] == turn.items[same].data:
        same += 1
    if same == 0:
        return None
    if not same == len(rows) == len(turn.items):
        state = branch_state.of(tx, session_id, place.branch_id)
        if state.last_turn == place.turn:
            _replace_end(tx, session_id, place, len(rows) - same, turn, same)
        elif len(turn.items) > len(rows):
            return _put_beside(tx, session_id, place, turn, source)
        else:
            return None
    turn_usage.replace_runs(tx, session_id, place, turn.runs)
    return place


def _rows(tx: Transaction, session_id: str, place: TurnRef) -> list[str]:
    """The items of a turn, as they are stored."""
    rows = tx.rows(
        "rows_of_turn",
        session_id=session_id,
        branch_id=place.branch_id,
        turn=place.turn,
        anchor=place.anchor,
    )
    return [bytes(data or b"").decode("utf-8", "replace") for (data,) in rows]


def _replace_end(
    tx: Transaction, session_id: str, place: TurnRef, dropped: int, turn: PreparedTurn, same: int
) -> None:
    for _ in range(dropped):
        history.pop(tx, session_id, place.branch_id)
    if more := turn.items[same:]:
        state = branch_state.of(tx, session_id, place.branch_id)
        times = [turn.created_at] * len(more)
        history.add(tx, session_id, place.branch_id, more, state, place, times)


def _put_beside(
    tx: Transaction, session_id: str, place: TurnRef, turn: PreparedTurn, source: str
) -> TurnRef:
    made = branches.create(tx, session_id, place.branch_id, place.turn, stem=source)
    date(tx, session_id, made, turn)
    # The first runs are in the ledger, with the turn as it was.
    counted = len(ledger.runs_of(tx, session_id, place))
    return put(tx, session_id, made, [replace(turn, runs=turn.runs[counted:])])[0]
