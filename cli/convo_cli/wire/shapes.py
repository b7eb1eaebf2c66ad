"""Converts items of other forms to the form in which the SDK stores them."""

from collections.abc import Iterator, Sequence
from typing import Any

from convo_cli.wire.kinds import Item, kind_of
from convo_cli.wire.legal import legal

_ROLES = frozenset({"user", "assistant", "system", "developer"})


def items_of(items: Sequence[Any]) -> list[Item]:
    """The items without lone surrogates; messages of chat completions become items."""
    return [made for item in items if isinstance(item, dict) for made in _items(legal(item))]


def _items(item: Item) -> Iterator[Item]:
    """One item, or those that replace a message of chat completions."""
    role = item.get("role")
    if role is None or kind_of(item) != "message":
        yield item
    elif role in ("tool", "function"):
        yield {
            "type": "function_call_output",
            "call_id": item.get("tool_call_id") or "",
            "output": item.get("content"),
        }
    else:
        calls = item.get("tool_calls")
        rest = {key: value for key, value in item.items() if key != "tool_calls"}
        yield rest if role in _ROLES else {**rest, "role": "user"}
        if role == "assistant" and isinstance(calls, list):
            yield from (made for call in calls if (made := _call(call)) is not None)


def _call(call: Any) -> Item | None:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict):
        return None
    return {
        "type": "function_call",
        "call_id": call.get("id") or "",
        "name": function.get("name"),
        "arguments": function.get("arguments"),
    }
