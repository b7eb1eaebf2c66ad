"""The keys of the rows that commands write for programs, and the kinds of their values.

Scripts may rely on them.
Their order is that of the columns of CSV and TSV.
"""

from convo_cli.written import Keys, Rows

TOKENS: Keys = {
    "requests": "integer?",
    "input_tokens": "integer?",
    "cached_tokens": "integer?",
    "output_tokens": "integer?",
    "reasoning_tokens": "integer?",
    "total_tokens": "integer?",
    "estimated": "boolean?",
}
SESSION: Keys = {
    "session": "text",
    "branch": "text",
    "branches": "integer",
    "turns": "integer",
    "total_tokens": "integer?",
    "estimated": "boolean",
    "model": "text?",
    "created_at": "time",
    "updated_at": "time",
    "current": "boolean",
    "source": "text?",
    "starred": "boolean",
}
SESSION_INFO: Keys = {
    **SESSION,
    "base_url": "text?",
    "api": "text?",
    "agent": "text?",
    "template": "text?",
    "mcp": "[text]",
    "folder": "text?",
    "source_id": "text?",
    "started_by": "text?",
    "started": "[text]",
}
BRANCH: Keys = {
    "branch": "text",
    "parent": "text?",
    "forked_from_turn": "integer?",
    "turns": "integer",
    "messages": "integer",
    **TOKENS,
    "created_at": "time",
    "current": "boolean",
}
TREE_BRANCH: Keys = {
    "branch": "text",
    "parent": "text?",
    "forked_from_turn": "integer?",
    "shared_turns": "integer",
    "turns": "integer",
    "text": "text?",
    "current": "boolean",
}
MARKS: Keys = {
    "note": "text?",
    "tags": "[text]",
    "starred": "boolean",
    "merged": "text?",
    "merged_from": "text?",
}
"""What users have put on a turn, and how it came to its branch."""

TURN: Keys = {
    "turn": "integer",
    "text": "text",
    "tools": "[text]",
    "model": "text?",
    **TOKENS,
    "created_at": "time",
    "cut": "boolean",
    **MARKS,
}
ANSWER: Keys = {"session": "text", "branch": "text", **TURN, "answer": "text"}
ITEM: Keys = {
    "kind": "text",
    "text": "text?",
    "tool": "text?",
    "call_id": "text?",
    "arguments": "text?",
    "output": "text?",
    "attachments": "[text]",
    "item": "any",
}
ITEMS = Rows("items", ITEM)
TRANSCRIPT: Keys = {
    "turn": "integer",
    "model": "text?",
    **TOKENS,
    "created_at": "time",
    "cut": "boolean",
    **MARKS,
    "items": ITEMS,
}
FLAT_ITEM: Keys = {"turn": "integer", **{key: ITEM[key] for key in ITEM if key != "item"}}
"""The keys of one item a row, for formats that cannot nest items within a turn."""

