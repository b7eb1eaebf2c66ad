"""Parse an item into its text, tool call, output and attachments."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

from convo.items.encoding import Item, texts_of, tool_name

Kind = Literal[
    "user", "assistant", "system", "reasoning", "tool_call", "tool_output", "handoff", "other"
]

_HANDOFF = "transfer_to_"
"""Prefix of the functions with which the SDK hands over to another agent."""
_OUTPUTS = frozenset({"mcp_approval_response"})
_CALLS = frozenset({"mcp_approval_request", "mcp_list_tools", "tool_call"})
_OWN_OUTPUT = ("output", "outputs", "results", "error", "tools")
"""Keys under which a call holds its own output, as calls of hosted tools do."""
_ARGUMENTS = ("arguments", "input", "action", "code", "queries", "operation")
_SHOWN_OTHERWISE = frozenset({"type", "id", "call_id", "status", "name", "namespace", "result"})


class Attachment(NamedTuple):
    """A part of an item that is not text; `image` is its data URL if it is an inline image."""

    name: str
    image: str | None


class TranscriptItem(NamedTuple):
    """One item of a turn.

    `text` is that of a message or a reasoning summary or, for a handoff, the agent's name; `tool`,
    `call_id`, `arguments` and `output` belong to a tool call; `attachments` are the names of parts
    that are not text. Fields that do not apply are None. `item` is the item as it is stored.
    """

    kind: Kind
    text: str | None
    tool: str | None
    call_id: str | None
    arguments: str | None
    output: str | None
    attachments: tuple[str, ...]
    item: Item


def taken_apart(items: Iterable[Item]) -> tuple[TranscriptItem, ...]:
    """Parse the items of one turn; outputs get their tool's name, handoffs their agent's."""
    parts = [_part(item) for item in items]
    tools = {part.call_id: part.tool for part in parts if part.kind == "tool_call"}
    agents = dict(_handoffs(parts))
    return tuple(_joined(part, tools, agents) for part in parts)


def _joined(
    part: TranscriptItem, tools: dict[str | None, str | None], agents: dict[str | None, str]
) -> TranscriptItem:
    if part.call_id is None:
        return part
    if part.kind == "tool_output":
        return part._replace(tool=part.tool or tools.get(part.call_id))
    if part.kind == "tool_call" and part.call_id in agents:
        return part._replace(kind="handoff", text=agents[part.call_id])
    return part


def _handoffs(parts: Iterable[TranscriptItem]) -> Iterator[tuple[str | None, str]]:
    """The ids of the calls that handed over, each with the agent that took over."""
    called = {part.call_id for part in parts if (part.tool or "").startswith(_HANDOFF)}
    for part in parts:
        if part.kind == "tool_output" and part.call_id in called and part.output:
            try:
                answer = json.loads(part.output)
            except (ValueError, RecursionError):
                continue
            if isinstance(answer, dict) and isinstance(answer.get("assistant"), str):
                yield part.call_id, answer["assistant"]


def _part(item: Item) -> TranscriptItem:
    if not isinstance(item, dict):
        return TranscriptItem("other", _written(item), None, None, None, None, (), item)
    kind = _kind(item)
    text = arguments = output = None
    content = _content(item, kind)
    match kind:
        case "tool_call":
            arguments = _arguments(item)
            output = None if content is None else _said(content)
        case "tool_output":
            output = _said(content) if content is not None else _arguments(item)
        case "reasoning":
            text = _said(item.get("summary") or content)
        case "other":
            text = _written(item)
        case _:
            text = _said(content)
    return TranscriptItem(
        kind,
        text,
        tool_name(item),
        _text_or_none(item.get("call_id") or item.get("approval_request_id")),
        arguments,
        output,
        (*_attachments(content), *_generated(item)),
        item,
    )


def attached(item: Item) -> list[Attachment]:
    """The attachments of an item, those that its transcript names, in the same order."""
    if not isinstance(item, dict):
        return []
    parts = [(part, _attachment(part)) for part in _parts(_content(item, _kind(item)))]
    found = [Attachment(name, _image_of(part)) for part, name in parts if name]
    made = item.get("result")
    for name in _generated(item):
        found.append(Attachment(name, f"data:{name.partition(' ')[0]};base64,{made}"))
    return found


def _content(item: dict[str, Any], kind: Kind) -> Any:
    """The part of an item that may have attachments: what was said, or what a tool gave back."""
    if kind == "tool_call":
        return next((item[key] for key in _OWN_OUTPUT if item.get(key)), None)
    if kind == "tool_output":
        return next((item[key] for key in _OWN_OUTPUT if key in item), None)
    return item.get("content")


def _kind(item: dict[str, Any]) -> Kind:
    role, type_ = item.get("role"), str(item.get("type") or "")
    if role in ("user", "assistant"):
        return "user" if role == "user" else "assistant"
    if role in ("system", "developer"):
        return "system"
    if type_ == "reasoning":
        return "reasoning"
    if type_.endswith("_output") or type_ in _OUTPUTS:
        return "tool_output"
    return "tool_call" if type_.endswith("_call") or type_ in _CALLS else "other"


def _said(content: Any) -> str:
    """The text of a content; parts that are neither text nor attachments are given as JSON."""
    if isinstance(content, list):
        texts = [text for part in content for text in _texts_of_part(part)]
        return "\n".join(texts)
    if isinstance(content, dict):
        return "" if _attachment(content) else _written(content)
    return "".join(texts_of(content))


def _texts_of_part(part: Any) -> list[str]:
    if not isinstance(part, dict):
        return [part if isinstance(part, str) else _written(part)]
    if isinstance(part.get("refusal"), str):
        return [part["refusal"]]
    return texts_of([part]) or ([] if _attachment(part) else [_written(part)])


def _arguments(item: dict[str, Any]) -> str:
    """The arguments of a tool call, whatever their key is."""
    for key in _ARGUMENTS:
        if item.get(key) is not None:
            found = item[key]
            return found if isinstance(found, str) else _written(found)
    rest = {
        key: value
        for key, value in item.items()
        if key not in _SHOWN_OTHERWISE and key not in _OWN_OUTPUT and value is not None
    }
    return _written(rest) if rest else ""


def _attachments(content: Any) -> list[str]:
    return [name for part in _parts(content) if (name := _attachment(part))]


def _parts(content: Any) -> list[dict[str, Any]]:
    parts = content if isinstance(content, list) else [content]
    return [part for part in parts if isinstance(part, dict)]


def _image_of(part: dict[str, Any]) -> str | None:
    for key in ("image_url", "url"):
        value = part.get(key)
        if isinstance(value, dict):
            value = value.get("url")
        if isinstance(value, str) and value[:11].lower() == "data:image/":
            return value
    return None


def _attachment(part: dict[str, Any]) -> str | None:
    """The name of the file, image or sound in a part; None if it has none."""
    type_ = str(part.get("type") or "")
    if not any(word in type_ for word in ("image", "file", "audio", "screenshot")):
        return None
    if part.get("filename"):
        return str(part["filename"])
    for key in ("image_url", "file_url", "url", "file_data", "input_audio", "audio"):
        value = part.get(key)
        if isinstance(value, dict):
            value = value.get("url") or value.get("data")
        if isinstance(value, str) and value:
            return _named(value, type_)
    return str(part.get("file_id") or type_)


def _named(source: str, type_: str) -> str:
    """A URL as it is; for inline data, its type and size."""
    if source.startswith("data:"):
        type_, _, source = source.removeprefix("data:").partition(",")
    elif "://" in source[:16]:
        return source
    return f"{type_.removeprefix('input_').partition(';')[0]} ({len(source) * 3 // 4:,} bytes)"


def _generated(item: dict[str, Any]) -> list[str]:
    """The image that a hosted tool generated, which is stored in the call itself."""
    made = item.get("result")
    if item.get("type") != "image_generation_call" or not isinstance(made, str):
        return []
    return [_named(made, f"image/{item.get('output_format') or 'png'}")]


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _text_or_none(value: Any) -> str | None:
    return None if value is None else str(value)
