"""How each kind of item is sent with each API. docs/servers.md shows this table."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

Item = dict[str, Any]
Api = Literal["responses", "chat"]

Fate = Literal["sent", "to its model", "as a call", "as text", "left out"]
"""`sent`: in the API's own form; `to its model`: only to the model that made it, if it wants it
back; `as a call`: as the call of a function, or its output; `as text`: in a message of the
assistant."""


class Fates(NamedTuple):
    """How one kind of item is sent."""

    responses: Fate
    chat: Fate


FATES: Mapping[str, Fates] = {
    "message": Fates("sent", "sent"),
    "reasoning": Fates("sent", "to its model"),
    "function_call": Fates("sent", "sent"),
    "function_call_output": Fates("sent", "sent"),
    "custom_tool_call": Fates("sent", "as a call"),
    "custom_tool_call_output": Fates("sent", "as a call"),
    "local_shell_call": Fates("sent", "as a call"),
    "local_shell_call_output": Fates("sent", "as a call"),
    "shell_call": Fates("sent", "as a call"),
    "shell_call_output": Fates("sent", "as a call"),
    "apply_patch_call": Fates("sent", "as a call"),
    "apply_patch_call_output": Fates("sent", "as a call"),
    "computer_call": Fates("sent", "as a call"),
    "computer_call_output": Fates("sent", "as a call"),
    "web_search_call": Fates("sent", "as text"),
    "file_search_call": Fates("sent", "as text"),
    "code_interpreter_call": Fates("sent", "as text"),
    "image_generation_call": Fates("sent", "as text"),
    "mcp_call": Fates("sent", "as text"),
    "mcp_list_tools": Fates("sent", "left out"),
    "mcp_approval_request": Fates("sent", "left out"),
    "mcp_approval_response": Fates("sent", "left out"),
    "tool_search_call": Fates("sent", "left out"),
    "tool_search_output": Fates("sent", "left out"),
    "additional_tools": Fates("sent", "left out"),
    "configuration_update": Fates("sent", "left out"),
    "program": Fates("sent", "left out"),
    "program_output": Fates("sent", "left out"),
    "compaction": Fates("sent", "left out"),
    "compaction_trigger": Fates("sent", "left out"),
    "item_reference": Fates("sent", "left out"),
}

RUN_BY_SERVER = frozenset(
    {
        "web_search_call",
        "file_search_call",
        "code_interpreter_call",
        "image_generation_call",
        "mcp_call",
    }
)
"""Calls of tools that the server runs, with their results."""

UNKNOWN = Fates("sent", "as text")
"""For unknown kinds, which a newer SDK may have stored."""


def kind_of(item: Item) -> str:
    """The type of an item; a message may have none."""
    kind = item.get("type")
    if isinstance(kind, str) and kind:
        return kind
    return "message" if "role" in item else "unknown"


def fate(kind: str, api: Api) -> Fate:
    """How an item of this kind is sent."""
    fates = FATES.get(kind, UNKNOWN)
    return fates.chat if api == "chat" else fates.responses
