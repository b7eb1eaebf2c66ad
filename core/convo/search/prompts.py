"""Find the prompts that may contain a text with an index of trigrams; each is checked later."""

import json
import re
from functools import cache
from itertools import chain

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

_PLAIN = re.compile(r"[ !#$%()*,.0-;?-\[\]^_a-~-]+")
"""Characters that all programs write in JSON as they are; some escape quotes and what HTML uses."""

_SPELLED_OTHERWISE = [
    (re.compile(may_be), pattern)
    for may_be, pattern in (
        ("ss|^s|s$", "%df%"),  # ß
        ("ss|^s|[htwyas]$", "%1e9%"),  # ẖẗẘẙẚẞ
        ("s", "%17f%"),  # the long s
        ("k", "%12a%"),  # the sign of kelvin
        ("f[fil]|st|^[filt]|[fs]$", "%fb0%"),  # ﬀﬁﬂﬃﬄﬅﬆ
        ("i$", "%130%"),  # İ
        ("^n", "%149%"),  # ŉ
        ("j$", "%1f0%"),  # ǰ
    )
]
"""Where characters beyond ASCII may be the same as ASCII when folded, as "ß" is "ss", and what the
escapes of those characters contain. All escapes have a "u": to compare it would take longer."""

_CERTAIN = re.compile(r"[^fks%_]+")
_BEGINS, _ENDS = "ilnt", "ahijtwy"
"""What is left of a text without these at its ends is spelled in one way."""

_ESCAPE = "\\u"

_ANY = "\0"
"""Stands for any digit of an escape."""

_MOST_OTHERS = 5

_CASED = (range(0x80, 0x2E80), range(0xA640, 0xABC0), range(0xFB00, 0xFF60))
"""Where letters with upper and lower case are, but for those that are two escapes in JSON."""

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
    where = {"session_id": session_id, "branch_id": branch_id}
    if index is None or len(text) < _TRIGRAM:
        return None
    turns = tx.value("last_turn", **where) or 0
    if turns <= FEW:
        return None
    terms = _terms(text)
    most = max(FEW, turns // _SELECTIVE)
    found = index.candidates(tx, terms, most=most, **where)
    if not isinstance(found, Candidates):
        return found
    if len(found.message_ids) >= most:
        return None
    later = tx.rows("messages_of_branch_after", after=found.up_to, **where)
    return list({*found.message_ids, *(message_id for (message_id,) in later)})


def patterns(text: str) -> dict[str, str | None]:
    """LIKE patterns, one of which fits all JSON in ASCII that contains a folded text.

    `other_1` and so on are for JSON that spells it otherwise, in escapes; those left are None.
    """
    # Whatever is not ASCII is escaped.
    part = max(_parts(text[:_LONGEST_PATTERN]), key=len, default="" if text.isascii() else _ESCAPE)
    others: list[str | None] = [*_others(part)]
    others += [None] * (_MOST_OTHERS - len(others))
    escaped = re.sub(r"[\\%_]", r"\\\g<0>", part).replace(_ANY, "_")
    return {
        "pattern": f"%{escaped}%",
        **{f"other_{number}": other for number, other in enumerate(others, 1)},
    }


def _others(part: str) -> list[str]:
    """Patterns of which one fits all JSON in ASCII that spells a part of a text otherwise."""
    others = [pattern for may_be, pattern in _SPELLED_OTHERWISE if may_be.search(part)]
    if not others:
        return []
    cores = [core.lstrip(_BEGINS).rstrip(_ENDS) for core in _CERTAIN.findall(part)]
    core = max(cores, key=len, default="")
    if len(core) >= _TRIGRAM:
        return [f"%{core.replace(_ANY, '_')}%"]
    return others if len(others) <= _MOST_OTHERS else [f"%{_ESCAPE}%"]


def _parts(text: str) -> list[str]:
    """The parts of a folded text that JSON writes in one way, but for upper and lower case."""
    if _PLAIN.fullmatch(text):
        return [text]
    parts = [""]
    for char in text:
        written = char if _PLAIN.match(char) else _written(char)
        if written is None:
            parts.append("")
        else:
            parts[-1] += written
    return [part for part in parts if part]


def _written(char: str) -> str | None:
    """The escape of a character; None if there are several, and they are not alike."""
    if char.isascii():
        return None
    cased = _escapes_of_cased()
    if char in cased:
        return cased[char]
    return _escape(char) if char == char.upper() else None


@cache
def _escapes_of_cased() -> dict[str, str | None]:
    """The escape of each folded letter, with `_ANY` for digits that depend on the case.

    None for those that begin, or end, what a single letter becomes when folded.
    """
    escapes: dict[str, str | None] = {}
    for letter in map(chr, chain.from_iterable(_CASED)):
        folded = letter.casefold()
        for char in folded if folded != letter else "":
            if len(folded) > 1:
                escapes[char] = None
            elif not char.isascii() and (before := escapes.get(char, _escape(char))) is not None:
                both = zip(before, _escape(letter), strict=True)
                escapes[char] = "".join(one if one == other else _ANY for one, other in both)
    return escapes


def _escape(char: str) -> str:
    """The escape of a character, in capitals: `_SPELLED_OTHERWISE` is about small letters."""
    return json.dumps(char)[1:-1].upper()


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
