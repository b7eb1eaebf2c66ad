"""Makes the items that sources give, all of one form, which any server can be sent.

None has an id: those of another program mean nothing to the server that a conversation goes on at.
"""

import json
from collections.abc import Iterable
from typing import Any

from convo.items.encoding import Item


def asked(said: str, parts: Iterable[Item] = ()) -> Item:
    """A message of the user, with further parts, such as `attached` makes."""
    more = list(parts)
    first = [{"type": "input_text", "text": said}] if said else []
    return {"role": "user", "content": [*first, *more] if more else said}


def attached(name: str, kind: str = "file") -> Item:
    """A part that names an attachment whose content the source has not kept."""
    return {"type": "input_text", "text": f"[{kind} {name}]" if name else f"[{kind}]"}


def image(url: str) -> Item:
    """A part with an image, as an `https:` or a `data:` URL."""
    return {"type": "input_image", "image_url": url, "detail": "auto"}


def instructed(said: str) -> Item:
    """Instructions of the system."""
    return {"role": "system", "content": said}


def answered(said: str) -> Item:
    """A message of the model."""
    content = [{"type": "output_text", "text": said, "annotations": []}]
    return {"type": "message", "role": "assistant", "status": "completed", "content": content}


def thought(said: str) -> Item:
    """Reasoning of the model, as far as the source shows it."""
    return {"type": "reasoning", "summary": [{"type": "summary_text", "text": said}]}


def called(call_id: str, name: str, arguments: Any) -> Item:
    """A call of a tool; arguments other than texts are written as JSON."""
    return {
        "type": "function_call",
        "call_id": call_id,
        "name": name or "tool",
        "arguments": _written(arguments),
        "status": "completed",
    }


def returned(call_id: str, output: Any) -> Item:
    """The output of a tool; outputs other than texts are written as JSON."""
    return {"type": "function_call_output", "call_id": call_id, "output": _written(output)}


def _written(value: Any) -> str:
    if isinstance(value, str):
        return value
    try:
        return "" if value is None else json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return ""
