"""The outputs of tools that a conversation has recorded, found by name and arguments."""

import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Literal, NamedTuple

from convo.items.encoding import Item
from convo.items.pairs import CALL_OF, OUTPUT_OF, answered_id, kind_of, own_id

Tools = Literal["run", "recorded", "refuse"]
"""What becomes of tool calls: they are run, answered with recorded outputs, or refused."""

Allow = Callable[[str, str], bool | Awaitable[bool]]
"""Whether a call for which nothing was recorded may be run, by its tool and its arguments."""

REFUSED = "This tool was not run: no output of such a call is recorded."
"""What the model is told of a call that was refused."""

_Key = tuple[str, str]


class RecordedOutput(NamedTuple):
    """An output as it was stored: text, or a list of parts."""

    value: Any


class RecordedOutputs:
    """Outputs by the name and the arguments of their calls.

    Calls with the same name and arguments get the outputs in their order, and after the last one
    that one again. Within a turn, its own outputs come first; then those of earlier turns, the
    newest.
    """

    def __init__(self) -> None:
        self._earlier: dict[_Key, Any] = {}
        self._here: dict[_Key, list[Any]] = {}
        self._given: dict[_Key, int] = {}

    def add_turn(self, items: Iterable[Item]) -> "RecordedOutputs":
        """Outputs with those of the next turn; the others become earlier ones."""
        after = RecordedOutputs()
        after._earlier = {**self._earlier, **{key: many[-1] for key, many in self._here.items()}}
        calls: dict[str, _Key] = {}
        for item in items:
            kind = kind_of(item)
            if kind in OUTPUT_OF and (call := own_id(item)):
                calls[call] = _key(str(item.get("name") or kind), _arguments(item))
            elif kind in CALL_OF and (call := answered_id(item)) in calls and "output" in item:
                after._here.setdefault(calls[call], []).append(item["output"])
        return after

    def find(self, name: str, arguments: str) -> RecordedOutput | None:
        """The output that was recorded for a call; None if there was no such call."""
        key = _key(name, arguments)
        there = self._here.get(key)
        if there is None:
            return RecordedOutput(self._earlier[key]) if key in self._earlier else None
        number = self._given.get(key, 0)
        self._given[key] = number + 1
        return RecordedOutput(there[min(number, len(there) - 1)])


def _key(name: str, arguments: str) -> _Key:
    """A call by its name and its arguments, in whatever order and spacing they were written."""
    try:
        written = json.dumps(json.loads(arguments or "{}"), sort_keys=True)
    except (ValueError, RecursionError):
        written = arguments
    return name, written


def _arguments(item: dict[str, Any]) -> str:
    for key in ("arguments", "input", "action", "operation"):
        if item.get(key) is not None:
            found = item[key]
            return found if isinstance(found, str) else json.dumps(found)
    return ""
