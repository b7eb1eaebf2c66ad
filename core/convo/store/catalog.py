"""List, start and rename the sessions of a database."""

import itertools
import json
from collections.abc import Iterator

from convo.branches import heads
from convo.errors import NameTakenError, SessionNotFoundError
from convo.marks import marks
from convo.names import nearest, only_beginning
from convo.records import MAIN, SessionInfo, SessionModel, SessionOrigin
from convo.storage.statements import blocks_beginning
from convo.storage.transaction import Transaction
from convo.storage.values import MAX_INTEGER, iso_utc, named, text, whole
from convo.structure import adoption

_CLEARED = blocks_beginning("clear_way_in_")
_RENAMED = blocks_beginning("rename_session_in_")
"""One statement for each table with session names."""


def exists(tx: Transaction, session_id: str) -> bool:
    """Whether the database has a session of that name."""
    return bool(tx.value("session_is_there", session_id=session_id))


def names(tx: Transaction) -> list[str]:
    """The names of all sessions, the oldest first."""
    return [name for (name,) in named(tx.rows("session_names"), "session")]


def require(tx: Transaction, session_id: str) -> None:
    """Raise `SessionNotFoundError` with the nearest name unless the session exists."""
    if not exists(tx, session_id):
        new = renamed_to(tx, session_id)
        hint = nearest(session_id, names(tx)) if new is None else f"it is called '{new}' now"
        raise SessionNotFoundError(f"no session '{session_id}'", hint=hint)


def called(tx: Transaction, name: str) -> str:
    """The session of that name, or the only one that begins with it.

    Raises `SessionNotFoundError` with the nearest or the possible names.
    """
    if exists(tx, name):
        return name
    found = only_beginning(name, names(tx)) if renamed_to(tx, name) is None else None
    if found is None:
        require(tx, name)
    return found or name


def count(tx: Transaction, source: str | None = None, folder: str | None = None) -> int:
    """The number of sessions, or of those of a source or a folder."""
    if source is None and folder is None:
        return int(tx.value("count_sessions"))
    return int(tx.value("count_some_sessions", source=source, folder=folder))


def listed(
    tx: Transaction,
    newest: int | None = None,
    session_id: str | None = None,
    source: str | None = None,
    folder: str | None = None,
) -> list[SessionInfo]:
    """All sessions, the `newest`, those of a source or folder, or one; the last written first."""
    current = heads.current(tx).session_id
    limit = MAX_INTEGER if newest is None else newest
    chosen = {"session_id": session_id, "source": source, "folder": folder}
    rows = tx.rows("list_sessions", limit=limit, **chosen)
    starred = marks.starred_sessions(tx)
    return [
        SessionInfo(
            session_id=session_id,
            branch_id=text(branch_id) or MAIN,
            branches=branches,
            turns=turns,
            total_tokens=whole(total_tokens) or 0,
            estimated=bool(estimated),
            model=text(model),
            created_at=iso_utc(created_at),
            updated_at=iso_utc(updated_at),
            is_current=session_id == current,
            source=text(imported_from),
            is_starred=session_id in starred,
        )
        for (
            session_id,
            branch_id,
            branches,
            turns,
            total_tokens,
            estimated,
            model,
            created_at,
            updated_at,
            imported_from,
        ) in named(rows, "session")
    ]


def start(tx: Transaction, name: str, *, unique: bool, switch: bool = True) -> str:
    """Start a session; with `unique`, a number is added to a taken name.

    It is made current, unless `switch` is false and there is a current one.
    """
    session_id = name
    if exists(tx, session_id):
        if not unique:
            raise NameTakenError(f"a session '{name}' already exists")
        session_id = _first_unused(tx, (f"{name}-{number}" for number in itertools.count(2)))
    if not switch:
        heads.pin(tx)
    tx.execute("ensure_session", session_id=session_id)
    tx.execute("forget_renamed_session", session_id=session_id)
    if switch or heads.current(tx).session_id is None:
        tx.execute("set_current_session", session_id=session_id)
    return session_id


def _first_unused(tx: Transaction, candidates: Iterator[str]) -> str:
    """The first name that no session has; each question asks for more than the one before."""
    size = 2
    while True:
        names = list(itertools.islice(candidates, size))
        used = {name for (name,) in tx.rows("session_names_used", names=json.dumps(names))}
        if unused := next((name for name in names if name not in used), None):
            return unused
        size *= 2


def renamed_to(tx: Transaction, session_id: str) -> str | None:
    """The current name of the session that once had this name; None if there is none."""
    new: str | None = tx.value("session_renamed_to", session_id=session_id)
    return new if new is not None and exists(tx, new) else None


def rename(tx: Transaction, old: str, new: str) -> None:
    """Rename a session; instances that have it open under the old name lose it."""
    require(tx, old)
    if exists(tx, new):
        raise NameTakenError(f"a session '{new}' already exists")
    adoption.adopt(tx, old)
    tx.execute("forget_renamed_session", session_id=new)
    for statement in _CLEARED:
        tx.execute(statement, new=new)
    for statement in _RENAMED:
        tx.execute(statement, old=old, new=new)
    tx.execute("note_renamed_session", old=old, new=new)
    tx.value("bump_generation", session_id=old)


def model_of(tx: Transaction, session_id: str) -> SessionModel:
    """The model and agent of the session's last turn."""
    row = tx.row("session_model", session_id=session_id)
    if row is None:
        return SessionModel()
    model, base_url, api, agent, model_chosen, *others = row
    texts = text(model), text(base_url), text(api), text(agent)
    return SessionModel(*texts, bool(model_chosen), *map(text, others))


def origin_of(tx: Transaction, session_id: str) -> SessionOrigin | None:
    """Where a session was imported from; None if it was not."""
    row = tx.row("session_origin", session_id=session_id)
    if row is None:
        return None
    started = named(tx.rows("sessions_started_by", session_id=session_id), "session")
    return SessionOrigin(str(row[0]), text(row[1]), tuple(name for (name,) in started))
