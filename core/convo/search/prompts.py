"""Which prompts may say a text: those that the index of trigrams names, each to be looked at."""

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from convo.items.encoding import decode, message_type, text_of
from convo.items.long_texts import LONG
from convo.search import index
from convo.search.index import Behind, Index
from convo.storage.transaction import Transaction

FEW = 250
"""Turns that are read one by one as fast as an index is asked."""

_TAIL = 1_000
"""Messages beyond the index that are looked at sooner than they are entered."""

_TRIGRAM = 3
_MOST_TRIGRAMS = 12
"""Trigrams of a long text that are asked for: enough to tell one prompt from others."""

_UNREADABLE = "\ufdd0" * _TRIGRAM
"""Stands for a prompt that cannot be read, or is long, so that each search comes across it."""

_SELECTIVE = 4
"""An index that names more than one prompt in so many is slower than reading them all."""


def folded(text: str) -> str:
    """The text as it is compared: without regard to case."""
    return text.casefold()


def possible(
    tx: Transaction, session_id: str, branch_id: str, text: str, *, as_it_is: bool
) -> Iterable[Any] | None:
    """The rows of the prompts of a branch that may say a folded text; None if any may.

    Raises `Behind` where the index should be caught up first, unless it is to be taken as it is.
    """
    query = _query(text)
    where = {"session_id": session_id, "branch_id": branch_id}
    turns = tx.value("last_turn", **where) or 0
    if query is None or turns <= FEW:
        return None
    there = index.position(tx, PROMPTS)
    if there is None or index.behind(tx, there[0]) > _TAIL:
        if as_it_is:
            return None
        raise Behind
    first, last = tx.row("session_span", session_id=session_id)
    most = max(FEW, turns // _SELECTIVE)
    try:
        found = tx.rows("prompts_matching", query=query, first=first, last=last, most=most)
    except sqlite3.DatabaseError as error:
        if as_it_is:
            return None
        raise Behind(is_damaged=True) from error
    if len(found) == most:
        return None
    found += tx.rows("messages_of_branch_after", after=there[0], **where)
    ids = json.dumps(list({message_id for (message_id,) in found}))
    return tx.run("user_messages_among", message_ids=ids, long=LONG, **where)


def _query(text: str) -> str | None:
    """What to ask the index for; None for a text that is too short for it."""
    known = _storable(text)
    trigrams = {known[at : at + _TRIGRAM] for at in range(len(known) - _TRIGRAM + 1)}
    if not trigrams:
        return None
    chosen = sorted(trigrams)
    chosen = chosen[:: -(-len(chosen) // _MOST_TRIGRAMS)]
    terms = " AND ".join(_quoted(trigram) for trigram in chosen)
    return f"({terms}) OR {_quoted(_UNREADABLE)}"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _text(data: bytes, is_known: bool) -> str | None:
    try:
        item = decode(data)
    except ValueError:
        return _UNREADABLE
    if not is_known and message_type(item) != "user":
        return None
    return _storable(folded(text_of(item)))


def _storable(text: str) -> str:
    """The text without what ends a text in SQLite, or is none there; the same for every text."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode()


PROMPTS = Index(
    name="convo_prompts",
    key="convo_prompts",
    answers=False,
    create="create_convo_prompts",
    enter="enter_prompt",
    drop="drop_convo_prompts",
    drop_parts=(
        "drop_convo_prompts_data",
        "drop_convo_prompts_idx",
        "drop_convo_prompts_config",
    ),
    text=_text,
    long=_UNREADABLE,
)
