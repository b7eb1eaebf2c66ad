"""The turns of a branch whole, each item taken apart into what is said, called and given back."""

from typing import NamedTuple

from convo.history import turns
from convo.items.contents import TranscriptItem, taken_apart
from convo.items.decoding import Unreadable
from convo.items.encoding import Item, decode
from convo.records import Cut, Tokens
from convo.storage import values
from convo.storage.transaction import Transaction
from convo.storage.values import MAX_INTEGER, iso_utc


class TranscriptTurn(NamedTuple):
    """One turn and all its items; number 0 holds what stands before the first question.

    `model` and `tokens` are None where nothing was stored of what the turn cost. `cut` says why the
    answer has no end, and is None where it has.
    """

    turn: int
    items: tuple[TranscriptItem, ...]
    model: str | None
    tokens: Tokens | None
    created_at: str
    cut: Cut | None = None


def read(
    tx: Transaction,
    session_id: str,
    branch_id: str,
    first: int | None,
    last: int | None,
    unreadable: Unreadable,
) -> list[TranscriptTurn]:
    """The turns from `first` to `last`, each None for no bound. Only their rows are read."""
    where = {
        "session_id": session_id,
        "branch_id": branch_id,
        "first": -MAX_INTEGER if first is None else first,
        "last": MAX_INTEGER if last is None else last,
    }
    spent: dict[int, tuple[str | None, Tokens]] = {
        turn: (values.text(model), Tokens.from_row(counts, estimated))
        for turn, model, estimated, *counts in tx.rows("runs_of_turns", **where)
    }
    items: dict[int, list[Item]] = {}
    times: dict[int, str] = {}
    for number, message_id, data, created_at in tx.rows("items_of_turns", **where):
        turn = number if isinstance(number, int) else 0
        times.setdefault(turn, created_at)
        said = items.setdefault(turn, [])
        try:
            said.append(decode(data))
        except ValueError as error:
            unreadable.tell(message_id, error)
    cut = turns.cut(tx, session_id, branch_id)
    result = []
    for turn in sorted(items):
        model, tokens = spent.get(turn, (None, None))
        parts = taken_apart(items[turn])
        when = iso_utc(times[turn])
        result.append(TranscriptTurn(turn, parts, model, tokens, when, cut.get(turn)))
    return result
