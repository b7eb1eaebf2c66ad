"""Full-text indexes in SQLite's FTS5, with tables of their own, caught up before a search.

Writes do not update them, and messages of other programs are found too: an index records up to
which message it goes, and the next search enters the later ones. Deleted messages stay in the
index, where they do no harm, until they are more than half of it.

The entries refer to message ids, which are never reused: renaming, clearing, moving rows to another
branch and VACUUM do not invalidate them.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import cache, partial
from typing import NamedTuple

from convo.errors import DamagedDatabaseError, DatabaseError
from convo.sqlite.transaction import SQLiteTransaction
from convo.storage.search_index import Candidates, Contents, Progress, Stale, Term, Write
from convo.storage.transaction import Transaction

_BATCH = 50_000
"""The most messages that one transaction enters, so that other writers wait only briefly."""

_BATCH_LENGTH = 8_000_000
"""Characters after which a transaction stops entering messages."""

_SPARE = 1_000
"""So many entries of deleted messages are always tolerated."""

_MOST_TERMS = 32
"""The most terms of a search that are passed to the index."""


class _Table(NamedTuple):
    """The statements that work on the table of an index."""

    create: str
    tune: tuple[str, ...]
    enter: str
    matching: str
    drop: str
    drop_parts: tuple[str, ...]


_TABLES = {
    "convo_prompts": _Table(
        create="create_convo_prompts",
        tune=("merge_prompts_later", "gather_prompts"),
        enter="enter_prompt",
        matching="prompts_matching",
        drop="drop_convo_prompts",
        drop_parts=(
            "drop_convo_prompts_data",
            "drop_convo_prompts_idx",
            "drop_convo_prompts_config",
        ),
    ),
    "convo_words": _Table(
        create="create_convo_words",
        tune=("merge_words_later", "gather_words"),
        enter="enter_words",
        matching="messages_matching",
        drop="drop_convo_words",
        drop_parts=(
            "drop_convo_words_data",
            "drop_convo_words_idx",
            "drop_convo_words_docsize",
            "drop_convo_words_config",
        ),
    ),
}


@cache
def is_available() -> bool:
    """Whether this build of SQLite has FTS5."""
    with closing(sqlite3.connect(":memory:")) as connection:
        return ("fts5",) in connection.execute("PRAGMA module_list").fetchall()


class FullTextIndex:
    """A `SearchIndex` in an FTS5 table."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self._table = _TABLES[contents.name]

    def candidates(
        self,
        tx: Transaction,
        terms: Sequence[Term],
        *,
        most: int | None = None,
        session_id: str | None = None,
        branch_id: str | None = None,
        source: str | None = None,
    ) -> Candidates | Stale:
        """See `SearchIndex`; the best come first, the marked ones last."""
        there = self._position(_own(tx))
        newest = tx.value("newest_of_all") or 0
        if not newest:
            return Candidates([], 0)
        if there is None or newest - there[0] > self._contents.tail:
            return Stale()
        query = query_of(terms)
        limit = -1 if most is None else most
        where = {"session_id": session_id, "branch_id": branch_id, "source": source}
        try:
            rows = tx.rows(self._table.matching, query=query, most=limit, **where)
            # The index has only a mark for long messages: they are searched last.
            marked = query_of([((self._contents.marker,), True)])
            rows += tx.rows(self._table.matching, query=marked, most=-1, **where)
        except sqlite3.DatabaseError:
            return Stale(is_damaged=True)
        return Candidates(list(dict.fromkeys(message_id for (message_id,) in rows)), there[0])

    async def catch_up(
        self, write: Write, stale: Stale, progress: Callable[[Progress], None] | None = None
    ) -> None:
        """See `SearchIndex`."""
        if not is_available():
            return
        for drops_first in (stale.is_damaged, True):
            try:
                if drops_first:
                    await write(self.drop)
                await self._enter_all(write, progress)
            except DamagedDatabaseError:
                continue
            except (DatabaseError, sqlite3.Error):
                return
            return

    async def _enter_all(self, write: Write, progress: Callable[[Progress], None] | None) -> None:
        is_first = True
        while True:
            at = await write(partial(self.advance, is_first=is_first))
            if progress is not None:
                progress(at)
            if at.done >= at.total:
                return
            is_first = False

    def advance(self, tx: Transaction, is_first: bool = True) -> Progress:
        """Enter the next messages; the first time, check whether the index is worth keeping."""
        tx = _own(tx)
        after, entries = self._position(tx) or (0, 0)
        if not after or (is_first and _is_mostly_spare(tx, entries)):
            self._make(tx)
            after = entries = 0
        last, messages = tx.row("end_of_batch", after=after, most=_BATCH)
        newest = tx.value("newest_of_all") or 0
        if last is None:
            return Progress(newest, newest)
        batch = _Batch(tx, self._contents, after, last, messages)
        tx.execute_many(self._table.enter, iter(batch))
        tx.execute(
            "note_indexed",
            index=self._contents.key,
            message_id=batch.last,
            entries=entries + batch.entries,
        )
        return Progress(batch.last, newest)

    def forget_above(self, tx: Transaction, message_id: int) -> None:
        """See `SearchIndex`."""
        if _own(tx).is_as_made("create_convo_indexed"):
            tx.execute("forget_indexed_above", index=self._contents.key, message_id=message_id)

    def drop(self, tx: Transaction) -> None:
        """See `SearchIndex`."""
        try:
            tx.execute(self._table.drop)
        except sqlite3.DatabaseError:
            tx.execute("let_schema_be_written")
            try:
                tx.execute("disown_table", index=self._contents.name)
            finally:
                tx.execute("read_schema_again")
        for statement in self._table.drop_parts:
            tx.execute(statement)
        if _own(tx).is_as_made("create_convo_indexed"):
            tx.execute("forget_index", index=self._contents.key)
        else:
            tx.execute("forget_every_index")

    def _position(self, tx: SQLiteTransaction) -> tuple[int, int] | None:
        """The last message in the index, and the number of entries; None without an index."""
        # This file has never been searched, or another program's tables have these names.
        if not (tx.is_as_made("create_convo_indexed") and tx.is_as_made(self._table.create)):
            return None
        found: tuple[int, int] | None = tx.row("index_position", index=self._contents.key)
        return found

    def _make(self, tx: SQLiteTransaction) -> None:
        self.drop(tx)
        tx.execute("create_convo_indexed")
        tx.execute(self._table.create)
        for statement in self._table.tune:
            tx.execute(statement)


