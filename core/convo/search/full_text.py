"""Full-text search: which prompts and answers of a file say what is looked for, the best first."""

import json
import sqlite3
from itertools import islice
from typing import Any, NamedTuple

from convo.items.encoding import decode, message_type, said_in
from convo.items.long_texts import LONG, windows
from convo.items.unreadable import Unreadable
from convo.records import Found
from convo.search import index as search_index
from convo.search.index import Behind, Index
from convo.search.prompts import PROMPTS
from convo.search.query import Query, composed, indexable
from convo.storage.transaction import Transaction
from convo.storage.values import iso_utc

_LONG = 50
"""Words that count as much as the length of a text: among short texts it says little."""

_LONG_WORD = "\ufdd0"
"""Stands in the index for a text that is long: a character that no text may have."""


class Where(NamedTuple):
    """What is searched: the whole file, or one session, or one branch of it."""

    session_id: str | None = None
    branch_id: str | None = None


def found(
    tx: Transaction,
    query: Query,
    where: Where,
    limit: int | None,
    unreadable: Unreadable,
    *,
    as_it_is: bool = True,
) -> list[Found]:
    """The messages that say the query, each once, `limit` of them at most.

    Raises `Behind` where the index is to be caught up first, unless it is to be taken as it is:
    then the messages themselves are looked at where it is not up to date.
    """
    ids = _indexed(tx, query, where, limit, as_it_is=as_it_is)
    if ids is None:
        ids = _scanned(tx, query, where, limit, unreadable)
    rows = tx.rows("found_messages", message_ids=json.dumps(ids), long=LONG, **where._asdict())
    matches = (match for row in rows if (match := _found(tx, query, *row)))
    return list(islice(matches, limit))


def _indexed(
    tx: Transaction, query: Query, where: Where, limit: int | None, *, as_it_is: bool
) -> list[int] | None:
    """The messages that the index names, the best first; None where it cannot be asked."""
    there = search_index.position(tx, WORDS)
    newest = tx.value("newest_of_all") or 0
    if there is None or there[0] < newest:
        if as_it_is or not newest:
            return None
        raise Behind
    most = -1 if limit is None else limit
    try:
        rows = tx.rows("messages_matching", query=query.match(), most=most, **where._asdict())
        # Of what is long the index only knows that it is there: it is looked at last.
        rows += tx.rows("messages_matching", query=_LONG_WORD, most=-1, **where._asdict())
    except sqlite3.DatabaseError as error:
        if as_it_is:
            return None
        raise Behind(is_damaged=True) from error
    return list(dict.fromkeys(message_id for (message_id,) in rows))


def _scanned(
    tx: Transaction, query: Query, where: Where, limit: int | None, unreadable: Unreadable
) -> list[int]:
    """The messages that say the query, by a look at all: the densest first, then the newest."""
    ranked = []
    for message_id, data in tx.run("messages_said", long=LONG, **where._asdict()):
        if data is None:
            ranked.append((0.0, -message_id))
            continue
        try:
            text = composed(said_in(decode(data)))
        except ValueError as error:
            unreadable.tell(message_id, error)
            continue
        if query.may_match(text) and (spans := query.spans(text)):
            density = len(spans) / (_LONG + len(text.split()))
            ranked.append((-density, -message_id))
    ids = [-message_id for rank, message_id in sorted(ranked) if rank]
    return ids[:limit] + [-message_id for rank, message_id in sorted(ranked) if not rank]


def _found(
    tx: Transaction,
    query: Query,
    message_id: int,
    session_id: str,
    branch_id: str,
    turn: int | None,
    role: str,
    data: bytes | None,
    created_at: Any,
) -> Found | None:
    try:
        if data is None:
            text, spans = query.within(windows(tx.pieces(message_id))) or ("", [])
        else:
            text = composed(said_in(decode(data)))
            spans = query.spans(text)
    except ValueError:
        return None
    if not spans:
        return None
    return Found(session_id, branch_id, turn or 0, role, text, tuple(spans), iso_utc(created_at))


def _text(data: bytes, is_known: bool) -> str | None:
    try:
        item = decode(data)
    except ValueError:
        return None
    if not is_known and message_type(item) not in ("user", "assistant"):
        return None
    return indexable(said_in(item))


WORDS = Index(
    name="convo_words",
    # What is entered has changed once: refusals are, and accents are not.
    key="convo_words 2",
    answers=True,
    create="create_convo_words",
    enter="enter_words",
    drop="drop_convo_words",
    drop_parts=(
        "drop_convo_words_data",
        "drop_convo_words_idx",
        "drop_convo_words_docsize",
        "drop_convo_words_config",
    ),
    text=_text,
    long=_LONG_WORD,
)


def drop_indexes(tx: Transaction) -> None:
    """Drop what searches have made of the file, the words of deleted messages with it."""
    for index in (PROMPTS, WORDS):
        search_index.drop(tx, index)
