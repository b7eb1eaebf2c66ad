"""Makes the tool calls of a turn whole: every call has its output, every output its call."""

from collections import deque
from collections.abc import Sequence

from convo.importing.items import called, returned
from convo.items.encoding import Item

NO_OUTPUT = "[no output was recorded]"
NO_NAME = "unknown_tool"

_CALL = "function_call"
_OUTPUT = "function_call_output"


def whole(items: Sequence[Item]) -> list[Item]:
    """The items with a call before each output that has none, and an output for each call.

    A call without an id is given one. An output belongs to the oldest call of its id that has none
    yet; one without an id, to the oldest of all.
    """
    if not any(_kind(item) in (_CALL, _OUTPUT) for item in items):
        return list(items)
    made: list[Item] = []
    waiting: dict[str, deque[int]] = {}
    for position, item in enumerate(items):
        kind = _kind(item)
        if kind == _CALL:
            call_id = item.get("call_id") or f"call_{position}"
            waiting.setdefault(call_id, deque()).append(len(made))
            item = {**item, "call_id": call_id}
        elif kind == _OUTPUT:
            call_id = item.get("call_id") or _oldest(waiting) or f"call_{position}"
            if calls := waiting.get(call_id):
                calls.popleft()
                if not calls:
                    del waiting[call_id]
            else:
                made.append(called(call_id, NO_NAME, "{}"))
            item = {**item, "call_id": call_id}
        made.append(item)
    return _with_outputs(made, waiting)


def _with_outputs(items: list[Item], waiting: dict[str, deque[int]]) -> list[Item]:
    """The items with an output after each call that waits for one, or after the calls beside it."""
    if not waiting:
        return items
    unanswered = {at for calls in waiting.values() for at in calls}
    made: list[Item] = []
    due: list[Item] = []
    for at, item in enumerate(items):
        if _kind(item) != _CALL:
            made += due
            due = []
        made.append(item)
        if at in unanswered:
            due.append(returned(item["call_id"], NO_OUTPUT))
    return made + due


def _oldest(waiting: dict[str, deque[int]]) -> str | None:
    return min(waiting, key=lambda call_id: waiting[call_id][0], default=None)


def _kind(item: Item) -> str | None:
    kind = item.get("type") if isinstance(item, dict) else None
    return kind if kind in (_CALL, _OUTPUT) else None
