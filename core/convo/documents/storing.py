"""Store a document: as a new session, or what is new in it in the session that it became before."""

import hashlib
from contextlib import closing
from itertools import count
from typing import BinaryIO, Literal, NamedTuple

from convo.branches import branches
from convo.documents import outline
from convo.documents.merging import merge
from convo.documents.outline import Line, Outline
from convo.documents.parsing import parsed
from convo.documents.places import Places
from convo.documents.restoring import DocumentSession, restore, session_of
from convo.storage.transaction import Transaction
from convo.structure import adoption

_PIECE = 1024 * 1024


class StoredDocument(NamedTuple):
    """The result of storing a document: a new session, one that has grown, or nothing new.

    `turns` is the number of new turns, and `branches` has the new branches of the session.
    `deleted_here` are those that were deleted here and stay so.
    """

    session_id: str
    outcome: Literal["new", "grown", "unchanged"]
    turns: int = 0
    branches: tuple[str, ...] = ()
    deleted_here: tuple[str, ...] = ()


class _Known(NamedTuple):
    """The session that a document was stored as, and a digest of that document.

    Without a digest, it may be the session that the document was written from.
    """

    session_id: str
    digest: str | None = None


def session_of_document(file: BinaryIO) -> DocumentSession:
    """The session that a document begins with. Raises `DocumentError`."""
    with closing(parsed(file)) as rows:
        return session_of(rows)


def store_document(tx: Transaction, file: BinaryIO, prefix: str) -> StoredDocument:
    """Store the session of a document. Raises `DocumentError`."""
    session = session_of_document(file)
    digest = _digest(file)
    known = _known(tx, session)
    if known is not None and known.digest == digest:
        return StoredDocument(known.session_id, "unchanged")
    stored = None if known is None else _merged(tx, known.session_id, session, file)
    if stored is None:
        stored = _restored(tx, session, file, prefix)
    for known_as in session.known_as():
        record = {"known_as": known_as, "session_id": stored.session_id, "digest": digest}
        if not tx.change("record_document", **record):
            tx.execute("record_new_document", **record)
    return stored


def _known(tx: Transaction, session: DocumentSession) -> _Known | None:
    if session.is_deleted:
        row = tx.row("document_of_deleted", known_as=next(session.known_as()))
        found = _Known(session.name) if row is None else _Known(*row)
        return None if _exists(tx, found.session_id) else found
    for known_as in session.known_as():
        row = tx.row("document_record", known_as=known_as, created_at=session.created_at)
        if row is not None:
            return _Known(*row)
    now = tx.value("session_renamed_to", session_id=session.name)
    for name in (session.name, *session.former_names, now):
        if tx.value("session_begun_at", session_id=name, created_at=session.created_at):
            return _Known(name)
    return None


def _merged(
    tx: Transaction, session_id: str, session: DocumentSession, file: BinaryIO
) -> StoredDocument | None:
    """Add what is new to a session; None if that holds another conversation."""
    here: dict[str, Line] = {}
    if not session.is_deleted:
        adoption.adopt(tx, session_id)
        names = [row.branch_id for row in branches.listed(tx, session_id)]
        here = outline.of_session(tx, session_id, names)
    with closing(parsed(file)) as rows:
        there = outline.of_document(rows)
    if not _is_same(there, here):
        return None
    places = Places(tx, session_id, there, here)
    places.find()
    with closing(parsed(file)) as rows:
        merging = merge(tx, session_id, session, rows, places, here)
    return StoredDocument(
        session_id,
        "grown" if merging.has_changed else "unchanged",
        merging.new_turns,
        tuple(merging.new_branches),
        tuple(places.deleted_here),
    )


def _is_same(document: Outline, here: dict[str, Line]) -> bool:
    """Whether some branches begin with the same message, if both have any."""
    said = {line.says[0] for line in document.lines.values() if len(line)}
    said_here = {line.says[0] for line in here.values() if len(line)}
    return not said or not said_here or not said.isdisjoint(said_here)


def _restored(
    tx: Transaction, session: DocumentSession, file: BinaryIO, prefix: str
) -> StoredDocument:
    name = prefix + session.name
    for number in count(2):
        if not _exists(tx, name):
            break
        name = f"{prefix}{session.name}-{number}"
    with closing(parsed(file)) as rows:
        session_of(rows)
        turns = restore(tx, session, name, rows)
    if session.is_current and tx.value("current_session") is None:
        tx.execute("set_current_session", session_id=name)
    return StoredDocument(name, "new", turns)


def _exists(tx: Transaction, name: str) -> bool:
    return bool(tx.value("session_is_there", session_id=name))


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()