class _Batch:
    """The entries for the next messages, read while they are entered, and the last one read."""

    def __init__(
        self, tx: SQLiteTransaction, contents: Contents, after: int, last: int, messages: int
    ) -> None:
        self.last = last
        self.entries = 0
        self._tx = tx
        self._contents = contents
        self._span = {"after": after, "last": last}
        self._messages = messages

    def __iter__(self) -> Iterator[dict[str, object]]:
        length = 0
        for message_id, text in self._texts():
            self.entries += 1
            length += len(text)
            yield {"message_id": message_id, "text": text}
            if length > _BATCH_LENGTH:
                self.last = message_id
                return

    def _texts(self) -> Iterator[tuple[int, str]]:
        contents = self._contents
        statement = "messages_to_index"
        if self._tx.value("count_messages_with_structure", **self._span) != self._messages:
            # Some messages have no structure yet: their kind is read from the message itself.
            statement = "messages_that_may_be_indexed"
        values = {"answers": contents.answers, "long": contents.longest, **self._span}
        cursor = self._tx.each(statement, **values)
        with closing(cursor):
            for message_id, data, is_known in cursor:
                text = contents.marker if data is None else contents.text(data, bool(is_known))
                if text is not None:
                    yield message_id, text


def _own(tx: Transaction) -> SQLiteTransaction:
    """The transaction as this engine's class: on its files there is no other."""
    assert isinstance(tx, SQLiteTransaction)
    return tx


def _is_mostly_spare(tx: Transaction, entries: int) -> bool:
    return entries > _SPARE and entries > 2 * int(tx.value("count_messages")) + _SPARE


def query_of(terms: Sequence[Term]) -> str:
    """A search in FTS5 query syntax."""
    return " AND ".join(map(_matching, terms[:_MOST_TERMS]))


def _matching(term: Term) -> str:
    """A term in FTS5 query syntax: exact matches count twice."""
    words, is_exact = term
    phrase = '"' + " ".join(words).replace('"', '""') + '"'
    return phrase if is_exact else f"({phrase} OR {phrase} *)"


@cache
def index_for(contents: Contents) -> FullTextIndex:
    """The index of SQLite for some contents."""
    return FullTextIndex(contents)
