"""Records as rows for programs: the keys that scripts may rely on, and their values.

The order of the keys is that of the columns of CSV and TSV.
"""

from typing import Any

from convo.records import (
    BranchInfo,
    Merged,
    Removed,
    RemovedSession,
    Restored,
    RestoredSession,
    SessionInfo,
    TurnInfo,
    TurnMarks,
)
from convo.usage_records import Tokens, UsageRow
from convo_cli.render.data import shapes, usage_shapes

Row = dict[str, Any]

TOKEN_KEYS = tuple(shapes.TOKENS)
COST_KEYS = tuple(usage_shapes.COSTS)
SESSION_KEYS = tuple(shapes.SESSION)
BRANCH_KEYS = tuple(shapes.BRANCH)
TURN_KEYS = tuple(shapes.TURN)
REMOVED_KEYS = tuple(shapes.REMOVED)
RESTORED_KEYS = tuple(shapes.RESTORED)
USAGE_KEYS = tuple(usage_shapes.USAGE)


def session_row(info: SessionInfo) -> Row:
    """One session, by `SESSION_KEYS`."""
    return {
        "session": info.session_id,
        "branch": info.branch_id,
        "branches": info.branches,
        "turns": info.turns,
        "total_tokens": known_total(info),
        "estimated": info.estimated,
        "model": info.model,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
        "current": info.is_current,
        "source": info.source,
        "starred": info.is_starred,
    }


def known_total(info: SessionInfo) -> int | None:
    """The tokens of a session; None if it has turns with unknown usage only."""
    return info.total_tokens if info.total_tokens or not info.turns else None


def branch_row(info: BranchInfo) -> Row:
    """One branch, by `BRANCH_KEYS`."""
    return {
        "branch": info.branch_id,
        "parent": info.parent_branch_id,
        "forked_from_turn": info.forked_from_turn,
        "turns": info.user_turns,
        "messages": info.message_count,
        **token_row(info.tokens),
        "created_at": info.created_at,
        "current": info.is_current,
    }


def turn_row(info: TurnInfo) -> Row:
    """One turn, by `TURN_KEYS`, with its full text."""
    return {
        "turn": info.turn,
        "text": info.text,
        "tools": list(info.tools),
        "model": info.model,
        **token_row(info.tokens),
        "created_at": info.created_at,
        "cut": info.cut is not None,
        **marks_row(info.marks, info.merged),
    }


def marks_row(marks: TurnMarks, merged: Merged | None) -> Row:
    """The marks of a turn, by `shapes.MARKS`."""
    return {
        "note": marks.note,
        "tags": list(marks.tags),
        "starred": marks.starred,
        "merged": None if merged is None else merged.kind,
        "merged_from": None if merged is None else merged.source,
    }


def removed_row(entry: Removed) -> Row:
    """A removal that can be restored, by `REMOVED_KEYS` without `session`, with its full text."""
    return {
        "what": entry.what,
        "branch": entry.branch_id,
        "first_turn": entry.first_turn,
        "last_turn": entry.last_turn,
        "turns": entry.turns,
        "text": entry.text,
        "removed_at": entry.removed_at,
    }


def removed_session_row(session: RemovedSession) -> Row:
    """A deleted session that can be restored, by `REMOVED_KEYS`."""
    return {
        "session": session.session_id,
        "what": "session",
        "branch": None,
        "first_turn": None,
        "last_turn": None,
        "turns": session.turns,
        "text": session.text,
        "removed_at": session.removed_at,
    }


def restored_row(one: Restored) -> Row:
    """A restored removal, by `RESTORED_KEYS`; `branch` is where it is now."""
    taken = removed_row(one.removed)
    where = {"branch": one.branch_id, "taken_from": taken.pop("branch")}
    return {**where, **taken, "lost_items": one.lost_items}


def restored_session_row(one: RestoredSession) -> Row:
    """A restored session, by `RESTORED_KEYS`; its current branch, and its name as `taken_from`."""
    taken = removed_session_row(one.removed)
    where = {"branch": one.branch_id, "taken_from": taken.pop("session")}
    del taken["branch"]
    return {**where, **taken, "lost_items": one.lost_items}


def usage_row(usage: UsageRow) -> Row:
    """Tokens of a session, a branch or a turn, by `USAGE_KEYS`."""
    return {
        "session": usage.session_id or None,
        "branch": usage.branch_id,
        "deleted": usage.is_deleted,
        "turn": usage.turn,
        "text": usage.text,
        "model": usage.model,
        "turns": usage.turns,
        **token_row(usage.tokens),
        "status": usage.status,
        **cost_row(usage),
    }


_OF_DOLLARS = 9
"""Digits after the point: a token costs less than a millionth, and rows have to add up."""


def cost_row(usage: UsageRow) -> Row:
    """What tokens cost and how long that took, by `COST_KEYS`; null for what is not known."""
    money, timing = usage.money, usage.timing
    return {
        "cache_write_tokens": usage.cache_write_tokens,
        "cost_usd": _rounded(money.cost, _OF_DOLLARS),
        "unpriced_runs": money.unpriced,
        "recorded_cost_usd": _rounded(money.recorded, _OF_DOLLARS),
        "first_token_s": _rounded(timing.to_first_token, 3),
        "duration_s": _rounded(timing.duration_s, 3),
        "tokens_per_second": _rounded(timing.tokens_per_second, 1),
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def token_row(tokens: Tokens | None) -> Row:
    """Token counts, by `TOKEN_KEYS`; if they are unknown, all but the requests are null."""
    if tokens is None:
        return dict.fromkeys(TOKEN_KEYS)
    if tokens.is_unknown:
        return {**dict.fromkeys(TOKEN_KEYS), "requests": tokens.requests, "estimated": False}
    return dict(zip(TOKEN_KEYS, tokens, strict=True))
