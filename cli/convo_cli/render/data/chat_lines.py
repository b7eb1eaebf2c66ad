"""Branches as lines for fine-tuning and evaluations: messages of chat completions, with tools."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from convo_cli.wire.kinds import Fate, Item, fate, kind_of
from convo_cli.wire.messages import messages_of
from convo_cli.wire.refusals import Refusals
from convo_cli.wire.requests import chat_request
from convo_cli.wire.sendable import sendable
from convo_cli.wire.shapes import items_of

Line = dict[str, Any]

_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)


class ChatLines:
    """Makes lines of branches, and counts what could not be expressed in them."""

    def __init__(self) -> None:
        self.lines = 0
        self.unanswered = 0
        self.left_out: Counter[str] = Counter()
        self.as_text: Counter[str] = Counter()
        self.has_tools = False

    def line(self, items: Sequence[Any]) -> Line | None:
        """The line of a branch; None if it has no messages."""
        self._count(items)
        body = {"messages": messages_of(sendable(items, "chat").items, "", None)}
        made = chat_request(body, Refusals())
        messages: list[Item] = made["messages"]
        if not messages:
            return None
        self.lines += 1
        self.unanswered += messages[-1]["role"] != "assistant"
        tools = _tools(messages)
        self.has_tools |= bool(tools)
        return {"messages": messages, **({"tools": tools} if tools else {})}

    def notices(self) -> Iterable[str]:
        """What a user of the lines has to know, a sentence each."""
        if self.left_out:
            yield f"left out, because chat messages have no form for it: {_listed(self.left_out)}"
        if self.as_text:
            yield f"written as text, for the same reason: {_listed(self.as_text)}"
        if self.has_tools:
            yield "what tools take is not stored: their parameters are those that calls had"
        if self.unanswered:
            lines = "1 line does" if self.unanswered == 1 else f"{self.unanswered} lines do"
            yield f"{lines} not end with an answer"

    def _count(self, items: Sequence[Any]) -> None:
        for item in items_of(items):
            kind = kind_of(item)
            becomes: Fate = fate(kind, "chat")
            if becomes in ("left out", "to its model"):
                self.left_out[kind] += 1
            elif becomes == "as text":
                self.as_text[kind] += 1


def _listed(kinds: Counter[str]) -> str:
    return ", ".join(f"{kind} ({count})" for kind, count in sorted(kinds.items()))


def _tools(messages: Iterable[Item]) -> list[Item]:
    """The functions that were called, with the parameters that their calls had."""
    calls: dict[str, list[dict[str, Any]]] = {}
    for message in messages:
        for call in message.get("tool_calls") or ():
            function = call["function"]
            calls.setdefault(function["name"], []).append(_arguments(function["arguments"]))
    return [
        {"type": "function", "function": {"name": name, "parameters": _schema(arguments)}}
        for name, arguments in calls.items()
    ]


def _arguments(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _schema(calls: Sequence[dict[str, Any]]) -> Item:
    """A JSON Schema that fits the arguments of all calls."""
    names = dict.fromkeys(name for call in calls for name in call)
    properties = {name: _type([call[name] for call in calls if name in call]) for name in names}
    required = [name for name in names if all(name in call for call in calls)]
    return {
        "type": "object",
        "properties": properties,
        **({"required": required} if required else {}),
    }


def _type(values: Sequence[Any]) -> Item:
    """The type of values that have the same; no restriction otherwise."""
    types = {next((name for kind, name in _TYPES if isinstance(one, kind)), "") for one in values}
    only = types.pop() if len(types) == 1 else ""
    return {"type": only} if only else {}
