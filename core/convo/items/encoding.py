"""Encode and decode conversation items, and tell their type and tool.

The rules for types and tool names come from the contract (see `docs`): both are written to
`message_structure`, which the SDK reads too.
"""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson

from convo.errors import InvalidItemError

Item = Any
"""What the SDK calls an input item: usually a dict, but any JSON value is possible."""

_SIMPLIFIED = bytes.maketrans(b"123456789" + b"\t\n\r:,[-", b"000000000" + b"       ")
"""Maps every digit to a zero, and every byte that can precede a number to a space."""

_LONG_NUMBER = b"0" * len(str(2**63))
_LONG_NUMBER_WITHIN = b" " + _LONG_NUMBER

_STEP = 6
_DIGITS_SEEN = b"0" * (len(_LONG_NUMBER) // _STEP)
"""What every sixth byte shows of so many digits, at least."""

_NAMED_BY_TYPE = frozenset(
    {
        "computer_call",
        "file_search_call",
        "web_search_call",
        "code_interpreter_call",
        "image_generation_call",
        "local_shell_call",
        "shell_call",
        "apply_patch_call",
        "mcp_list_tools",
    }
)
_SPEAKERS = ("user", "assistant", "system", "developer")
_TOOL_SEARCH = frozenset({"tool_search_call", "tool_search_output"})
_OF_MCP_SERVERS = frozenset({"mcp_call", "mcp_approval_request"})


class EncodedItem(NamedTuple):
    """An item ready to be stored."""

    data: str
    message_type: str
    tool_name: str | None

    @property
    def begins_turn(self) -> bool:
        """Whether the item is a user message; its type says so."""
        return self.message_type == "user"


def encoded(items: Iterable[Item]) -> list[EncodedItem]:
    """The items as they will be stored: JSON with ASCII escapes.

    Raises `InvalidItemError` (a `TypeError`) if one of them cannot be written as JSON.
    """
    result = []
    for position, item in enumerate(items, 1):
        try:
            data = json.dumps(item)
        except (TypeError, ValueError, RecursionError) as error:
            raise InvalidItemError(f"item {position} cannot be stored as JSON: {error}") from error
        result.append(EncodedItem(data, message_type(item), tool_name(item)))
    return result


def decode(data: bytes | None) -> Item:
    """The item in a stored row; raises `ValueError` if it cannot be decoded."""
    if data is None:
        raise ValueError("the row is empty")
    if may_hold_long_number(data):
        return _decode_slowly(data)
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        # The standard library also accepts lone surrogates and NaN.
        return _decode_slowly(data)


def may_hold_long_number(data: bytes) -> bool:
    """Whether JSON may contain an integer of more than 64 bits, which orjson would round.

    Long runs of digits in texts do not count, be they ids, times in nanoseconds or JSON themselves.
    """
    # Most items have no long run of digits, which is found out in a third of the time.
    if _DIGITS_SEEN not in data[::_STEP].translate(_SIMPLIFIED):
        return False
    # A number never follows a letter or a quote directly, as ids do.
    return _shows_long_number(data) and _shows_long_number(_outside_texts(data))


def _shows_long_number(data: bytes) -> bool:
    simplified = data.translate(_SIMPLIFIED)
    return _LONG_NUMBER_WITHIN in simplified or simplified.startswith(_LONG_NUMBER)


def _outside_texts(data: bytes) -> bytes:
    """JSON without what is between its quotes; anything may be left of what is not JSON."""
    unescaped = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    return b'"'.join(unescaped.split(b'"')[::2])


def message_type(item: Item) -> str:
    """`user` or `assistant`, or else the item's `type`, or else `other`."""
    if not isinstance(item, dict):
        return "other"
    role = item.get("role")
    if role in ("user", "assistant"):
        return str(role)
    return storable(item.get("type") or "other")


def tool_name(item: Item) -> str | None:
    """The tool that an item calls or gives the output of; None if there is none.

    `server.name` for tools of MCP servers, `namespace.name` for namespaced functions, the type
    for built-in tools that have no name.
    """
    if not isinstance(item, dict) or item.get("role") in _SPEAKERS:
        return None
    kind, name = str(item.get("type")), item.get("name")
    if kind in _TOOL_SEARCH:
        return "tool_search"
    if kind in _NAMED_BY_TYPE:
        return kind
    if kind in _OF_MCP_SERVERS and item.get("server_label"):
        server = item["server_label"]
        return storable(f"{server}.{name}" if name else server)
    if name is None:
        return None
    namespace = item.get("namespace")
    # The SDK gives a deferred tool its own name as namespace, which adds nothing.
    if name and namespace and namespace != name:
        return storable(f"{namespace}.{name}")
    return storable(name)


def text_of(item: Item) -> str:
    """The text of a message: its content, or the `text` of its parts, a line each."""
    content = item.get("content") if isinstance(item, dict) else None
    return "\n".join(texts_of(content))


def texts_of(content: Any) -> list[str]:
    """The texts of a content: the content itself, or the `text` of each part that has one."""
    if isinstance(content, str):
        return [content]
    if not isinstance(content, list):
        return [] if content is None else [str(content)]
    return [str(part["text"]) for part in content if _has_text(part)]


def said_in(item: Item) -> str:
    """The text of a message as `text_of` gives it, with a model's refusals added."""
    content = item.get("content") if isinstance(item, dict) else None
    if not isinstance(content, list):
        return text_of(item)
    parts = [part for part in content if isinstance(part, dict)]
    refusals = [part["refusal"] for part in parts if isinstance(part.get("refusal"), str)]
    return "\n".join([*texts_of(content), *refusals])


def said_as_text(data: bytes, *, refusals: bool) -> str | None:
    """The text of a stored message if its JSON is of a common form, else None.

    Gives the same as `said_in`, or as `text_of` without `refusals`, in half the time. Uncommon
    forms, such as numbers as texts, are left to those functions.
    """
    try:
        item = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    content = item.get("content") if isinstance(item, dict) else None
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return None
    texts, refused = [], []
    for part in content:
        if not isinstance(part, dict):
            continue
        text = part.get("text")
        if isinstance(text, str):
            texts.append(text)
        elif text is not None:
            return None
        if refusals and isinstance(part.get("refusal"), str):
            refused.append(part["refusal"])
    return "\n".join(texts + refused)


def _decode_slowly(data: bytes) -> Item:
    try:
        return json.loads(data)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def storable(name: object) -> str:
    """A text that a column can hold: without lone surrogates, which JSON can contain."""
    text = str(name)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _has_text(part: Any) -> bool:
    return isinstance(part, dict) and isinstance(part.get("text"), str | int | float)


def preview(content: Any) -> str:
    """A content for a list of turns: text as it is, anything else as JSON."""
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
