"""Find the prompts that may contain a text with an index of trigrams; each is checked later."""

import re

from convo.items.encoding import decode, message_type, said_as_text, text_of
from convo.items.long_texts import LONG
from convo.storage.search_index import Candidates, Contents, SearchIndex, Stale, Term
from convo.storage.transaction import Transaction

FEW = 250
"""So many turns are read one by one as fast as the index is queried."""

_TAIL = 1_000
"""So many messages missing in the index are read faster than they are entered."""

_TRIGRAM = 3
_MOST_TRIGRAMS = 12
"""Trigrams of a long text to query: enough to tell one prompt from others."""

_UNREADABLE = "\ufdd0" * _TRIGRAM
"""Marks an unreadable or long prompt, so that every search returns it."""

_SELECTIVE = 4
"""If the index returns more than one prompt in so many, reading them all is faster."""

_PLAIN = re.compile(r"[ !#-.0-\[\]-~]+")
"""Characters that JSON writes as they are, or else only as `\\u…`."""

_LONGEST_PATTERN = 1_000
"""Characters of a text that a statement compares; SQLite allows fifty times as many."""


def folded(text: str) -> str:
    """The text case-folded, for comparison."""
    return text.casefold()


def possible(
    tx: Transaction, index: SearchIndex | None, session_id: str, branch_id: str, text: str
) -> list[int] | Stale | None:
    """The messages of a branch that may contain a folded text; None if any of them may.

    Without an index, any may.
    """
    terms = _terms(text)
    where = {"session_id": session_id, "branch_id": branch_id}
    if index is None or not terms:
        return None
    turns = tx.value("last_turn", **where) or 0
    if turns <= FEW:
        return None
    most = max(FEW, turns // _SELECTIVE)
    found = index.candidates(tx, terms, most=most, **where)
    if not isinstance(found, Candidates):
        return found
    if len(found.message_ids) >= most:
        return None
    later = tx.rows("messages_of_branch_after", after=found.up_to, **where)
    return list({*found.message_ids, *(message_id for (message_id,) in later)})


def pattern(text: str) -> str | None:
    """A LIKE pattern for JSON that contains a folded text; None if the text is not ASCII.

    Only use it on JSON that is ASCII and contains no `\\u…`.
    """
    if not text.isascii():
        return None
    longest = max(_PLAIN.findall(text), key=len, default="")[:_LONGEST_PATTERN]
    escaped = longest.replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _terms(text: str) -> list[Term]:
    """The terms to query the index for; none if the text is too short."""
    known = _storable(text)
    trigrams = {known[at : at + _TRIGRAM] for at in range(len(known) - _TRIGRAM + 1)}
    chosen = sorted(trigrams)
    step = max(1, -(-len(chosen) // _MOST_TRIGRAMS))
    return [((trigram,), True) for trigram in chosen[::step]]


def _text(data: bytes, is_known: bool) -> str | None:
    if is_known and (text := said_as_text(data, refusals=False)) is not None:
        return _storable(folded(text))
    try:
        item = decode(data)
    except ValueError:
        return _UNREADABLE
    if not is_known and message_type(item) != "user":
        return None
    return _storable(folded(text_of(item)))


def _storable(text: str) -> str:
    """The text with NUL and lone surrogates replaced, which SQLite cannot hold in a text."""
    text = text.replace("\0", " ")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


PROMPTS = Contents(
    name="convo_prompts",
    key="convo_prompts",
    answers=False,
    text=_text,
    marker=_UNREADABLE,
    longest=LONG,
    tail=_TAIL,
)
