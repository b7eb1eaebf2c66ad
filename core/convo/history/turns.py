"""The turns of a branch: listed, searched, taken apart."""

from collections import defaultdict
from typing import Any

from convo.items.collecting import still
from convo.items.decoding import in_batches
from convo.items.encoding import decode, preview, text_of, texts_of
from convo.items.long_texts import LONG, says
from convo.items.unreadable import Unreadable
from convo.records import Cut, LandedTurn
from convo.results import ConversationTurn, TurnItem
from convo.search import prompts
from convo.storage.transaction import MAX_INTEGER, Transaction

_MOST_LANDED = 50
"""How many turns of others are reported at once."""

PREVIEW_LENGTH = 100
"""Characters of a turn's content that a list of turns shows."""


def conversation(
    tx: Transaction, session_id: str, branch_id: str, unreadable: Unreadable
) -> list[ConversationTurn]:
    """Every turn of a branch that a user message began, the content cut to a preview."""
    turns: list[ConversationTurn] = []
    rows = tx.run("user_messages", session_id=session_id, branch_id=branch_id)
    with still:
        for batch, items in in_batches(rows, unreadable):
            for (_, _, number, created_at), item in zip(batch, items, strict=True):
                if isinstance(item, dict):
                    content = item.get("content", "")
                    # Made here, not by a call: that would cost as much as reading the JSON.
                    turns.append(
                        {
                            "turn": number,
                            "content": preview(content, PREVIEW_LENGTH),
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
    session_id: str,
    branch_id: str,
    term: str,
    unreadable: Unreadable,
    *,
    as_it_is: bool = True,
) -> list[ConversationTurn]:
    """The turns whose user message says `term`, in any case, in its content or in a part of it.

    Raises `Behind` where it pays to catch up the index of prompts first, unless that is to be
    taken as it is.
    """
    folded = prompts.folded(term)
    where = {"session_id": session_id, "branch_id": branch_id}
    rows = prompts.possible(tx, session_id, branch_id, folded, as_it_is=as_it_is)
    if rows is None:
        rows = tx.run("prompts_of_branch", long=LONG, **where)
    found = []
    for message_id, data, number, created_at in rows:
        try:
            if data is None and not says(tx.pieces(message_id), folded):
                continue
            item = decode(data or tx.value("message_data", message_id=message_id))
        except ValueError as error:
            unreadable.tell(message_id, error)
            continue
        content = item.get("content", "") if isinstance(item, dict) else None
        is_said = not folded or any(folded in prompts.folded(text) for text in texts_of(content))
        if isinstance(item, dict) and is_said:
            found.append(_turn(number, content, created_at))
    return found


def items_by_turn(tx: Transaction, session_id: str, branch_id: str) -> dict[int, list[TurnItem]]:
    """What every turn of a branch consists of, in order."""
    turns: dict[int, list[TurnItem]] = defaultdict(list)
    for turn, kind, tool in tx.rows("turn_items", session_id=session_id, branch_id=branch_id):
        turns[turn].append(TurnItem(type=kind, tool_name=tool))
    return dict(turns)


def tool_usage(tx: Transaction, session_id: str, branch_id: str) -> list[tuple[str, int, int]]:
    """How often each turn called each tool: (tool, count, turn), by turn and tool."""
    return [
        (tool, count, turn)
        for tool, count, turn in tx.rows(
            "tool_usage", session_id=session_id, branch_id=branch_id, first=-MAX_INTEGER
        )
    ]


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


def number_range(tx: Transaction, session_id: str, branch_id: str) -> tuple[int, int] | None:
    """The first and the last turn of a branch; None where nobody has asked anything."""
    first, last = tx.row("turn_range", session_id=session_id, branch_id=branch_id)
    return None if first is None else (first, last)


def _turn(number: int, content: Any, created_at: str) -> ConversationTurn:
    return {
        "turn": number,
        "content": preview(content),
        "full_content": content,
        "timestamp": created_at,
        "can_branch": True,
    }
