"""Makes items of those in Codex's files, which are of the Responses API with some of its own."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from convo.importing import items
from convo.importing.reading import array, table, text
from convo.items.encoding import Item

_AROUND_IMAGE = re.compile(r"\s*</?image\b[^>]*>\s*")
"""What Codex writes before and after an image."""


def said_in(content: Any) -> str:
    """The text of a content, without its images."""
    return "\n".join(part for part in map(_said, _parts(content)) if part)


def question_of(content: Any) -> Item:
    """A message of the user, whose images are named."""
    parts: list[Item] = []
    for part in _parts(content):
        if said := _said(part):
            parts.append({"type": "input_text", "text": said})
        elif "image" in str(part.get("type")):
            url = text(part.get("image_url")) or ""
            parts.append(items.attached("" if url.startswith("data:") else url, "image"))
    return items.asked(parts[0]["text"]) if len(parts) == 1 else items.asked("", parts)


def question_in(event: dict[str, Any]) -> str | None:
    """What an event of a question says; None if it is another event."""
    item = table(event.get("item"))
    if event.get("type") == "item_completed" and item.get("type") == "UserMessage":
        return said_in(item.get("content"))
    return (text(event.get("message")) or "") if event.get("type") == "user_message" else None


def plan_in(event: dict[str, Any]) -> str | None:
    """The text of a plan, the only answer that events alone have; None if it is another event."""
    item = table(event.get("item"))
    is_plan = event.get("type") == "item_completed" and item.get("type") == "Plan"
    return text(item.get("text")) if is_plan else None


def items_of(item: dict[str, Any]) -> Iterator[Item]:
    """The items of a line by the model or a tool; none for those that only its server can read."""
    kind = text(item.get("type")) or ""
    make = _MAKERS.get(kind) or (_called if kind.endswith("_call") else None)
    made = None if make is None else make(item)
    if made is not None:
        yield made


def _answered(item: dict[str, Any]) -> Item | None:
    said = said_in(item.get("content"))
    return items.answered(said) if said else None


def _told(item: dict[str, Any]) -> Item | None:
    """A message of another agent."""
    said = said_in(item.get("content"))
    return items.instructed(said) if said else None


def _thought(item: dict[str, Any]) -> Item | None:
    said = said_in(item.get("summary")) or said_in(item.get("content"))
    return items.thought(said) if said else None


def _called(item: dict[str, Any]) -> Item:
    name = _name(item) or str(item.get("type")).removesuffix("_call")
    return items.called(_call_id(item), name, item.get("arguments", item.get("action")))


def _returned(item: dict[str, Any]) -> Item:
    return items.returned(_call_id(item), _output(item.get("output", item.get("tools"))))


def _custom(item: dict[str, Any]) -> Item:
    given = text(item.get("input")) or ""
    made = {"call_id": _call_id(item), "name": _name(item) or "tool", "input": given}
    return {"type": "custom_tool_call", **made}


def _custom_returned(item: dict[str, Any]) -> Item:
    return {**items.returned(_call_id(item), _output(item.get("output"))), "type": item["type"]}


def _searched(item: dict[str, Any]) -> Item | None:
    action = table(item.get("action"))
    made = {"type": "web_search_call", "status": "completed", "action": action}
    return made if action else None


def _drawn(item: dict[str, Any]) -> Item:
    return items.answered(items.attached(text(item.get("revised_prompt")) or "", "image")["text"])


_MAKERS: dict[str, Callable[[dict[str, Any]], Item | None]] = {
    "message": _answered,
    "agent_message": _told,
    "reasoning": _thought,
    "custom_tool_call": _custom,
    "custom_tool_call_output": _custom_returned,
    "function_call_output": _returned,
    "local_shell_call_output": _returned,
    "tool_search_output": _returned,
    "web_search_call": _searched,
    "image_generation_call": _drawn,
}


def _call_id(item: dict[str, Any]) -> str:
    return text(item.get("call_id")) or ""


def _parts(content: Any) -> list[dict[str, Any]]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [table(part) for part in array(content)]


def _said(part: dict[str, Any]) -> str:
    said = part.get("text")
    if not isinstance(said, str) or _AROUND_IMAGE.fullmatch(said):
        return ""
    return said


def _name(item: dict[str, Any]) -> str:
    name, space = text(item.get("name")) or "", text(item.get("namespace"))
    return f"{space.rstrip('_')}__{name}" if space and not name.startswith(space) else name


def _output(output: Any) -> Any:
    # Old versions wrote an object with the text and whether the call succeeded.
    given = table(output).get("content") if isinstance(output, dict) else output
    if not isinstance(given, list):
        return output if given is None else given
    parts = _parts(given)
    return "\n".join(
        _said(part) or items.attached("", "image")["text"]
        for part in parts
        if "image" in str(part.get("type")) or _said(part)
    )
