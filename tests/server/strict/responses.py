"""What the Responses API refuses in the items of `input`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.server.strict.calls import check_arguments, check_length, check_name
from tests.server.strict.fields import item_fields
from tests.server.strict.memory import Memory
from tests.server.strict.refusal import RefusedError

JsonObject = dict[str, Any]

_CALLS = {
    "function_call": "function_call_output",
    "custom_tool_call": "custom_tool_call_output",
    "computer_call": "computer_call_output",
    "shell_call": "shell_call_output",
    "apply_patch_call": "apply_patch_call_output",
}
_SAID = {
    "function_call_output": ("tool output", "function call"),
    "computer_call_output": ("tool output", "computer call"),
}
_PREFIXES = {"message": "msg", "function_call": "fc", "reasoning": "rs"}
_ROLES = ("assistant", "system", "developer", "user")
_CALL_ID_LENGTH = 64


def responses_refusals(body: JsonObject, memory: Memory) -> Iterator[RefusedError]:
    """All that is wrong with the items of a request, in the order in which it is looked at."""
    sent = body["input"]
    items: list[JsonObject] = [] if isinstance(sent, str) else sent
    for at, item in enumerate(items):
        yield from _item(item, f"input[{at}]")
    yield from _duplicates(items)
    yield from _pairs(items)
    yield from _reasoning(items, memory)


def _type(item: JsonObject) -> str:
    return str(item.get("type") or "message")


def _item(item: JsonObject, where: str) -> Iterator[RefusedError]:
    kind = _type(item)
    known = item_fields()
    if kind not in known:
        listed = ", ".join(f"'{name}'" for name in sorted(known))
        said = f"Invalid value: '{kind}'. Supported values are: {listed}."
        yield RefusedError("item_types", said, where, "invalid_value")
        return
    for name in item.keys() - known[kind]:
        said = f"Unknown parameter: '{where}.{name}'."
        yield RefusedError("item_fields", said, f"{where}.{name}", "unknown_parameter")
    yield from _id(item, kind, where)
    if kind == "message":
        yield from _message(item, where)
    if kind == "function_call":
        yield from _found(check_name, item.get("name"), f"{where}.name")
        yield from _found(check_arguments, item.get("arguments"), f"{where}.arguments")
    if "call_id" in item:
        yield from _found(check_length, item["call_id"], f"{where}.call_id", _CALL_ID_LENGTH)


def _found(check: Any, *about: Any) -> Iterator[RefusedError]:
    try:
        check(*about)
    except RefusedError as refused:
        yield refused


def _id(item: JsonObject, kind: str, where: str) -> Iterator[RefusedError]:
    prefix, given = _PREFIXES.get(kind), item.get("id")
    if prefix and isinstance(given, str) and not given.startswith(prefix):
        said = f"Invalid '{where}.id': '{given}'. Expected an ID that begins with '{prefix}'."
        yield RefusedError("ids", said, f"{where}.id", "invalid_value")


def _message(item: JsonObject, where: str) -> Iterator[RefusedError]:
    role, content = item.get("role"), item.get("content")
    if role not in _ROLES:
        listed = ", ".join(f"'{name}'" for name in _ROLES)
        said = f"Invalid value: '{role}'. Supported values are: {listed}."
        yield RefusedError("item_types", said, f"{where}.role", "invalid_value")
    if content is None:
        said = (
            f"Invalid type for '{where}.content': expected one of an array of objects or string, "
        )
        said += "but got null instead."
        yield RefusedError("null_content", said, f"{where}.content", "invalid_type")
    if not isinstance(content, list):
        return
    if role == "assistant" and item.get("type") == "message" and not item.get("id"):
        said = f"Missing required parameter: '{where}.id'."
        yield RefusedError("message_ids", said, f"{where}.id", "missing_required_parameter")
    parts = _part_types(str(role))
    for at, part in enumerate(content):
        if part.get("type") not in parts:
            listed = ", ".join(f"'{name}'" for name in parts)
            said = f"Invalid value: '{part.get('type')}'. Supported values are: {listed}."
            yield RefusedError("item_types", said, f"{where}.content[{at}]", "invalid_value")


def _part_types(role: str) -> tuple[str, ...]:
    if role == "assistant":
        return ("output_text", "refusal")
    return ("input_text", "input_image", "input_file", "input_audio")


def _duplicates(items: list[JsonObject]) -> Iterator[RefusedError]:
    seen: set[str] = set()
    for item in items:
        if _type(item) != "item_reference" and (given := item.get("id")):
            if given in seen:
                said = f"Duplicate item found with id {given}. "
                said += "Remove duplicate items from your input and try again."
                yield RefusedError("duplicate_items", said, "input")
            seen.add(given)
    used: set[tuple[str, str]] = set()
    for item in items:
        if (call_id := item.get("call_id")) is not None:
            if (_type(item), call_id) in used:
                said = f"Duplicate {_type(item)} for call_id {call_id}."
                yield RefusedError("duplicate_calls", said, "input")
            used.add((_type(item), call_id))


def _pairs(items: list[JsonObject]) -> Iterator[RefusedError]:
    """Calls and outputs, either of which is refused alone, and an output before its call."""
    for call, output in _CALLS.items():
        what, of = _SAID.get(output, ("tool output", call.replace("_", " ")))
        called: set[str] = set()
        answered: set[str] = set()
        for item in items:
            call_id = str(item.get("call_id"))
            if _type(item) == call:
                called.add(call_id)
            elif _type(item) == output:
                answered.add(call_id)
                if call_id not in called:
                    said = f"No tool call found for {of} output with call_id {call_id}."
                    yield RefusedError("calls", said, "input")
        for call_id in sorted(called - answered):
            yield RefusedError("calls", f"No {what} found for {of} {call_id}.", "input")


def _reasoning(items: list[JsonObject], memory: Memory) -> Iterator[RefusedError]:
    before: Mapping[str, Any] = {}
    for item, after in zip(items, [*items[1:], {}], strict=False):
        given = item.get("id")
        if _type(item) == "item_reference" and not memory.knows(str(given)):
            yield _unknown_item(given)
        if _type(item) == "reasoning":
            yield from _known(item, memory)
            if not _may_follow(after):
                said = f"Item '{given}' of type 'reasoning' was provided without its required "
                yield RefusedError("reasoning", f"{said}following item.", "input")
        elif (needed := memory.reasoning_before(str(given))) and before.get("id") != needed:
            said = f"Item '{given}' of type '{_type(item)}' was provided without its required "
            yield RefusedError("reasoning", f"{said}'reasoning' item: '{needed}'.", "input")
        before = item


def _may_follow(item: JsonObject) -> bool:
    """What a model does after it has thought: it speaks, calls, or thinks on."""
    kind = _type(item)
    is_output = kind.endswith("_output") or kind == "mcp_approval_response"
    return bool(item) and (item.get("role") == "assistant" if kind == "message" else not is_output)


def _known(item: JsonObject, memory: Memory) -> Iterator[RefusedError]:
    given, sealed = item.get("id"), item.get("encrypted_content")
    if sealed is None and not memory.knows(str(given)):
        yield _unknown_item(given)
    elif sealed is not None and sealed != encrypted_content(str(given)):
        said = f"The encrypted content for item {given} could not be verified."
        yield RefusedError("stored_items", said, None, "invalid_encrypted_content")


def _unknown_item(given: object) -> RefusedError:
    said = f"Item with id '{given}' not found."
    hint = "Items are not persisted when `store` is set to false. Try again with `store` set to "
    hint += "true, or remove this item from your input."
    return RefusedError("stored_items", f"{said} {hint}", "input", status=404)


def encrypted_content(item_id: str) -> str:
    """What reasoning is handed out as where the request asks for it to be included."""
    return f"sealed-{item_id}"
