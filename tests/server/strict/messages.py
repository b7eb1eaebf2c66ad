"""What chat completions refuse in `messages`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.server.strict.calls import check_arguments, check_length, check_name
from tests.server.strict.fields import MESSAGES, message_fields
from tests.server.strict.refusal import RefusedError

JsonObject = dict[str, Any]

_CALL_ID_LENGTH = 40
_TEXT = ("text",)
_PARTS = {
    "assistant": ("text", "refusal"),
    "user": ("text", "image_url", "input_audio", "file"),
}


def message_refusals(body: JsonObject) -> Iterator[RefusedError]:
    """All that is wrong with the messages of a request, in the order in which it is looked at."""
    messages: list[JsonObject] = body["messages"]
    for at, message in enumerate(messages):
        yield from _message(message, at)
    yield from _duplicates(messages)
    yield from _pairs(messages)


def _message(message: JsonObject, at: int) -> Iterator[RefusedError]:
    where, role = f"messages[{at}]", message.get("role")
    if role not in MESSAGES:
        listed = ", ".join(f"'{name}'" for name in MESSAGES)
        said = f"Invalid value: '{role}'. Supported values are: {listed}."
        yield RefusedError("item_types", said, f"{where}.role", "invalid_value")
        return
    for name in message.keys() - message_fields(role):
        said = f"Unknown parameter: '{where}.{name}'."
        yield RefusedError("item_fields", said, f"{where}.{name}", "unknown_parameter")
    yield from _content(message, role, at)
    for number, call in enumerate(message.get("tool_calls") or ()):
        yield from _call(call, f"{where}.tool_calls[{number}]")


def _content(message: JsonObject, role: str, at: int) -> Iterator[RefusedError]:
    content = message.get("content")
    may_be_null = role == "assistant" and (message.get("tool_calls") or message.get("refusal"))
    if content is None and not may_be_null:
        said = "Invalid value for 'content': expected a string, got null."
        yield RefusedError("null_content", said, f"messages.[{at}].content")
    if isinstance(content, list):
        if not content:
            said = f"Invalid 'messages[{at}].content': empty array. Expected an array with minimum "
            said += "length 1, but got an empty array instead."
            yield RefusedError("null_content", said, f"messages[{at}].content", "empty_array")
        for number, part in enumerate(content):
            yield from _part(part, role, f"messages[{at}].content[{number}]")


def _part(part: JsonObject, role: str, where: str) -> Iterator[RefusedError]:
    known = _PARTS.get(role, _TEXT)
    if part.get("type") not in known:
        listed = ", ".join(f"'{name}'" for name in known)
        said = f"Invalid value: '{part.get('type')}'. Supported values are: {listed}."
        yield RefusedError("item_types", said, where, "invalid_value")


def _call(call: JsonObject, where: str) -> Iterator[RefusedError]:
    function = call.get("function")
    if call.get("type") != "function" or not isinstance(function, dict):
        said = f"Invalid value: '{call.get('type')}'. Supported values are: 'function'."
        yield RefusedError("item_types", said, f"{where}.type", "invalid_value")
        return
    checks: list[tuple[Any, ...]] = [
        (check_name, function.get("name"), f"{where}.function.name"),
        (check_arguments, function.get("arguments"), f"{where}.function.arguments"),
        (check_length, str(call.get("id") or ""), f"{where}.id", _CALL_ID_LENGTH),
    ]
    if not call.get("id"):
        said = f"Missing required parameter: '{where}.id'."
        yield RefusedError("ids", said, f"{where}.id", "missing_required_parameter")
    for check, *about in checks:
        try:
            check(*about)
        except RefusedError as refused:
            yield refused


def _duplicates(messages: list[JsonObject]) -> Iterator[RefusedError]:
    called: dict[str, int] = {}
    answered: dict[str, int] = {}
    for at, message in enumerate(messages):
        for call in message.get("tool_calls") or ():
            yield from _twice("tool_calls.id", call.get("id"), called, at)
        if message.get("role") == "tool":
            yield from _twice("tool_call_id", message.get("tool_call_id"), answered, at)


def _twice(name: str, given: object, seen: dict[str, int], at: int) -> Iterator[RefusedError]:
    if str(given) in seen:
        said = f"Invalid parameter: Duplicate value for '{name}' of '{given}', "
        said += f"in messages[{seen[str(given)]}] and messages[{at}]."
        yield RefusedError("duplicate_calls", said, f"messages.[{at}].{name}")
    seen[str(given)] = at


def _pairs(messages: list[JsonObject]) -> Iterator[RefusedError]:
    """The outputs of calls come right after the message with the calls, and nowhere else."""
    waiting: set[str] = set()
    for at, message in enumerate([*messages, {"role": "user"}]):
        if message.get("role") == "tool":
            given = str(message.get("tool_call_id"))
            if given not in waiting:
                said = "Invalid parameter: messages with role 'tool' must be a response to a "
                said += "preceeding message with 'tool_calls'."
                yield RefusedError("calls", said, f"messages.[{at}].role")
            waiting.discard(given)
            continue
        if waiting:
            said = "An assistant message with 'tool_calls' must be followed by tool messages "
            said += "responding to each 'tool_call_id'. The following tool_call_ids did not have "
            said += f"response messages: {', '.join(sorted(waiting))}"
            yield RefusedError("calls", said, f"messages.[{at}].role")
        waiting = {str(call.get("id")) for call in message.get("tool_calls") or ()}
