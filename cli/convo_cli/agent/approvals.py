"""Asks the user about tool calls that need approval, and passes the answer to the run."""

import json
from typing import Any

from agents import RunState, ToolApprovalItem

from convo_cli.turn.choice import ApprovalRequest, Approve


async def decide(
    state: RunState[Any], item: ToolApprovalItem, approve: Approve, allowed: set[str]
) -> None:
    """Approve or reject one call; tools in `allowed` are approved without asking."""
    request = _request(item)
    answer = "always" if request.tool in allowed else await approve(request)
    if answer == "always":
        allowed.add(request.tool)
    if answer == "no":
        state.reject(item)
    else:
        state.approve(item)


def _request(item: ToolApprovalItem) -> ApprovalRequest:
    name = item.tool_name or str(_field(item.raw_item, "type"))
    tool = f"{item.tool_namespace}.{name}" if item.tool_namespace else name
    arguments = _field(item.raw_item, "arguments") or _field(item.raw_item, "action")
    if not isinstance(arguments, str):
        dump = getattr(arguments, "model_dump", None)
        arguments = json.dumps(dump() if callable(dump) else arguments, default=str)
    return ApprovalRequest(tool, arguments, item.agent.name)


def _field(raw: Any, name: str) -> Any:
    return raw.get(name) if isinstance(raw, dict) else getattr(raw, name, None)
