"""Reads what the entries of a session file of pi say."""

from collections.abc import Iterator
from typing import Any

from convo.importing import items
from convo.importing.reading import array, count, number, table, text, when
from convo.importing.records import ImportedRun, ImportedTurn
from convo.importing.trees import Group
from convo.items.encoding import Item


def turn_of(
    group: Group, entries: list[dict[str, Any]], left: list[dict[str, Any]]
) -> ImportedTurn:
    """The turn of a group with these entries; `left` are those that are not shown before it."""
    found: list[Item] = []
    runs: list[ImportedRun] = []
    model = created_at = None
    question = items.asked("")
    for at, (message, entry) in enumerate(zip(group.messages, entries, strict=True)):
        said = table(entry.get("message"))
        time = when(entry.get("timestamp"))
        created_at = created_at or time
        if message.role == "asked":
            question = _question(said.get("content"))
            found += [items.instructed(one) for line in left if (one := text(line.get("summary")))]
        else:
            found += _items(entry, said)
        model = text(said.get("model")) or model
        usage = table(said.get("usage")) or table(entry.get("usage"))
        if usage and at >= group.shared:
            runs.append(_run(text(said.get("model")) or model, usage, time))
    return ImportedTurn(group.id, group.parent, [question, *found], created_at, model, tuple(runs))


def _question(content: Any) -> Item:
    parts = _parts(content)
    if len(parts) == 1:
        return items.asked(parts[0])
    return items.asked("", [{"type": "input_text", "text": part} for part in parts])


def _parts(content: Any) -> list[str]:
    """The texts of a content; images are named."""
    if isinstance(content, str):
        return [content] if content else []
    parts: list[str] = []
    for block in map(table, array(content)):
        if said := text(block.get("text")):
            parts.append(said)
        elif block.get("type") == "image":
            data = text(block.get("data")) or ""
            name = f"{text(block.get('mimeType')) or ''} ({len(data) * 3 // 4:,} bytes)"
            parts.append(items.attached(name.strip(), "image")["text"])
    return parts


def _items(entry: dict[str, Any], said: dict[str, Any]) -> Iterator[Item]:
    role, content = said.get("role"), said.get("content")
    if role == "assistant":
        yield from _answer(content)
        if failure := text(said.get("errorMessage")):
            yield items.instructed(failure)
    elif role == "toolResult":
        yield items.returned(text(said.get("toolCallId")) or "", "\n".join(_parts(content)))
    elif role == "bashExecution":
        output = text(said.get("output")) or ""
        yield items.instructed(f"!{text(said.get('command')) or ''}\n{output}".rstrip())
    else:
        told = [text(entry.get("summary")), *_parts(content), *_parts(entry.get("content"))]
        yield from map(items.instructed, filter(None, told))


def _answer(content: Any) -> Iterator[Item]:
    if isinstance(content, str):
        content = [{"type": "text", "text": content}]
    for block in map(table, array(content)):
        if block.get("type") == "toolCall":
            name, call_id = text(block.get("name")) or "", text(block.get("id")) or ""
            yield items.called(call_id, name, block.get("arguments"))
        elif thinking := text(block.get("thinking")):
            yield items.thought(thinking)
        elif said := text(block.get("text")):
            yield items.answered(said)


def _run(model: str | None, usage: dict[str, Any], time: Any) -> ImportedRun:
    read, written = count(usage.get("cacheRead")), count(usage.get("cacheWrite"))
    return ImportedRun(
        model,
        input_tokens=count(usage.get("input")) + read + written,
        output_tokens=count(usage.get("output")),
        cached_tokens=read,
        cache_write_tokens=written,
        reasoning_tokens=count(usage.get("reasoning")),
        started_at=time,
        recorded_cost=number(table(usage.get("cost")).get("total")),
    )
