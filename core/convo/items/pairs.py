"""Items that an API accepts only in pairs: a call and its output, reasoning and what follows it.

A limit on items, `pop_item`, or a turn that waits for an approval can leave one without the other.
"""

from collections.abc import Sequence
from typing import Any

from convo.items.encoding import Item

OUTPUT_OF = {
    "function_call": "function_call_output",
    "custom_tool_call": "custom_tool_call_output",
    "local_shell_call": "local_shell_call_output",
    "shell_call": "shell_call_output",
    "apply_patch_call": "apply_patch_call_output",
    "computer_call": "computer_call_output",
    "mcp_approval_request": "mcp_approval_response",
}
"""The item type that answers each type of call or approval request."""

CALL_OF = {output: call for call, output in OUTPUT_OF.items()}

_MAY_WAIT = frozenset({"mcp_approval_request"})
"""Types that an API accepts unanswered: the server itself continues them."""


def sendable(items: Sequence[Item], *, skip: int = 0) -> list[Item]:
    """The items that an API accepts, in order.

    Calls without an output, outputs without a preceding call, and reasoning without the item that
    it led to are left out. The first `skip` items are not returned: they only show whether the
    others begin in the middle of a response, whose rest is left out too.
    """
    wanted = list(items[skip:])
    start = _end_of_response(wanted) if skip and _is_of_model(items[skip - 1]) else 0
    kept = _without_halves(wanted[start:])
    result: list[Item] = []
    leads_to = False
    for item in reversed(kept):
        if kind_of(item) != "reasoning":
            leads_to = _is_of_model(item)
        elif not leads_to:
            continue
        result.append(item)
    return result[::-1]


def kind_of(item: Item) -> str:
    """The type of an item; "message" for one that only has a role."""
    if not isinstance(item, dict):
        return ""
    return str(item.get("type") or ("message" if "role" in item else ""))


def answered_id(item: Item) -> str | None:
    """The id of the call or request that an item answers; None if it answers none."""
    kind = kind_of(item)
    if kind not in CALL_OF:
        return None
    if kind == "mcp_approval_response":
        return _text(item.get("approval_request_id"))
    # The output of a local shell call has the call's id as its own.
    return _text(item.get("call_id")) or _text(item.get("id"))


def own_id(item: Item) -> str | None:
    """The id that an answer to an item refers to; None if it is neither a call nor a request."""
    kind = kind_of(item)
    if kind not in OUTPUT_OF:
        return None
    return _text(item.get("id" if kind == "mcp_approval_request" else "call_id"))


def _without_halves(items: Sequence[Item]) -> list[Item]:
    """The items without unanswered calls and without outputs that have no call.

    If several calls have the same id, an output belongs to the earliest one without an output.
    """
    waiting: dict[tuple[str, str | None], list[int]] = {}
    halves: set[int] = set()
    for index, item in enumerate(items):
        kind = kind_of(item)
        if kind in OUTPUT_OF:
            waiting.setdefault((kind, own_id(item)), []).append(index)
        elif kind in CALL_OF:
            calls = waiting.get((CALL_OF[kind], answered_id(item)))
            if calls:
                calls.pop(0)
            else:
                halves.add(index)
    for (kind, _), calls in waiting.items():
        if kind not in _MAY_WAIT:
            halves.update(calls)
    return [item for index, item in enumerate(items) if index not in halves]


def _end_of_response(items: Sequence[Item]) -> int:
    """The number of items at the beginning that continue a model's response."""
    return next((at for at, item in enumerate(items) if not _is_of_model(item)), len(items))


def _is_of_model(item: Item) -> bool:
    """Whether a model produced the item, as opposed to another's message or a tool output."""
    if not isinstance(item, dict):
        return False
    if item.get("role") is not None:
        return bool(item["role"] == "assistant")
    return kind_of(item) not in CALL_OF


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
