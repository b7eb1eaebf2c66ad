"""The full-text index of prompts and answers, caught up before a search.

Writes do not update it, and messages of other programs are found too. For each session it is noted
up to which message the index goes. The words are split and folded before they are sent: a server
that sorts by bytes folds no letter outside ASCII.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from convo.errors import DatabaseError
from convo.storage.search_index import Candidates, Contents, Progress, Stale, Term, Write
from convo.storage.transaction import Transaction
from convo.storage.values import MAX_INTEGER

_SESSIONS = 1_000
_MESSAGES = 2_000
_LENGTH = 4_000_000
"""The most sessions, messages of a session, and characters that one transaction enters."""

_LAST_PLACE = 16_383
_MOST_PLACES = 255
_LONGEST_WORD = 2_000
"""What a `tsvector` can hold: the place of a word, the places of one word, and its bytes."""

_MOST_TERMS = 32
"""The most terms of a search that are passed to the index."""

_WORD = re.compile(r"[A-Za-z0-9]+")


class WordsIndex:
    """A `SearchIndex` in a table with a `tsvector` for each message."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents

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
        where = {"session_id": session_id, "branch_id": branch_id, "source": source}
        query, limit = query_of(terms), MAX_INTEGER if most is None else most
        if not query:
            return Candidates([], MAX_INTEGER)
        marked = quoted_word(self._contents.marker)
        tx.ahead("messages_matching", query=query, most=limit, **where)
        tx.ahead("messages_matching", query=marked, most=MAX_INTEGER, **where)
        if tx.rows("sessions_behind_index", index=self._key, session_id=session_id, most=1):
            return Stale()
        rows = tx.rows("messages_matching", query=query, most=limit, **where)
        rows += tx.rows("messages_matching", query=marked, most=MAX_INTEGER, **where)
        return Candidates(list(dict.fromkeys(message_id for (message_id,) in rows)), MAX_INTEGER)

    async def catch_up(
        self, write: Write, stale: Stale, progress: Callable[[Progress], None] | None = None
    ) -> None:
        """See `SearchIndex`."""
        try:
            total = 0
            while True:
                at = await write(self._advance)
                # The last part does not know how many there were before it.
                total = max(total, at.total)
                is_done = at.done >= at.total
                if progress is not None:
                    progress(Progress(total, total) if is_done else at)
                if is_done:
                    return
        except DatabaseError:
            # The messages themselves are searched.
            return

    def forget_above(self, tx: Transaction, message_id: int) -> None:
        """See `SearchIndex`."""
        tx.execute("forget_sessions_indexed_above", index=self._key, message_id=message_id)

    def drop(self, tx: Transaction) -> None:
        """See `SearchIndex`."""
        tx.execute("drop_words")
        tx.execute("forget_indexed_sessions", index=self._key)

    @property
    def _key(self) -> str:
        return self._contents.key

    def _advance(self, tx: Transaction) -> Progress:
        """Enter the next messages of the sessions that are behind."""
        length = entered = 0
        where = {"index": self._key, "session_id": None, "most": _SESSIONS}
        behind = tx.rows("sessions_behind_index", **where)
        is_all = len(behind) < _SESSIONS
        for session_id, after, last in behind:
            entries, up_to = self._entries(tx, session_id, after, last)
            if entries:
                tx.insert("enter_words", entries)
            note = {"index": self._key, "session_id": session_id, "message_id": up_to}
            tx.execute("note_session_indexed", **note)
            entered += len(entries)
            length += sum(len(str(entry["words"])) for entry in entries)
            if up_to < last or length > _LENGTH:
                is_all = False
                break
        if is_all:
            return Progress(entered, entered)
        # To count takes a look at every message: only what takes longer anyway is worth that.
        left, total = tx.row("messages_behind_index", index=self._key)
        tx.execute("drop_words_of_deleted")
        return Progress(total - left, total)

    def _entries(
        self, tx: Transaction, session_id: str, after: int, last: int
    ) -> tuple[list[dict[str, Any]], int]:
        """The entries of the next messages of a session, and the message up to which they go."""
        span = {"session_id": session_id, "after": after, "last": last, "most": _MESSAGES}
        rows = tx.rows("messages_of_session_to_index", long=self._contents.longest, **span)
        entries = []
        for message_id, data in rows:
            marker = self._contents.marker
            text = marker if data is None else self._contents.text(data, True)
            if text is not None:
                words = quoted_word(marker) if text == marker else vector_of(text, marker)
                entries.append({"message_id": message_id, "words": words})
        return entries, rows[-1][0] if len(rows) == _MESSAGES else last


def vector_of(text: str, marker: str) -> str:
    """The words of a text as a `tsvector`, or only the marker if it would not hold them."""
    words = _WORD.findall(text.lower()) if text.isascii() else text.split()
    places: dict[str, list[int]] = defaultdict(list)
    for place, word in enumerate(words, 1):
        places[word].append(place)
    if len(words) > _LAST_PLACE or any(map(_is_too_much, places.items())):
        return quoted_word(marker)
    return " ".join(f"{quoted_word(word)}:{','.join(map(str, at))}" for word, at in places.items())


def _is_too_much(entry: tuple[str, list[int]]) -> bool:
    word, at = entry
    return len(at) > _MOST_PLACES or len(word.encode()) > _LONGEST_WORD


def query_of(terms: Iterable[Term]) -> str:
    """A search as a `tsquery`."""
    return " & ".join(map(_matching, list(terms)[:_MOST_TERMS]))


def _matching(term: Term) -> str:
    """A term as a `tsquery`: exact matches count twice."""
    words, is_exact = term
    exact = " <-> ".join(map(quoted_word, words))
    return f"({exact})" if is_exact else f"({exact} | {exact}:*)"


def quoted_word(word: str) -> str:
    """A word in single quotes."""
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