WAITING: Keys = {
    "number": "integer",
    "session": "text?",
    "branch": "text",
    "turn": "integer",
    "in_place_of": "integer?",
    "text": "text",
    "state": "text",
    "message": "text?",
    "tools": "[text]",
    "answer": "text",
    "model": "text?",
    "created_at": "time",
    "updated_at": "time",
}
REMOVED: Keys = {
    "session": "text",
    "what": "text",
    "branch": "text?",
    "first_turn": "integer?",
    "last_turn": "integer?",
    "turns": "integer",
    "text": "text",
    "removed_at": "time",
}
RESTORED: Keys = {
    "branch": "text",
    "taken_from": "text",
    **{key: kind for key, kind in REMOVED.items() if key not in {"session", "branch"}},
    "lost_items": "integer",
}
RESTORED_REPORT: Keys = {
    "branch": "text",
    "session": "text",
    "restored": Rows("removals", RESTORED),
}
TOOL: Keys = {"turn": "integer", "tool": "text", "calls": "integer"}
FOUND: Keys = {
    "session": "text",
    "branch": "text",
    "turn": "integer",
    "role": "text",
    "excerpt": "text",
    "text": "text",
    "created_at": "time",
}
PROBLEM: Keys = {"problem": "text", "session": "text?", "branch": "text?", "detail": "text?"}
PLACE: Keys = {"branch": "text", "session": "text"}
MERGED: Keys = {
    "session": "text",
    "branch": "text",
    "kind": "text",
    "source": "text?",
    "source_first_turn": "integer?",
    "source_last_turn": "integer?",
    "first_turn": "integer?",
    "last_turn": "integer?",
    "set_aside_first_turn": "integer?",
    "set_aside_last_turn": "integer?",
}
NOTED: Keys = {"session": "text", "branch": "text", "turn": "integer", "note": "text?"}
TAGGED: Keys = {"tag": "text", "session": "text", "branch": "text", "turn": "integer"}
TAG: Keys = {**TAGGED, "text": "text", "created_at": "time"}
STARRED: Keys = {"session": "text", "branch": "text?", "turn": "integer?", "starred": "boolean"}
SESSION_PLACE: Keys = {"session": "text?", "branch": "text?"}
PATH: Keys = {"path": "text"}
COPIED: Keys = {
    "from": "text",
    "to": "text",
    "sessions": "integer",
    "messages": "integer",
    "lines": "integer",
    "skipped": "integer",
}
STATUS: Keys = {
    "database": "text",
    "bytes": "integer?",
    "log_bytes": "integer?",
    "folder": "text?",
    "session": "text?",
    "branch": "text?",
    "turn": "integer?",
    "note": "text?",
    "tags": "[text]",
    "starred": "boolean",
    "session_starred": "boolean",
    "model": "text?",
    "model_origin": "text?",
    "base_url": "text?",
    "agent": "text?",
    "template": "text?",
    "waiting": "integer",
    "branches": "integer?",
    "sessions": "integer",
    "restorable": "integer",
    "problem": "text?",
    "month_cost_usd": "number?",
    "month_budget_usd": "number?",
}
FINDING: Keys = {"check": "text", "state": "text", "found": "text", "hint": "text?"}
SETTING: Keys = {"key": "text", "value": "any", "origin": "text"}
SERVER: Keys = {"server": "text", "url": "text", "api": "text", "key": "text?"}
CHECKED_SERVER: Keys = {"server": "text", "url": "text", "models": "integer?", "problem": "text?"}
KEY: Keys = {"server": "text?", "url": "text", "key": "text?"}
ALIAS: Keys = {"alias": "text", "model": "text?"}
TEMPLATE: Keys = {
    "template": "text",
    "instructions": "text?",
    "prompt": "text?",
    "model": "text?",
    "options": "object",
    "agent": "text?",
    "mcp": "[text]?",
    "schema": "text?",
}
SAVED_TEMPLATE: Keys = {**TEMPLATE, "options": "object?"}
MODEL: Keys = {
    "server": "text?",
    "model": "text",
    "context_window": "integer?",
    "input_price": "number?",
    "output_price": "number?",
    "default": "boolean",
}
MCP_SERVER: Keys = {
    "name": "text",
    "transport": "text",
    "command": "[text]?",
    "url": "text?",
    "needs_approval": "boolean",
    "without_approval": "[text]",
}
MCP_TOOL: Keys = {
    "server": "text",
    "tool": "text",
    "description": "text",
    "needs_approval": "boolean",
    "schema": "object",
}
FOUND_SOURCE: Keys = {
    "source": "text",
    "paths": "[text]",
    "sessions": "integer",
    "new": "integer",
    "grown": "integer",
    "skipped": "integer",
}
IMPORT_TOTALS: Keys = {
    "source": "text",
    "new": "integer",
    "grown": "integer",
    "turns": "integer",
    "known": "integer",
    "not_chosen": "integer",
    "empty": "integer",
    "deleted_here": "integer",
    "skipped": "integer",
}
LEFT_OUT: Keys = {"path": "text", "line": "integer?", "why": "text"}
IMPORTED: Keys = {**IMPORT_TOTALS, "places": Rows("places", LEFT_OUT)}
CLONED: Keys = {
    "session": "text",
    "outcome": "text",
    "turns": "integer",
    "branches": "[text]",
}
