"""Full-text indexes of a file's messages, kept in tables of their own and caught up when asked.

Writing pays nothing for them, and what others write is found too: an index knows up to which
message it goes, and whoever searches first enters those that came later. What is deleted stays in
the index, where it does no harm, until more than half of the index is of that kind.

They hold numbers of messages, which are never given out twice: renaming, clearing, moving rows to
another branch and VACUUM leave them right. Who puts a deleted message back calls `forget_above`.
"""

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import cache
from typing import NamedTuple, TypeVar

from convo.errors import DamagedDatabaseError, DatabaseError
from convo.items.long_texts import LONG
from convo.sqlite.database import Database
from convo.storage.storage import Access
from convo.storage.transaction import Transaction

T = TypeVar("T")

_PATIENCE = 0.25
"""Seconds that a search waits for a lock, to catch up; it can do without."""

_BATCH = 10_000
"""Messages that one transaction enters, at most: others wait for a moment only."""

_BATCH_LENGTH = 2_000_000
"""Characters after which a transaction enters no more."""

_SPARE = 1_000
"""Entries of deleted messages that are not worth a thought."""

_FIRST_WITH_TRIGRAMS = (3, 34)


class Index(NamedTuple):
    """One index: its table, the statements that work on it, and what it takes of a message.

    Under its `key` it is noted how far it goes. Another key makes every file's index again.

    `text` is given the stored message, and True if it is known to be one of those that are wanted
    (prompts, and with `answers` answers too); it returns None for what is not to be entered.
    `long` stands for a message that is too long to be entered: whoever asks the index looks at
    each of those, in pieces.
    """

    name: str
    key: str
    answers: bool
    create: str
    enter: str
    drop: str
    drop_parts: tuple[str, ...]
    text: Callable[[bytes, bool], str | None]
    long: str


class Behind(Exception):
    """The index has to be caught up before it is worth asking, or made again if it is damaged."""

    def __init__(self, *, is_damaged: bool = False) -> None:
        super().__init__("the index is damaged" if is_damaged else "the index is behind")
        self.is_damaged = is_damaged


@cache
def is_available() -> bool:
    """Whether this build of SQLite has what the indexes need."""
    if sqlite3.sqlite_version_info < _FIRST_WITH_TRIGRAMS:
        return False
    with closing(sqlite3.connect(":memory:")) as connection:
        return ("fts5",) in connection.execute("PRAGMA module_list").fetchall()


async def read_caught_up(
    database: Database, access: Access, index: Index, read: Callable[[bool], Awaitable[T]]
) -> T:
    """Read with an index, caught up before if the reading asks for it by raising `Behind`.

    `read` is given whether it has to be content with the index as it is: the file may be read-only,
    or locked, or SQLite without full-text search. It then looks at the messages themselves.
    """
    try:
        return await read(False)
    except Behind as behind:
        is_damaged = behind.is_damaged
    if is_available():
        await catch_up(database, access, index, from_start=is_damaged)
    return await read(True)


async def catch_up(
    database: Database, access: Access, index: Index, *, from_start: bool = False
) -> None:
    """Enter what is missing, in transactions of bounded size; give up where one cannot be had."""
    hurried = access._replace(lock_timeout=min(access.lock_timeout, _PATIENCE))
    for drops_first in (from_start, True):
        try:
            if drops_first:
                await database.write(hurried, lambda tx: drop(tx, index))
            while await database.write(hurried, lambda tx: advance(tx, index)):
                continue
        except DamagedDatabaseError:
            continue
        except (DatabaseError, sqlite3.Error):
            return
        return


def advance(tx: Transaction, index: Index) -> bool:
    """Enter the next messages; say whether there are more."""
    after, entries = position(tx, index) or (0, 0)
    if not after or entries > 2 * tx.value("count_messages") + _SPARE:
        drop(tx, index)
        tx.run("create_convo_indexed")
        tx.run(index.create)
        after = entries = 0
    last = tx.value("end_of_batch", after=after, most=_BATCH)
    if last is None:
        return False
    length = 0
    cursor = tx.run("messages_to_index", after=after, last=last, answers=index.answers, long=LONG)
    with closing(cursor):
        for message_id, data, is_wanted in cursor:
            text = index.long if data is None else index.text(data, bool(is_wanted))
            if text is not None:
                tx.run(index.enter, message_id=message_id, text=text)
                entries += 1
                length += len(text)
            if length > _BATCH_LENGTH:
                last = message_id
                break
    tx.run("note_indexed", index=index.key, message_id=last, entries=entries)
    return behind(tx, last) > 0


def position(tx: Transaction, index: Index) -> tuple[int, int] | None:
    """Up to which message the index goes, and its entries; None where there is none."""
    # Nobody has searched this file yet, or it has tables of somebody else in their place.
    if not (tx.is_as_made("create_convo_indexed") and tx.is_as_made(index.create)):
        return None
    found: tuple[int, int] | None = tx.row("index_position", index=index.key)
    return found


def behind(tx: Transaction, message_id: int) -> int:
    """How many numbers of messages have been given out since that of `message_id`."""
    newest: int = tx.value("newest_of_all") or 0
    return newest - message_id


def forget_above(tx: Transaction, message_id: int) -> None:
    """Have every message above `message_id` entered again: to be called with one less than the
    lowest number of a deleted message that is put back, which the indexes may have dropped.
    """
    if tx.is_as_made("create_convo_indexed"):
        tx.run("forget_indexed_above", message_id=message_id)


def drop(tx: Transaction, index: Index) -> None:
    """Drop an index, even a damaged one; the next search makes it again."""
    try:
        tx.run(index.drop)
    except sqlite3.DatabaseError:
        tx.run("let_schema_be_written")
        try:
            tx.run("disown_table", index=index.name)
        finally:
            tx.run("read_schema_again")
    for statement in index.drop_parts:
        tx.run(statement)
    if tx.is_as_made("create_convo_indexed"):
        tx.run("forget_index", index=index.key)
    else:
        tx.run("forget_every_index")
