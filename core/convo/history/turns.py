"""The turns of a branch: listed, searched, taken apart."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from convo.items.collecting import still
from convo.items.decoding import in_batches
from convo.items.encoding import decode, preview, text_of, texts_of
from convo.items.long_texts import LONG, says
from convo.items.unreadable import Unreadable
from convo.records import Cut, LandedTurn
from convo.results import ConversationTurn, TurnItem
from convo.search import prompts
from convo.storage.search_index import SearchIndex, Stale
from convo.storage.transaction import Transaction
from convo.storage.values import MAX_INTEGER

_MOST_LANDED = 50
"""How many turns of others are reported at once."""

_SHOWN = 100
"""Characters of a turn's content that a list of turns shows."""


def conversation(
    tx: Transaction, session_id: str, branch_id: str, unreadable: Unreadable
) -> list[ConversationTurn]:
    """Every turn of a branch that a user message began, the content cut to a preview."""
    turns: list[ConversationTurn] = []
    rows = tx.each("user_messages", session_id=session_id, branch_id=branch_id)
    with still:
        for batch, items in in_batches(rows, unreadable):
            for (_, _, number, created_at), item in zip(batch, items, strict=True):
                if isinstance(item, dict):
                    content = item.get("content", "")
                    text = content if isinstance(content, str) else preview(content)
                    # Made here, not by a call: that would cost as much as reading the JSON.
                    turns.append(
                        {
                            "turn": number,
                            "content": text if len(text) <= _SHOWN else text[:_SHOWN] + "...",
                            "full_content": content,
                            "timestamp": created_at,
                            "can_branch": True,
                        }
                    )
    return turns


def cut(tx: Transaction, session_id: str, branch_id: str) -> dict[int, Cut]:
    """The turns of a branch whose answer has no end, each with the reason."""
    rows = tx.rows("cut_turns", session_id=session_id, branch_id=branch_id)
    return {turn: "interrupted" if why == "interrupted" else "tokens" for turn, why in rows}


def containing(
    tx: Transaction,
    index: SearchIndex | None,
    session_id: str,
    branch_id: str,
    term: str,
    unreadable: Unreadable,
) -> list[ConversationTurn] | Stale:
    """The turns whose user message says `term`, in any case, in its content or in a part of it.

    Without an index of the prompts every prompt of the branch is looked at.
    """
    folded = prompts.folded(term)
    where = {"session_id": session_id, "branch_id": branch_id}
    ids = prompts.possible(tx, index, session_id, branch_id, folded)
    if isinstance(ids, Stale):
        return ids
    if ids is None:
        like = prompts.pattern(folded)
        rows = tx.each("prompts_that_may_say", pattern=like, long=LONG, **where)
    else:
        rows = tx.each("user_messages_among", message_ids=json.dumps(ids), long=LONG, **where)
    found: list[ConversationTurn] = []
    with still:
        for batch, items in in_batches(_without_long(tx, rows, folded, unreadable), unreadable):
            for (_, _, number, created_at), item in zip(batch, items, strict=True):
                if not isinstance(item, dict):
                    continue
                content = item.get("content", "")
                if _says(content, folded):
                    # Made here, not by a call: that would cost as much as reading the JSON.
                    found.append(
                        {
                            "turn": number,
                            "content": content if isinstance(content, str) else preview(content),
                            "full_content": content,
                            "timestamp": created_at,
                            "can_branch": True,
                        }
                    )
    return found


def _says(content: Any, folded: str) -> bool:
    if isinstance(content, str):
        return folded in content.casefold()
    return not folded or any(folded in prompts.folded(text) for text in texts_of(content))


def _without_long(
    tx: Transaction, rows: Iterable[Any], folded: str, unreadable: Unreadable
) -> Iterator[Any]:
    """The rows, of the long ones those that say a text: they are read in pieces to see that."""
    for row in rows:
        message_id, data, *rest = row
        if data is not None:
            yield row
            continue
        try:
            is_said = says(tx.pieces(message_id), folded)
        except ValueError as error:
            unreadable.tell(message_id, error)
            continue
        if is_said:
            yield (message_id, tx.value("message_data", message_id=message_id), *rest)


def items_by_turn(tx: Transaction, session_id: str, branch_id: str) -> dict[int, list[TurnItem]]:
    """What every turn of a branch consists of, in order."""
    turns: dict[int, list[TurnItem]] = defaultdict(list)
    rows = tx.each("turn_items", session_id=session_id, branch_id=branch_id)
    with still:
        for turn, kind, tool in rows:
            turns[turn].append({"type": kind, "tool_name": tool})
    return dict(turns)


def tool_usage(tx: Transaction, session_id: str, branch_id: str) -> list[tuple[str, int, int]]:
    """How often each turn called each tool: (tool, count, turn), by turn and tool."""
    return tx.rows("tool_usage", session_id=session_id, branch_id=branch_id, first=-MAX_INTEGER)


def landed(tx: Transaction, session_id: str, after: int | None) -> tuple[int, list[LandedTurn]]:
    """The number of a session's newest message, and the turns that began after the message `after`.

    With None there are none: it is only looked where one is.
    """
    newest, _ = tx.row("adoption_state", session_id=session_id)
    if after is None or newest <= after:
        return newest, []
    rows = tx.rows("landed_turns", session_id=session_id, after=after, most=_MOST_LANDED)
    return newest, [LandedTurn(branch, turn, _asked(data)) for branch, turn, data in rows]


def _asked(data: bytes) -> str:
    try:
        return text_of(decode(data))
    except ValueError:
        return ""
