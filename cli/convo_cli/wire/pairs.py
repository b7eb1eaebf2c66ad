"""Pairs calls with their outputs, makes their ids unique, and drops calls or outputs alone."""

from collections.abc import Callable, Mapping, Sequence

from convo.items import pairs
from convo_cli.wire.call_ids import CallIds
from convo_cli.wire.kinds import Item, kind_of

Fits = Callable[[str], bool]
"""Whether a server accepts an id; none accepts an empty one."""

OUTPUT_OF: Mapping[str, str] = {
    **pairs.OUTPUT_OF,
    "tool_search_call": "tool_search_output",
    "program": "program_output",
}
CALL_OF: Mapping[str, str] = {output: call for call, output in OUTPUT_OF.items()}

_OF_SERVER = frozenset({"mcp_approval_request", "tool_search_call", "program"})
"""Calls that the server itself executes: their ids are the server's, and need no output."""

NUMBERED = OUTPUT_OF.keys() - _OF_SERVER
"""Calls that the program answers, whose ids have to be unique."""

_GIVEN_UNASKED = frozenset({"tool_search_output"})


def distinct(items: Sequence[Item], fits: Fits = bool) -> list[Item]:
    """The items, with a unique id for every call and the same id for its output.

    If several calls share an id, outputs are assigned to them in order. The first call keeps its
    id; the others get new ones, as do calls whose ids the server does not accept.
    """
    call_of = _calls_of_outputs(items)
    ids, kept = CallIds(filter(fits, map(call_id, items))), set[str]()
    own: dict[int, str] = {}
    result = list(items)
    for index, item in enumerate(items):
        kind = kind_of(item)
        if kind in NUMBERED:
            given = call_id(item)
            own[index] = given if given not in kept and fits(given) else ids.make(given)
            kept.add(own[index])
            result[index] = _with_id(item, own[index])
        elif call_of.get(index) in own:
            result[index] = _with_id(item, own[call_of[index]])
    return result


def whole_pairs(items: Sequence[Item]) -> list[Item | None]:
    """The items, with None for a call without an output, or an output without a call before it.

    Every API refuses those. The ids have to be unique.
    """
    call_of = _calls_of_outputs(items)
    answered = set(call_of.values())
    result: list[Item | None] = []
    for index, item in enumerate(items):
        kind = kind_of(item)
        is_half = (
            index not in answered
            if kind in NUMBERED
            else kind in CALL_OF and kind not in _GIVEN_UNASKED and index not in call_of
        )
        result.append(None if is_half else item)
    return result


def call_id(item: Item) -> str:
    """The id that links a call and its output; "" if there is none."""
    names = {
        "mcp_approval_request": ("id",),
        "mcp_approval_response": ("approval_request_id",),
        # The output of a local shell has the id of its call as its own.
        "local_shell_call_output": ("call_id", "id"),
    }.get(kind_of(item), ("call_id",))
    return next((item[name] for name in names if isinstance(item.get(name), str)), "")


def _with_id(item: Item, own: str) -> Item:
    return item if item.get("call_id") == own else {**item, "call_id": own}


def _calls_of_outputs(items: Sequence[Item]) -> dict[int, int]:
    """The index of the call that each output belongs to, by the output's index.

    It is the earliest unanswered call with that id since the last user message, or else the latest.
    """
    waiting: dict[tuple[str, str], list[int]] = {}
    asked = -1
    found: dict[int, int] = {}
    for index, item in enumerate(items):
        kind = kind_of(item)
        if item.get("role") == "user":
            asked = index
        elif kind in OUTPUT_OF:
            waiting.setdefault((kind, call_id(item)), []).append(index)
        elif calls := waiting.get((CALL_OF.get(kind, ""), call_id(item))):
            at = next((at for at, call in enumerate(calls) if call > asked), len(calls) - 1)
            found[index] = calls.pop(at)
    return found
