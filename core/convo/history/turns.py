"""List and search the turns of a branch, and say what they consist of."""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from convo.items.decoding import Unreadable, in_batches, still
from convo.items.encoding import decode, preview, text_of, texts_of
from convo.items.long_texts import LONG, says
from convo.marks import marks
from convo.records import NO_MARKS, Cut, LandedTurn, TurnInfo
from convo.results import ConversationTurn, TurnItem
from convo.search import prompts
from convo.storage import values
from convo.storage.search_index import SearchIndex, Stale
from convo.storage.transaction import Transaction
from convo.storage.values import MAX_INTEGER, iso_utc
from convo.usage import totals
from convo.usage.totals import Run
from convo.usage_records import COMPLETED, Tokens

_MOST_LANDED = 50
"""The most turns of other programs that are reported at once."""

_AT_ONCE = 256
"""Rows that are fetched before they are used: few enough for the processor's cache."""

_SHOWN = 100
"""Characters of a turn's content that a list of turns shows."""


class LastRun(NamedTuple):
    """The agent that a turn ended with, and the JSON Schema that its answer had to match.

    `model`, `base_url` and `asked_agent` say how it was asked.
    """

    agent: str | None = None
    answer_schema: str | None = None
    model: str | None = None
    base_url: str | None = None
    asked_agent: str | None = None


def last_run(tx: Transaction, session_id: str, branch_id: str, turn: int) -> LastRun:
    """The last run of a turn, on whichever branch it was asked."""
    where = {"session_id": session_id, "branch_id": branch_id, "turn": turn}
    row = tx.row("last_run_of_turn", **where)
    return LastRun() if row is None else LastRun(*map(values.text, row))


def listed(
    tx: Transaction,
    session_id: str,
    branch_id: str,
    unreadable: Unreadable,
    newest: int | None = None,
) -> list[TurnInfo]:
    """The turns of a branch, or only the `newest` of them, in order.

    A turn's usage is given on every branch that shares the turn.
    """
    where = {"session_id": session_id, "branch_id": branch_id}
    limit = MAX_INTEGER if newest is None else newest
    said = tx.rows("newest_questions", limit=limit, **where)[::-1]
    first = min((row[4] for row in said), default=0) if newest else -MAX_INTEGER
    tools: dict[int, list[str]] = {}
    for tool, _, turn in tx.rows("tool_usage", first=first, **where):
        tools.setdefault(turn, []).append(tool)
    cuts = cut(tx, session_id, branch_id)
    marked = marks.of_branch(tx, session_id, branch_id)
    spent = _spent(tx, session_id, [row[0] for row in said])
    infos = []
    for message_id, data, number, created_at, _ in said:
        try:
            text = text_of(decode(data))
        except ValueError as error:
            unreadable.tell(message_id, error)
            text = ""
        called = tuple(tools.get(number, ()))
        model, tokens = spent.get(message_id, (None, None))
        when = iso_utc(created_at)
        why, marks_of = cuts.get(number), marked.get(number, NO_MARKS)
        infos.append(TurnInfo(number, text, called, model, tokens, when, why, marks_of))
    return infos


def conversation(
    tx: Transaction, session_id: str, branch_id: str, unreadable: Unreadable
) -> list[ConversationTurn]:
    """Every turn of a branch that a user message began, its content shortened to a preview."""
    turns: list[ConversationTurn] = []
    where = {"session_id": session_id, "branch_id": branch_id}
    ids = cache(lambda: [found for (found,) in tx.rows("ids_of_user_messages", **where)])
    with still:
        for batch, items in in_batches(tx.each("user_messages", **where), unreadable, ids):
            # Built inline: a function call would cost as much as parsing the JSON.
            turns += [
                {
                    "turn": number,
                    "content": text if len(text) <= _SHOWN else text[:_SHOWN] + "...",
                    "full_content": content,
                    "timestamp": created_at,
                    "can_branch": True,
                }
                for (_, number, created_at), item in zip(batch, items, strict=True)
                if isinstance(item, dict)
                for content in (item.get("content", ""),)
                for text in (content if isinstance(content, str) else preview(content),)
            ]
    return turns


def cut(tx: Transaction, session_id: str, branch_id: str) -> dict[int, Cut]:
    """The turns of a branch with an incomplete answer, and the reason."""
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
    """The turns whose user message contains `term`, case-insensitively, in any part of its content.

    Without an index of the prompts, every prompt of the branch is read.
    """
    folded = prompts.folded(term)
    where = {"session_id": session_id, "branch_id": branch_id}
    ids = prompts.possible(tx, index, session_id, branch_id, folded)
    if isinstance(ids, Stale):
        return ids
    if ids is None:
        like = prompts.patterns(folded)
        rows = tx.each("prompts_that_may_say", long=LONG, **like, **where)
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
                    # Built inline: a function call would cost as much as parsing the JSON.
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
        return folded in content or folded in content.casefold()
    return not folded or any(folded in prompts.folded(text) for text in texts_of(content))


def _without_long(
    tx: Transaction, rows: Iterable[Any], folded: str, unreadable: Unreadable
) -> Iterator[Any]:
    """The rows without the long ones that do not contain a text; those are searched in pieces."""
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
    """The items of every turn of a branch, by type and tool, in order."""
    turns: dict[int, list[TurnItem]] = {}
    before: int | None = None
    add = list[TurnItem]().append
    rows = iter(tx.each("turn_items", session_id=session_id, branch_id=branch_id))
    with still:
        while some := list(islice(rows, _AT_ONCE)):
            for turn, kind, tool in some:
                if turn != before or before is None:
                    before, add = turn, turns.setdefault(turn, []).append
                add({"type": kind, "tool_name": tool})
    return turns


def tool_usage(tx: Transaction, session_id: str, branch_id: str) -> list[tuple[str, int, int]]:
    """How often each turn called each tool: (tool, count, turn), by turn and tool."""
    return tx.rows("tool_usage", session_id=session_id, branch_id=branch_id, first=-MAX_INTEGER)


def landed(tx: Transaction, session_id: str, after: int | None) -> tuple[int, list[LandedTurn]]:
    """The id of a session's newest message, and the turns that began after the message `after`.

    With `after` None, no turns are looked up.
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


def _spent(
    tx: Transaction, session_id: str, message_ids: list[int]
) -> dict[int, tuple[str | None, Tokens | None]]:
    """Model and tokens by the message that began the turn, whichever branch the run was on."""
    lowest = min(message_ids, default=0)
    runs: dict[int, list[Run]] = {}
    answering: dict[int, list[Run]] = {}
    rows = tx.rows("runs_since_message", session_id=session_id, message_id=lowest)
    for message_id, status, *spent in rows:
        run = totals.run_of(*spent)
        runs.setdefault(message_id, []).append(run)
        if status == COMPLETED:
            answering.setdefault(message_id, []).append(run)
    # Only completed runs count as having answered, unless there are none.
    return {
        message_id: (totals.model_of(answering.get(message_id, found)), totals.tokens_of(found))
        for message_id, found in runs.items()
    }
