"""Store the session of a document as a new session, with everything that the document has."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from convo.documents.fields import RUNS, SETTINGS, STRUCTURE, Part
from convo.documents.known_runs import KnownRuns
from convo.documents.parsing import DocumentError, ParsedRow
from convo.documents.rows import PART_OF, Inserting, Values, stored
from convo.storage.statements import blocks_beginning
from convo.storage.transaction import Transaction
from convo.structure import adoption

_LEFT_BEHIND = blocks_beginning("clear_way_in_")


class DocumentSession(NamedTuple):
    """The session of a document. A deleted one has no record, only runs in the ledger."""

    name: str
    created_at: Any
    updated_at: Any
    is_current: bool
    is_deleted: bool
    former_names: tuple[str, ...]

    def known_as(self) -> Iterator[str]:
        """What tells it from others, whatever it is called here: a text for each of its names."""
        since = "deleted" if self.is_deleted else self.created_at
        return (f"{since} {name}" for name in (self.name, *self.former_names))


def session_of(rows: Iterator[ParsedRow]) -> DocumentSession:
    """The session at the beginning of a document. Raises `DocumentError`."""
    first = next(rows, None)
    if first is None or first.key != "session":
        raise DocumentError("it says nothing about its session")
    row = first.row
    name, former = row.get("name"), row.get("former_names", [])
    if not isinstance(name, str) or not isinstance(former, list):
        raise DocumentError("its session has no name", line=first.line)
    try:
        times = stored(row.get("created_at")), stored(row.get("updated_at"))
    except (TypeError, ValueError):
        raise DocumentError("its session has no time", line=first.line) from None
    texts = tuple(one for one in former if isinstance(one, str))
    is_current, is_deleted = (row.get(key) is True for key in ("current", "deleted"))
    return DocumentSession(name, *times, is_current, is_deleted, texts)


def restore(tx: Transaction, session: DocumentSession, name: str, rows: Iterable[ParsedRow]) -> int:
    """Store a session under a name that no session has; return the number of its turns.

    Raises `DocumentError`.
    """
    if not session.is_deleted:
        for statement in _LEFT_BEHIND:
            tx.execute(statement, new=name)
        times = {"created_at": session.created_at, "updated_at": session.updated_at}
        tx.execute("restore_session", session_id=name, **times)
        tx.execute("forget_renamed_session", session_id=name)
        tx.execute("ensure_generation", session_id=name)
        for former in session.former_names:
            tx.execute("restore_renamed_session", old=former, new=name)
    inserting = Restoring(tx, name)
    for parsed in rows:
        if parsed.key == "settings":
            _restore_settings(tx, name, parsed)
        elif parsed.key in PART_OF:
            inserting.add(parsed)
    inserting.flush()
    note_adopted(tx, name)
    return inserting.turns


def note_adopted(tx: Transaction, session_id: str) -> None:
    """Note that all messages of a session have the structure that they are to have."""
    newest = tx.row("adoption_state", session_id=session_id)[0]
    if newest:
        adoption.note(tx, session_id, newest)


class Restoring(Inserting):
    """Inserts all rows of a document.

    A session of this name may have been deleted here. The ledger has its runs still: a run of the
    document that is one of them is not entered a second time.
    """

    def __init__(self, tx: Transaction, session_id: str) -> None:
        super().__init__(tx, session_id)
        self.turns = 0
        self._last_question = 0
        self._known = KnownRuns(tx, session_id)

    def insert(self, part: Part, row: Values) -> None:
        """Insert a row, unless it is a run that the ledger has."""
        if part is STRUCTURE and row["type"] == "user" and row["message"] > self._last_question:
            self.turns += 1
            self._last_question = row["message"]
        known = self._known.take(row) if part is RUNS else None
        if known is None:
            super().insert(part, row)
            return
        self.has(part, known.row_id)
        self.tx.execute("place_known_run", id=known.row_id, **row)
        if known.total_tokens < row["total_tokens"]:
            self.tx.execute("replace_run", id=known.row_id, has_usage=False, **row)


def _restore_settings(tx: Transaction, session_id: str, parsed: ParsedRow) -> None:
    row = {field: parsed.row.get(field) for field in SETTINGS}
    if not isinstance(row["branch"], str):
        raise DocumentError("'branch' has to be a text", line=parsed.line)
    try:
        row = {field: stored(value) for field, value in row.items()}
    except (TypeError, ValueError):
        raise DocumentError("a setting cannot be stored", line=parsed.line) from None
    tx.execute("restore_settings", session_id=session_id, **row)
