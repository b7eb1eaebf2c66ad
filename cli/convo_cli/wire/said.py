"""Reads the text of the items of an answer."""

from collections.abc import Iterator, Sequence
from typing import Any

from convo_cli.wire.conversations import merged
from convo_cli.wire.kinds import RUN_BY_SERVER, Item, kind_of
from convo_cli.wire.thinking import Said


def said_by(items: Sequence[Item]) -> Iterator[Said]:
    """The reasoning and the text of an answer that was not streamed."""
    for item in items:
        kind = kind_of(item)
        if kind == "message":
            yield Said("answered", text_of(item))
        elif kind == "reasoning":
            # Servers other than OpenAI return the reasoning itself instead of a summary.
            parts = item.get("summary") or item.get("content") or ()
            yield Said("thought", "\n\n".join(str(part.get("text")) for part in parts))


def called(item: Item) -> tuple[str, str] | None:
    """The name and the arguments of a tool that the server has run; None for any other item."""
    kind = kind_of(item)
    if kind not in RUN_BY_SERVER:
        return None
    return item.get("name") or kind, item.get("arguments") or ""


def stored(items: Sequence[Item]) -> list[Item]:
    """The items of an answer as they are stored: without duplicates and without empty statuses."""
    return [
        item if item.get("status", "") is not None else _without_status(item)
        for item in merged(items)
    ]


def _without_status(item: Item) -> Item:
    return {name: value for name, value in item.items() if name != "status"}


def last_message(items: Sequence[Item]) -> Item | None:
    """The last message of an answer; None if there is none."""
    return next((item for item in reversed(items) if kind_of(item) == "message"), None)


def text_of(message: Item) -> str:
    """The text of a message."""
    return "".join(part.get("text") or "" for part in _parts(message, "output_text"))


def refusal_of(message: Item) -> str:
    """The refusal of a model; "" if it did not refuse."""
    return "".join(part.get("refusal") or "" for part in _parts(message, "refusal"))


def _parts(message: Item, kind: str) -> list[dict[str, Any]]:
    return [part for part in message.get("content") or () if part.get("type") == kind]
