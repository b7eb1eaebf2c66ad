"""What a retry continues from: the work of the unfinished turn, as items to send to a model.

A call that finished keeps its output. One that was running when the turn ended gets an output that
says so: it may have taken effect, and is not run again unless the model calls it again. One that
had not begun is left out, so that the model can make the call again.
"""

from collections.abc import Sequence, Set
from typing import Any

from convo.items.encoding import Item, tool_name

UNKNOWN_RESULT = (
    "No result: the program was interrupted while this call ran. Whether the call took effect is "
    "unknown. Do not repeat it without finding out, or asking the user."
)
"""The output of a call that had begun and whose end is unknown."""

_OUTPUTS: dict[str, dict[str, Any]] = {
    "function_call": {"type": "function_call_output", "output": UNKNOWN_RESULT},
    "custom_tool_call": {"type": "custom_tool_call_output", "output": UNKNOWN_RESULT},
    "local_shell_call": {"type": "local_shell_call_output", "output": UNKNOWN_RESULT},
    "shell_call": {
        "type": "shell_call_output",
        "output": [
            {
                "stdout": "",
                "stderr": UNKNOWN_RESULT,
                "outcome": {"type": "exit", "exit_code": 1},
            }
        ],
    },
    "apply_patch_call": {
        "type": "apply_patch_call_output",
        "status": "failed",
        "output": UNKNOWN_RESULT,
    },
}
"""A substitute output for each type of call; other types have no such output."""

_CALLS = frozenset({*_OUTPUTS, "computer_call"})
_OUTPUT_ENDINGS = ("_output", "mcp_approval_response")
_APPROVAL = "mcp_approval_request"
_HANDOFF = "transfer_to_"
_REFUSED = "Tool execution was not approved."
"""The output that the SDK gives to a call that the user has refused."""


def call_of(item: Item) -> str | None:
    """The id of a call that our side has to answer; None for other items."""
    if not isinstance(item, dict):
        return None
    kind = item.get("type")
    if kind == _APPROVAL:
        return _text(item.get("id"))
    if kind not in _CALLS:
        return None
    return _text(item.get("call_id")) or (_text(item.get("id")) if "shell" in str(kind) else None)


def answered_by(item: Item) -> str | None:
    """The id of the call that an item is the output of; None for other items."""
    if not isinstance(item, dict) or not str(item.get("type")).endswith(_OUTPUT_ENDINGS):
        return None
    return _text(item.get("call_id") or item.get("approval_request_id") or item.get("id"))


def open_calls(items: Sequence[Item]) -> list[Item]:
    """The calls without an output, in order."""
    answered = {answered_by(item) for item in items}
    return [item for item in items if (call := call_of(item)) and call not in answered]


def resumable(items: Sequence[Item], running: Set[str] = frozenset()) -> list[Item]:
    """The items after the question that a retry sends to the model, to continue from.

    `running` are the ids of the calls that had begun. The list is empty if no call of the turn did
    anything.
    """
    unknown = _unknown_outputs(items, running)
    lost = {str(answered_by(output)) for output in unknown}
    left_out = {call_of(item) for item in open_calls(items)} - lost
    kept = [item for item in items if call_of(item) is None or call_of(item) not in left_out]
    return [*kept[: _end_of_work(kept, lost)], *unknown]


def told(items: Sequence[Item], running: Set[str]) -> list[Item]:
    """All items of an unfinished turn, with an output for the calls that had begun."""
    return [*items, *_unknown_outputs(items, running)]


def tools_run(items: Sequence[Item], running: Set[str]) -> list[str]:
    """The tools whose calls began, in the order of the calls."""
    refused = {answered_by(item) for item in items if item.get("output") == _REFUSED}
    waiting = {call_of(item) for item in open_calls(items)} - running
    names = [
        tool_name(item) or str(item["type"])
        for item in items
        if call_of(item) is not None and call_of(item) not in refused | waiting
    ]
    return [name for name in names if not name.startswith(_HANDOFF)]


def _unknown_outputs(items: Sequence[Item], running: Set[str]) -> list[Item]:
    return [
        {"call_id": call_of(item), **_OUTPUTS[item["type"]]}
        for item in open_calls(items)
        if call_of(item) in running and item["type"] in _OUTPUTS
    ]


def said_of(items: Sequence[Item], running: Set[str] = frozenset()) -> list[Item]:
    """The items of a turn that can go into a history: its work, and the messages after that.

    Reasoning before a call that is left out is left out too.
    """
    done = resumable(items, running)
    worked = max((at for at, item in enumerate(items, 1) if item in done), default=0)
    messages = [
        item
        for item in items[worked:]
        if isinstance(item, dict) and item.get("role") == "assistant"
    ]
    return [*done, *messages]


def _end_of_work(items: Sequence[Item], lost: Set[str]) -> int:
    """Where the model's last messages begin, after the last call that had begun."""
    for position in range(len(items), 0, -1):
        item = items[position - 1]
        if answered_by(item) is not None or call_of(item) in lost:
            return position
    return 0


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
