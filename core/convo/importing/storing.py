"""Stores imported sessions: a new one whole, of a known one what is new."""

from typing import Literal, NamedTuple

from convo.branches import branches
from convo.importing.growing import grow, known_turns, noted
from convo.importing.lines import lines_of
from convo.importing.placing import MOST_BRANCHES, affordable, branch_after, put
from convo.importing.preparing import PreparedSession
from convo.records import MAIN, TurnRef
from convo.storage.transaction import Transaction
from convo.structure import state

News = Literal["new", "grown", "same", "deleted"]
"""What an import finds of a session. One that has grown, and was deleted here, is `deleted`."""


class Taken(NamedTuple):
    """The number of turns of a session that are new or have grown, and what became of it.

    `session_id` is None if it was deleted here, or is not stored yet. `left_out` counts the turns
    of branches that were too many.
    """

    news: News
    session_id: str | None
    turns: int = 0
    left_out: int = 0


def look(tx: Transaction, source: str, session: PreparedSession) -> Taken:
    """What `store` would take of a session."""
    row = tx.row("imported_session", source=source, source_id=session.id)
    if row is None:
        return Taken("new", None, len(session.turns))
    import_id, session_id, digest = row
    if digest == session.digest:
        return Taken("same", session_id)
    if session_id is None or not tx.value("session_is_there", session_id=session_id):
        return Taken("deleted", None)
    known = known_turns(tx, session_id, import_id)
    followed = {turn.parent for turn in session.turns if turn.id in known}
    more = [
        turn
        for turn in session.turns
        if turn.id not in known
        or (turn.id not in followed and known[turn.id].digest != turn.digest)
    ]
    return Taken("grown" if more else "same", session_id, len(more))


def store(tx: Transaction, source: str, session: PreparedSession, names: "Names") -> Taken:
    """Store a session, or what is new of it."""
    row = tx.row("imported_session", source=source, source_id=session.id)
    if row is None:
        return _begun(tx, source, session, names)
    import_id, session_id, digest = row
    if digest == session.digest:
        return Taken("same", session_id)
    if session_id is None or not tx.value("session_is_there", session_id=session_id):
        return Taken("deleted", None)
    turns, left_out = grow(tx, session_id, import_id, session, source)
    tx.execute("note_imported_digest", id=import_id, digest=session.digest)
    if turns == 0:
        return Taken("same", session_id)
    tx.execute("note_imported_growth", session_id=session_id, updated_at=session.updated_at)
    return Taken("grown", session_id, turns, left_out)


def _begun(tx: Transaction, source: str, session: PreparedSession, names: "Names") -> Taken:
    session_id = names.unused(tx, session.name)
    tx.execute(
        "begin_imported_session",
        session_id=session_id,
        created_at=session.created_at,
        updated_at=session.updated_at,
    )
    tx.execute("forget_renamed_session", session_id=session_id)
    tx.execute("note_source", session_id=session_id, source=source)
    (import_id,) = tx.insert(
        "note_imported_session",
        [
            {
                "source": source,
                "source_id": session.id,
                "parent_id": session.parent,
                "session_id": session_id,
                "digest": session.digest,
            }
        ],
    )
    lines = lines_of(session.turns, session.main)
    places: dict[str, TurnRef] = {}
    for number, line in enumerate(affordable(lines, session.turns)):
        branch_id = MAIN
        if number:
            name = session.branches.get(line[-1].id)
            branch_id = branch_after(tx, session_id, line[0], places, source=source, name=name)
        found = put(tx, session_id, branch_id, line, None if number else state.NEW)
        places.update(zip((turn.id for turn in line), found, strict=True))
    ends = {line[-1].id for line in lines}
    room = MOST_BRANCHES - len(lines)
    for last, name in list(session.branches.items())[: max(room, 0)]:
        if last in places and last not in ends:
            place = places[last]
            branches.create(
                tx, session_id, place.branch_id, place.turn, stem=name, include_turn=True
            )
    rows = [noted(import_id, turn, places[turn.id]) for turn in session.turns if turn.id in places]
    tx.insert("note_imported_turn", rows)
    return Taken("new", session_id, len(rows), len(session.turns) - len(rows))


class Names:
    """Makes names of sessions unique, for one import.

    It remembers where to go on with the numbers: a thousand conversations may have one title.
    """

    def __init__(self) -> None:
        self._next: dict[str, int] = {}

    def unused(self, tx: Transaction, name: str) -> str:
        """The name, or else the name with a number that makes it unique."""
        # The first one is tried in any case: a transaction may be repeated.
        if not self._is_used(tx, name, 1):
            return name
        number = self._next.get(name, 2)
        if self._is_used(tx, name, number):
            number = self._free_above(tx, name, number)
        self._next[name] = number + 1
        return _numbered(name, number)

    def _free_above(self, tx: Transaction, name: str, number: int) -> int:
        """A free number above a used one, found in few steps even if thousands are used."""
        used, step = number, 1
        while self._is_used(tx, name, used + step):
            used, step = used + step, 2 * step
        free = used + step
        while free - used > 1:
            middle = (used + free) // 2
            if self._is_used(tx, name, middle):
                used = middle
            else:
                free = middle
        return free

    def _is_used(self, tx: Transaction, name: str, number: int) -> bool:
        return bool(tx.value("session_is_there", session_id=_numbered(name, number)))


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}-{number}"
