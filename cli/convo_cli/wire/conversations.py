"""Joins a history and a question to the conversation that is sent to a server."""

import json
from collections.abc import Collection, Sequence
from hashlib import sha256
from typing import Any

from convo_cli.wire.chat import PLACEHOLDER_ID
from convo_cli.wire.kinds import Item, kind_of
from convo_cli.wire.pairs import CALL_OF, OUTPUT_OF, distinct

Key = tuple[str, str, str]
"""Kind of an item, and the name and value of the field that it is known by."""

_PAIRED = frozenset({*OUTPUT_OF, *CALL_OF})
_STAYING = frozenset({*OUTPUT_OF, "mcp_approval_request", "reasoning"})


def conversation_of(history: Sequence[Any], question: Item) -> str:
    """A name for a conversation that is the same for all its turns.

    It tells servers that cache prompts which requests begin alike.
    """
    first = next((item for item in history if isinstance(item, dict)), question)
    digest = sha256(json.dumps(first, sort_keys=True).encode()).hexdigest()
    return f"convo-{digest[:16]}"


def told_apart(history: Sequence[Any], taken: Collection[str] = ()) -> list[Item]:
    """The items of a history, with unique ids for all calls, none of them in `taken`.

    Values in a damaged history that are not items are left out.
    """
    items = [item for item in history if isinstance(item, dict)]
    return distinct(items, lambda own: bool(own) and own not in taken)


def answered(items: Sequence[Item]) -> list[Item]:
    """The items without calls that have no output, and without the reasoning before those."""
    outputs = {(kind_of(item), item.get("call_id")) for item in items}
    result: list[Item] = []
    leads_to_a_call = False
    for item in reversed(items):
        kind = kind_of(item)
        if kind in OUTPUT_OF and (OUTPUT_OF[kind], item.get("call_id")) not in outputs:
            leads_to_a_call = True
        elif kind != "reasoning" or not leads_to_a_call:
            leads_to_a_call = leads_to_a_call and kind == "reasoning"
            result.append(item)
    return result[::-1]


def merged(items: Sequence[Item]) -> list[Item]:
    """The items without duplicates, as the Agents SDK sends them. The latest version counts.

    Calls and reasoning keep their first place, before what follows from them; all other items keep
    their last place.
    """
    keys = [_key(item) for item in items]
    latest = {key: item for key, item in zip(keys, items, strict=True) if key is not None}
    place: dict[Key, int] = {}
    for index, key in enumerate(keys):
        if key is not None and (key not in place or key[0] not in _STAYING):
            place[key] = index
    return [
        item if key is None else latest[key]
        for index, (key, item) in enumerate(zip(keys, items, strict=True))
        if key is None or place[key] == index
    ]


def _key(item: Item) -> Key | None:
    """The identity of an item; None for an item that is never a duplicate."""
    kind, own, call = kind_of(item), item.get("id"), item.get("call_id")
    if item.get("role") is not None or kind == "message":
        return None
    if isinstance(call, str) and kind in _PAIRED:
        return kind, "call_id", call
    if isinstance(own, str) and own != PLACEHOLDER_ID:
        return kind, "id", own
    for name in ("call_id", "approval_request_id"):
        if isinstance(item.get(name), str):
            return kind, name, item[name]
    return None
