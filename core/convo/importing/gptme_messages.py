"""Reads what the messages of a conversation of gptme say.

The text of an answer holds its reasoning, between tags, and its calls of tools. Only calls of the
format `tool` have ids; those that are code blocks stay in the text, and outputs are instructions.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from convo.importing import items
from convo.importing.reading import array, count, number, table, text, when
from convo.importing.records import ImportedRun, ImportedTurn
from convo.importing.trees import Group, Role
from convo.items.encoding import Item

_THOUGHT = re.compile(r"<(think|thinking)(?: [^<>]{0,20})?>")
_SIGNATURE = re.compile(r"<!-- think-sig: [^<>]*-->")
_CALL = re.compile(r"^(?:(`{3,})|@([\w.]+)\(([\w\-:.]+)\):[ \t]*(?={))", re.MULTILINE)
_DECODER = json.JSONDecoder(strict=False)

_TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens")


def role_of(message: dict[str, Any], *, is_first: bool) -> Role:
    """What a message is in its turn; what gptme adds before the first, or hides, is not shown."""
    role, said = message.get("role"), message.get("content")
    if not isinstance(said, str):
        return "nothing"
    if role == "assistant":
        return "answered"
    if message.get("hide") is True:
        return "nothing"
    if role == "user":
        # In autonomous mode, gptme itself asks the model to go on.
        return "beside" if said.startswith("<system>") and not is_first else "asked"
    is_prompt = message.get("pinned") is True or "prompt_generation" in _metadata(message)
    return "nothing" if role != "system" or is_first or is_prompt else "beside"


def turn_of(group: Group, messages: list[dict[str, Any]]) -> ImportedTurn:
    """The turn of a group with these messages."""
    found: list[Item] = []
    runs: list[ImportedRun] = []
    waiting: set[str] = set()
    question = items.asked("")
    model = None
    for at, (one, message) in enumerate(zip(group.messages, messages, strict=True)):
        said = text(message.get("content")) or ""
        files = [items.attached(name) for name in map(text, array(message.get("files"))) if name]
        if one.role == "asked":
            question = items.asked(said, files)
            continue
        metadata = _metadata(message)
        if one.role == "answered":
            for item in _answer(said):
                found.append(item)
                waiting.update(filter(None, [item.get("call_id")]))
            model = text(metadata.get("model")) or model
            if at >= group.shared:
                runs += _runs(metadata, local_time(message.get("timestamp")))
        else:
            found += _added(message, said, waiting)
        found += [items.instructed(file["text"]) for file in files]
    created_at = local_time(messages[0].get("timestamp"))
    return ImportedTurn(group.id, group.parent, [question, *found], created_at, model, tuple(runs))


def local_time(value: object) -> datetime | None:
    """A time; those without a zone are of the machine's, as gptme writes them."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        return found.astimezone(UTC) if found else None
    except (ValueError, OverflowError, OSError):
        return when(value)


def _metadata(message: dict[str, Any]) -> dict[str, Any]:
    return table(message.get("metadata"))


def _answer(said: str) -> Iterator[Item]:
    end = 0
    while match := _THOUGHT.search(said, end):
        closing = f"</{match[1]}>"
        closed = said.find(closing, match.end())
        if closed < 0:
            break
        yield from _calls(said[end : match.start()])
        if thought := _SIGNATURE.sub("", said[match.end() : closed]).strip():
            yield items.thought(thought)
        end = closed + len(closing)
    yield from _calls(said[end:])


def _calls(said: str) -> Iterator[Item]:
    """The calls of tools in a text, with what is between them; those in code blocks are text."""
    end = at = 0
    fence = ""
    while match := _CALL.search(said, at):
        at = match.end()
        if match[1]:
            if not fence:
                fence = match[1]
            elif match[1] == fence:
                fence = ""
            continue
        try:
            arguments, at = (None, at) if fence else _DECODER.raw_decode(said, at)
        except (ValueError, RecursionError):
            # Each error would count the lines of all the text before it: the rest is text.
            break
        if isinstance(arguments, dict):
            yield from _text(said[end : match.start()])
            yield items.called(match[3], match[2], arguments)
            end = at
    yield from _text(said[end:])


def _text(said: str) -> Iterator[Item]:
    if said.strip():
        yield items.answered(said.strip())


def _added(message: dict[str, Any], said: str, waiting: set[str]) -> Iterator[Item]:
    """The output of a call that waits for one; further outputs become instructions."""
    call_id = text(message.get("call_id"))
    if call_id in waiting:
        waiting.discard(call_id)
        yield items.returned(call_id, said)
    elif said:
        yield items.instructed(said)


def _runs(metadata: dict[str, Any], time: datetime | None) -> Iterator[ImportedRun]:
    """The request of an answer; the first versions that recorded usage did so without a table."""
    usage = table(metadata.get("usage")) or metadata
    if not any(key in usage for key in _TOKENS):
        return
    read, written = count(usage.get("cache_read_tokens")), count(usage.get("cache_creation_tokens"))
    yield ImportedRun(
        text(metadata.get("model")),
        input_tokens=count(usage.get("input_tokens")) + read + written,
        output_tokens=count(usage.get("output_tokens")),
        cached_tokens=read,
        cache_write_tokens=written,
        reasoning_tokens=count(usage.get("reasoning_tokens")),
        started_at=time,
        recorded_cost=number(metadata.get("cost")),
    )
