"""Full-text search: find the prompts and answers that match a query, the best first."""

import json
from itertools import islice
from typing import Any, NamedTuple

from convo.items.decoding import Unreadable
from convo.items.encoding import decode, message_type, said_as_text, said_in
from convo.items.long_texts import LONG, windows
from convo.records import Found
from convo.search.query import Query, composed, indexable
from convo.storage.search_index import Contents, SearchIndex, Stale
from convo.storage.transaction import Transaction
from convo.storage.values import iso_utc

_LONG = 50
"""Words added to the length of a text for ranking: among short texts, length says little."""

_LONG_WORD = "\ufdd0"
"""Marks a long text in the index: a character that no text can contain."""


class Scope(NamedTuple):
    """What to search: the whole file, one session, one branch of it, or what a source gave."""

    session_id: str | None = None
    branch_id: str | None = None
    source: str | None = None


def found(
    tx: Transaction,
    index: SearchIndex | None,
    query: Query,
    scope: Scope,
    limit: int | None,
    unreadable: Unreadable,
) -> list[Found] | Stale:
    """The messages that match the query, each once, at most `limit` of them.

    Without an index, the messages themselves are searched.
    """
    if index is None:
        ids = _scanned(tx, query, scope, limit, unreadable)
    else:
        named = index.candidates(tx, query.terms, most=limit, **scope._asdict())
        if isinstance(named, Stale):
            return named
        ids = named.message_ids
    rows = tx.rows("found_messages", message_ids=json.dumps(ids), long=LONG, **scope._asdict())
    matches = (match for row in rows if (match := _found(tx, query, *row)))
    return list(islice(matches, limit))


def _scanned(
    tx: Transaction, query: Query, scope: Scope, limit: int | None, unreadable: Unreadable
) -> list[int]:
    """Search all messages without an index: the densest matches first, then the newest."""
    ranked = []
    for message_id, data in tx.each("messages_said", long=LONG, **scope._asdict()):
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
    if is_known and (text := said_as_text(data, refusals=True)) is not None:
        return indexable(text)
    try:
        item = decode(data)
    except ValueError:
        return None
    if not is_known and message_type(item) not in ("user", "assistant"):
        return None
    return indexable(said_in(item))


WORDS = Contents(
    name="convo_words",
    # Change this when the contents of the index change, as when refusals were added.
    key="convo_words 2",
    answers=True,
    text=_text,
    marker=_LONG_WORD,
    longest=LONG,
)
