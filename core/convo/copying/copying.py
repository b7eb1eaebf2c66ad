"""Copies what one database has under a name to another one, by way of a file.

The file is on disk, so that a session of any size takes little memory, and the transaction that
stores it can begin again without the one that has read it.
"""

import marshal
from collections.abc import Iterator
from typing import IO, NamedTuple

from convo.copying import reading
from convo.copying.records import Record, Tally
from convo.copying.writing import Writing
from convo.documents.fields import MESSAGES
from convo.errors import DatabaseError, InvalidNameError, NameTakenError
from convo.storage.transaction import Transaction

_END = None


class Copied(NamedTuple):
    """What was copied under a name: its messages, and the lines of turns that were compared.

    `is_new` is False if the name is there already, and nothing was stored. `is_session` is False
    for what is known of deleted sessions, and of none.
    """

    name: str
    is_new: bool
    is_session: bool = True
    messages: int = 0
    lines: int = 0


def read(tx: Transaction, name: str, file: IO[bytes]) -> Tally:
    """Write what a database has under a name to a file."""
    # This may run a second time, after a first one that did not end.
    file.seek(0)
    file.truncate()
    tally = Tally()
    for record in tally.each(reading.records(tx, name)):
        marshal.dump(tuple(record), file)
    marshal.dump(_END, file)
    file.flush()
    return tally


def write(
    tx: Transaction, name: str, file: IO[bytes], tally: Tally, *, skip_existing: bool
) -> Copied:
    """Store what a file has under a name, and compare it with the original.

    Raises `NameTakenError` for a session that is there already, unless those are skipped, and
    `DatabaseError` for a copy that is not like the original.
    """
    if tx.value("session_is_there", session_id=name) and name:
        if skip_existing:
            return Copied(name, False)
        raise NameTakenError(f"a session '{name}' already exists there")
    writing = Writing(tx, name)
    try:
        writing.write(_records(file))
    except InvalidNameError as error:
        raise DatabaseError(
            f"session '{name}' has a text that cannot be stored there, and was not copied: {error}",
            hint="copy the others by their names",
        ) from error
    copy = Tally()
    for _ in copy.each(reading.records(tx, name, writing.written)):
        pass
    originals = [
        scope for number, scope in enumerate(tally.scopes) if number not in writing.left_out
    ]
    for original, copied in zip(originals, copy.scopes, strict=True):
        if where := original.differences(copied):
            raise DatabaseError(
                f"the copy of session '{name}' is not like the original, and was not kept: "
                f"they differ in {', '.join(where)}"
            )
    is_session = bool(tx.value("session_is_there", session_id=name))
    messages = copy.count(MESSAGES.key) + copy.count(f"removed {MESSAGES.key}")
    return Copied(name, True, is_session, messages, sum(len(scope.lines) for scope in copy.scopes))


def _records(file: IO[bytes]) -> Iterator[Record]:
    file.seek(0)
    while (values := marshal.load(file)) is not _END:
        yield Record(*values)
