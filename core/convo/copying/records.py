"""What a copy is made of: records of one row each, which go through a file from one database to
the other, and what tells a good copy."""

from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any, NamedTuple

from convo.documents.fields import CUTS, MESSAGES, PENDING, RUNS, STRUCTURE, USED

SCOPE, SETTINGS, FORMER_NAME = "scope", "settings", "former_name"
REMOVED, IMPORT, IMPORTED_TURN = "removed", "import", "imported_turn"
EVAL, EVAL_RESULT = "eval", "eval_result"

_WITH_OTHERS = frozenset({USED.key, RUNS.key, PENDING.key, EVAL, EVAL_RESULT})
"""Kinds of which the other database may have had some: they outlive a session."""

_NOT_ALWAYS_NEW = frozenset({FORMER_NAME, IMPORT, IMPORTED_TURN})
"""Kinds that the other database may know from elsewhere, and does not take then."""

_SIZE = 16
_MODULUS = 1 << (8 * _SIZE)


class Record(NamedTuple):
    """One row: its kind, its values, and of a row that has been removed, the entry that did it.

    The ids in it are those of the database that it comes from.
    """

    key: str
    values: tuple[Any, ...]
    removed_id: int | None = None


class Scope(NamedTuple):
    """Under which name the rows that follow are kept; of a deleted session, what is known of it.

    `name` is None for rows of the ledger alone.
    """

    name: str
    is_session: bool
    created_at: str | None = None
    updated_at: str | None = None
    deleted: tuple[Any, ...] | None = None
    is_current: bool = False


class Tally:
    """Counts the records of a copy, and hashes every line of turns, scope by scope.

    Two copies of one session have equal tallies, whatever ids their rows have.
    """

    def __init__(self) -> None:
        self.scopes: list[ScopeTally] = []

    def each(self, records: Iterable[Record]) -> Iterator[Record]:
        """Pass records on, and take note of them."""
        for record in records:
            if record.key == SCOPE:
                self.scopes.append(ScopeTally())
            self.scopes[-1].take(record)
            yield record

    def count(self, key: str) -> int:
        """The number of records of a kind."""
        return sum(scope.counts[key] for scope in self.scopes)


class ScopeTally:
    """The tally of the rows that are kept under one name."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.lines: dict[object, int] = {}
        self._messages: dict[object, bytes] = {}
        self._entries: dict[int, int] = {}

    def take(self, record: Record) -> None:
        """Take note of one record."""
        key, values, removed_id = record
        if key == CUTS.key and values[0] not in self._messages:
            # Left behind by a message that has been deleted for good.
            return
        self.counts[key if removed_id is None else f"removed {key}"] += 1
        if key == MESSAGES.key:
            self._messages[values[0]] = _hash(values[1])
        elif key == STRUCTURE.key:
            _, message_id, branch, *told, _ = values
            # Of removed rows, by the order of their entries, which have other ids elsewhere.
            number = removed_id and self._entries.setdefault(removed_id, len(self._entries))
            line = number if branch is None else branch
            said = self._messages.get(message_id, b"")
            # A sum, because rows come by their ids: the sequence numbers in it are the order.
            told_as = int.from_bytes(_hash(said + repr(told).encode(errors="surrogatepass")))
            self.lines[line] = (self.lines.get(line, 0) + told_as) % _MODULUS

    def differences(self, copy: "ScopeTally") -> list[str]:
        """What the copy has not like this original."""
        found = [
            key
            for key in sorted({*self.counts, *copy.counts})
            if key not in _NOT_ALWAYS_NEW
            and (
                self.counts[key] > copy.counts[key]
                if key in _WITH_OTHERS
                else self.counts[key] != copy.counts[key]
            )
        ]
        return found if self.lines == copy.lines else [*found, "text of a line"]


def _hash(data: object) -> bytes:
    told = data if isinstance(data, bytes) else repr(data).encode(errors="surrogatepass")
    return blake2b(told, digest_size=_SIZE).digest()
