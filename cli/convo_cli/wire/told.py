"""Describes items in text, for an API that has no form for them."""

import json
from typing import Any

from convo_cli.wire.contents import text_of
from convo_cli.wire.kinds import Item, kind_of
from convo_cli.wire.legal import legal_arguments, legal_name

_TITLES = {
    "web_search_call": "web search",
    "file_search_call": "file search",
    "code_interpreter_call": "code interpreter",
    "image_generation_call": "image generated",
    "mcp_call": "MCP tool",
}
_ASKED = ("action", "queries", "code", "arguments", "input", "operation", "revised_prompt", "text")
_GIVEN = ("outputs", "results", "output", "error", "content")

_LONGEST = 20_000
"""The longest value that is shown, in characters."""

_WORD = 1_000
"""A text with this many characters and no space counts as data, such as an image."""

_PARTS = frozenset(
    {
        "input_text",
        "output_text",
        "text",
        "refusal",
        "image",
        "input_image",
        "image_url",
        "computer_screenshot",
        "input_file",
        "file",
    }
)


def told(item: Item) -> str:
    """The description of an item, in brackets; "" if there is nothing to say."""
    kind = kind_of(item)
    title = _TITLES.get(kind, kind.removesuffix("_call").replace("_", " "))
    name = item.get("name")
    if isinstance(name, str) and name:
        title = f"{title} {name}"
    asked = _first(item, _ASKED)
    given = _first(item, _GIVEN)
    if not asked and not given and kind not in _TITLES:
        return ""
    called = f"[{title}: {asked}]" if asked else f"[{title}]"
    return f"{called}\n{given}" if given else called


def as_call(item: Item) -> Item:
    """The call of any tool as the call of a function, or its output as that of a function."""
    kind = kind_of(item)
    if kind.endswith("_output"):
        output = item.get("output")
        return {
            "type": "function_call_output",
            "call_id": item["call_id"],
            "output": output if isinstance(output, str) else _said(output),
        }
    return {
        "type": "function_call",
        "call_id": item["call_id"],
        "name": legal_name(item.get("name") or kind.removesuffix("_call")),
        "arguments": _arguments(item),
    }


def _arguments(item: Item) -> str:
    if isinstance(item.get("input"), str):
        return json.dumps({"input": item["input"]}, ensure_ascii=False)
    asked = next((item[key] for key in ("action", "operation", "actions") if item.get(key)), None)
    return legal_arguments(asked if isinstance(asked, dict) else {"actions": asked or []})


def _first(item: Item, names: tuple[str, ...]) -> str:
    """The first of these fields with a value, as text."""
    return next((said for name in names if (said := _said(item.get(name)))), "")


def _said(value: Any) -> str:
    """A value as text: texts unchanged, all others as JSON."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, str):
        return _short(value)
    if isinstance(value, list):
        return "\n".join(said for one in value if (said := _said(one)))
    return _said_of(value) if isinstance(value, dict) else json.dumps(value)


def _said_of(value: Item) -> str:
    if value.get("type") in _PARTS:
        return _short(text_of([value]))
    if {"stdout", "stderr"} & value.keys():
        return _short("\n".join(str(value[key]) for key in ("stdout", "stderr") if value.get(key)))
    for key in ("query", "url", "logs", "text"):
        if isinstance(value.get(key), str):
            words = [value[name] for name in ("filename", key) if isinstance(value.get(name), str)]
            return ": ".join(short for word in words if (short := _short(word)))
    kept = {key: one for key, one in value.items() if one is not None and key != "type"}
    return _short(json.dumps(kept, ensure_ascii=False, default=str)) if kept else ""


def _short(text: str) -> str:
    """The text, shortened if it is long; "" for data such as an image."""
    if len(text) <= _LONGEST:
        return "[image]" if text.startswith("data:image/") else text
    return f"{text[:_LONGEST]}…" if " " in text[:_WORD] else ""
