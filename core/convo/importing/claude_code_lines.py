"""Reads what single lines of a session file of Claude Code say."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from convo.importing import items
from convo.importing.claude_content import blocks_of, items_of_answer, output_of, part_of
from convo.importing.reading import count, number, table, text, when
from convo.importing.records import ImportedRun, ImportedTurn
from convo.importing.trees import Group, Role
from convo.items.encoding import Item

_FOR_MODEL = re.compile(
    r"\s*(<(task-notification|teammate-message|system-reminder|user-memory-input|ide_\w+)\b"
    r"|<bash-std(out|err)>|\[Request interrupted)"
)
"""How texts begin that the program writes in the user's place, for the model to read."""
_FOR_USER = re.compile(r"\s*(<local-command-(caveat|stdout|stderr)>|Caveat: The messages below)")
"""How texts begin that belong to commands of the program, and not to the conversation."""
_COMMAND = re.compile(r"\s*<(command-name|command-message|bash-input)>")
_OWN_COMMAND = re.compile(r"\s*<command-(name|message)>")
"""A command that the program has run, without the model."""
_TAG = re.compile(r"<(command-name|command-args|bash-input)>(.*?)</\1>", re.DOTALL)
_NAMED = frozenset({"file", "directory", "pdf_reference", "already_read_file", "image"})
"""The kinds of attachments that the user has named in a question."""


def role_of(line: dict[str, Any]) -> Role:
    """What a line is in its turn."""
    kind, message = line.get("type"), table(line.get("message"))
    if kind == "assistant":
        # Errors are written as answers of a model of this name.
        return "beside" if message.get("model") == "<synthetic>" else "answered"
    if kind == "attachment":
        attachment = table(line.get("attachment"))
        if attachment.get("type") == "queued_command":
            mode = text(attachment.get("commandMode"))
            return "asked" if mode in (None, "prompt") else "beside"
        return "beside" if attachment.get("type") in _NAMED else "nothing"
    return _role_of_user(line, message.get("content")) if kind == "user" else "nothing"


def _role_of_user(line: dict[str, Any], content: Any) -> Role:
    blocks = blocks_of(content)
    said = [block for block in blocks if not _FOR_MODEL.match(str(block.get("text") or ""))]
    first = next((one for block in said if (one := text(block.get("text")))), "")
    if _FOR_USER.match(first):
        return "nothing"
    if line.get("isMeta") is True or line.get("isCompactSummary") is True:
        return "beside"
    if not said or any(block.get("type") == "tool_result" for block in blocks):
        return "beside" if blocks else "nothing"
    return "perhaps" if _COMMAND.match(first) else "asked"


def turn_of(group: Group, lines: Iterable[dict[str, Any]]) -> ImportedTurn:
    """The turn that the lines of a group make."""
    question: Item | None = None
    found: list[Item] = []
    runs: dict[tuple[str, str], ImportedRun] = {}
    model = created_at = None
    for message, line in zip(group.messages, lines, strict=True):
        created_at = created_at or when(line.get("timestamp"))
        if message.role == "answered":
            answer = table(line.get("message"))
            found += items_of_answer(answer.get("content"), message.id)
            model = text(answer.get("model")) or model
            _spend(runs, message.id, line, answer)
        elif message.id == group.id:
            question, beside = _question(line)
            found += beside
        else:
            found += _beside(line)
    first = items.asked("") if question is None else question
    return ImportedTurn(
        group.id, group.parent, [first, *found], created_at, model, tuple(runs.values())
    )


def _content(line: dict[str, Any]) -> list[dict[str, Any]]:
    if line.get("type") == "attachment":
        return blocks_of(table(line.get("attachment")).get("prompt"))
    return blocks_of(table(line.get("message")).get("content"))


def _question(line: dict[str, Any]) -> tuple[Item, list[Item]]:
    """What the user asked, and what the program has added for the model."""
    said: list[Item] = []
    added: list[Item] = []
    for block in _content(line):
        part = part_of(block)
        if part is not None and _FOR_MODEL.match(part["text"]):
            added.append(items.instructed(part["text"]))
        elif part is not None:
            said.append({**part, "text": _typed(part["text"])})
    if len(said) == 1:
        return items.asked(said[0]["text"]), added
    return items.asked("", said), added


def _typed(said: str) -> str:
    """A command as it was typed, and any other text as it is."""
    if not _COMMAND.match(said):
        return said
    tags = dict(_TAG.findall(said))
    if "bash-input" in tags:
        return f"!{tags['bash-input']}"
    return f"{tags.get('command-name', '')} {tags.get('command-args', '')}".strip() or said


def _beside(line: dict[str, Any]) -> Iterator[Item]:
    attachment = table(line.get("attachment"))
    if attachment.get("type") in _NAMED:
        names = (attachment.get("displayPath"), attachment.get("filename"))
        name = next((one for value in names if (one := text(value))), "")
        yield items.instructed(items.attached(name)["text"])
    for block in _content(line):
        part = part_of(block)
        if block.get("type") == "tool_result":
            yield output_of(block)
        elif part is not None and not _OWN_COMMAND.match(part["text"]):
            yield items.instructed(_typed(part["text"]))


def _spend(
    runs: dict[tuple[str, str], ImportedRun],
    name: str,
    line: dict[str, Any],
    answer: dict[str, Any],
) -> None:
    """Take the usage of a request, which all lines of its answer have, the last one in full."""
    usage = table(answer.get("usage"))
    if not usage:
        return
    key = (text(answer.get("id")) or name, text(line.get("requestId")) or "")
    before = runs.get(key)
    read = count(usage.get("cache_read_input_tokens"))
    written, kept = (
        count(usage.get("cache_creation_input_tokens")),
        table(usage.get("cache_creation")),
    )
    milliseconds, cost = number(line.get("durationMs")), number(line.get("costUSD"))
    duration = None if milliseconds is None else milliseconds / 1000
    if before is not None:
        duration = before.duration_s if duration is None else duration
        cost = before.recorded_cost if cost is None else cost
    runs[key] = ImportedRun(
        text(answer.get("model")),
        input_tokens=count(usage.get("input_tokens")) + read + written,
        output_tokens=count(usage.get("output_tokens")),
        cached_tokens=read,
        cache_write_tokens=written,
        cache_write_1h_tokens=min(written, count(kept.get("ephemeral_1h_input_tokens"))),
        reasoning_tokens=count(table(usage.get("output_tokens_details")).get("thinking_tokens")),
        started_at=before.started_at if before else when(line.get("timestamp")),
        duration_s=duration,
        recorded_cost=cost,
    )
