"""The turns of a branch as a list shows them: what was asked, which tools were called, the cost."""

from convo.history import turns
from convo.items.encoding import decode, text_of
from convo.items.unreadable import Unreadable
from convo.records import COMPLETED, Tokens, TurnInfo
from convo.storage.transaction import Transaction
from convo.storage.values import MAX_INTEGER, iso_utc
from convo.usage import totals


def summaries(
    tx: Transaction,
    session_id: str,
    branch_id: str,
    unreadable: Unreadable,
    newest: int | None = None,
) -> list[TurnInfo]:
    """The turns of a branch, or so many of the newest, in order.

    What a turn cost is told on every branch that shares it.
    """
    where = {"session_id": session_id, "branch_id": branch_id}
    limit = MAX_INTEGER if newest is None else newest
    said = tx.rows("newest_questions", limit=limit, **where)[::-1]
    first = min((row[4] for row in said), default=0) if newest else -MAX_INTEGER
    tools: dict[int, list[str]] = {}
    for tool, _, turn in tx.rows("tool_usage", first=first, **where):
        tools.setdefault(turn, []).append(tool)
    cut = turns.cut(tx, session_id, branch_id)
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
        infos.append(TurnInfo(number, text, called, model, tokens, when, cut.get(number)))
    return infos


def _spent(
    tx: Transaction, session_id: str, message_ids: list[int]
) -> dict[int, tuple[str | None, Tokens | None]]:
    """Model and tokens by the message that began the turn, of whatever branch the run was."""
    lowest = min(message_ids, default=0)
    runs: dict[int, list[totals.Run]] = {}
    for run in tx.rows("runs_since_message", session_id=session_id, message_id=lowest):
        runs.setdefault(run[0], []).append(run)
    return {
        message_id: (totals.model_of(_answering(found)), totals.tokens_of(found))
        for message_id, found in runs.items()
    }


def _answering(runs: list[totals.Run]) -> list[totals.Run]:
    """Those that came to a good end, unless none has: the others did not answer."""
    return [run for run in runs if run[1] == COMPLETED] or runs
