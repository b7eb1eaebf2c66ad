"""Makes turns of a list of chat messages, as chat completions have them."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from convo.importing import items
from convo.importing.reading import array, table, text
from convo.importing.records import ImportedTurn
from convo.items.encoding import Item

_OUTPUTS = {"tool", "function"}
_INSTRUCTIONS = {"system", "developer"}


def turns_of(messages: Iterable[Any], model: str | None = None) -> list[ImportedTurn]:
    """The turns of a conversation without branches; each is known by its number."""
    turns: list[list[Item]] = []
    for message in messages:
        for item in _items_of(table(message)):
            if item.get("role") == "user" or not turns:
                # Instructions before the first question are in its turn.
                if len(turns) == 1 and all(one.get("role") == "system" for one in turns[0]):
                    turns[0].append(item)
                    continue
                turns.append([])
            turns[-1].append(item)
    return [
        ImportedTurn(str(number), str(number - 1) if number > 1 else None, found, None, model)
        for number, found in enumerate(turns, 1)
    ]


def _items_of(message: dict[str, Any]) -> Iterator[Item]:
    role = message.get("role")
    if role == "user":
        yield (
            items.asked("", _parts(message.get("content")))
            if isinstance(message.get("content"), list)
            else items.asked(_said(message.get("content")))
        )
    elif role == "assistant":
        if thinking := text(message.get("reasoning_content")):
            yield items.thought(thinking)
        if said := _said(message.get("content")) or text(message.get("refusal")):
            yield items.answered(said)
        for call in array(message.get("tool_calls")):
            function = table(table(call).get("function"))
            yield items.called(
                text(table(call).get("id")) or "",
                text(function.get("name")) or "",
                function.get("arguments"),
            )
        if isinstance(old := message.get("function_call"), dict):
            name = text(old.get("name")) or ""
            yield items.called(name, name, old.get("arguments"))
    elif role in _OUTPUTS:
        call_id = text(message.get("tool_call_id")) or text(message.get("name")) or ""
        yield items.returned(call_id, _said(message.get("content")))
    elif role in _INSTRUCTIONS:
        yield items.instructed(_said(message.get("content")))


def _said(content: Any) -> str:
    if isinstance(content, str):
        return content
    parts = (table(part) for part in array(content))
    return "\n".join(part["text"] for part in parts if isinstance(part.get("text"), str))


def _parts(content: Any) -> list[Item]:
    parts: list[Item] = []
    for part in map(table, array(content)):
        url = table(part.get("image_url")).get("url")
        if isinstance(part.get("text"), str):
            parts.append({"type": "input_text", "text": part["text"]})
        elif isinstance(url, str) and url.startswith(("https:", "data:image/")):
            parts.append(items.image(url))
        elif kind := text(part.get("type")):
            name = text(table(part.get("file")).get("filename"))
            parts.append(items.attached(name or "", kind.replace("_", " ")))
    return parts


def digest_of(messages: list[object]) -> str:
    """An id for a list of messages that has none, which changes with any of them."""
    try:
        data = orjson.dumps(messages)
    except (TypeError, ValueError):
        data = repr(messages).encode("utf-8", "replace")
    return hashlib.blake2b(data, digest_size=16).hexdigest()
