"""The dicts that the methods of `AdvancedSQLiteSession` return.

The keys are those of the SDK's class of the same name, which returns untyped dicts.
"""

from typing import Any, TypedDict


class BranchSummary(TypedDict):
    """One row of `list_branches`; `created_at` is a UTC time as SQLite writes it."""

    branch_id: str
    message_count: int
    user_turns: int
    is_current: bool
    created_at: str


class ConversationTurn(TypedDict):
    """One user turn; `full_content` is the content as it was stored, a string or a list."""

    turn: int
    content: str
    full_content: Any
    timestamp: str
    can_branch: bool


class TurnItem(TypedDict):
    """The type of one item of a turn, and the tool that it calls, if any."""

    type: str
    tool_name: str | None


class SessionUsage(TypedDict):
    """Tokens of a session or a branch, over all its turns."""

    requests: int
    input_tokens: int
    output_tokens: int
    total_tokens: int
    total_turns: int


class TurnUsageDetails(TypedDict):
    """Tokens of one turn, with the details that the model's provider reported, by name."""

    requests: int
    input_tokens: int
    output_tokens: int
    total_tokens: int
    input_tokens_details: dict[str, Any] | None
    output_tokens_details: dict[str, Any] | None


class TurnUsage(TurnUsageDetails):
    """Tokens of one turn, with its number."""

    user_turn_number: int
