"""Makes items of contents in the form of the Messages API, as Claude's programs keep them."""

from collections.abc import Iterator
from typing import Any

from convo.importing import items
from convo.importing.reading import array, table, text
from convo.items.encoding import Item


def blocks_of(content: Any) -> list[dict[str, Any]]:
    """The blocks of a content, which may also be a text."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return [table(block) for block in array(content)]


def items_of_answer(content: Any, name: str) -> Iterator[Item]:
    """What the model said, thought and called, and outputs of tools that ran at its server.

    Where calls have no ids, as in exports, `name` is the beginning of those that they get.
    """
    call_id = ""
    for number, block in enumerate(blocks_of(content)):
        kind = text(block.get("type")) or ""
        if kind in ("text", "voice_note"):
            # Answers begin with an empty text when the model calls a tool at once.
            if said := text(block.get("text")):
                yield items.answered(said)
        elif kind == "thinking":
            if thinking := text(block.get("thinking")):
                yield items.thought(thinking)
        elif kind.endswith("tool_use"):
            call_id = text(block.get("id")) or f"{name}-{number}"
            yield items.called(call_id, text(block.get("name")) or "", block.get("input") or {})
        elif kind.endswith("tool_result"):
            yield output_of(block, call_id)


def output_of(block: dict[str, Any], call_id: str = "") -> Item:
    """The output of a tool, by default of the call with this id."""
    content = block.get("content")
    if isinstance(content, list):
        content = "\n".join(filter(None, map(_said, content)))
    return items.returned(text(block.get("tool_use_id")) or call_id, content)


def part_of(block: dict[str, Any]) -> Item | None:
    """A block of a question as a part of a message; images and documents are named."""
    said = block.get("text")
    if block.get("type") == "text":
        return {"type": "input_text", "text": said} if isinstance(said, str) and said else None
    if block.get("type") in ("image", "document"):
        return items.attached(_name(block), "image" if block["type"] == "image" else "file")
    return None


def _said(block: Any) -> str:
    block = table(block)
    part = part_of(block)
    if part is not None:
        return str(part["text"])
    # Results of searches, and references to tools, say what they found in fields of their own.
    return "\n".join(
        value for key in ("title", "url", "tool_name") if (value := text(block.get(key)))
    )


def _name(block: dict[str, Any]) -> str:
    source = table(block.get("source"))
    data = source.get("data")
    kind = text(source.get("media_type")) or ""
    size = f" ({len(data) * 3 // 4:,} bytes)" if isinstance(data, str) else ""
    named = (block.get("title"), source.get("url"), block.get("file_name"))
    return next((name for one in named if (name := text(one))), "") or f"{kind}{size}".strip()
