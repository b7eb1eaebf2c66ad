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
DIFF: Keys = {
    "a": "text",
    "b": "text",
    "relation": "text",
    "common_turn_a": "integer?",
    "common_turn_b": "integer?",
    "turns_a": Rows("turns of `show`", TRANSCRIPT),
    "turns_b": Rows("turns of `show`", TRANSCRIPT),
}
FLAT_DIFF: Keys = {"branch": "text", **FLAT_ITEM}
"""The keys of one item a row, for formats that cannot nest turns within a row."""

SPENT: Keys = {"cost_usd": "number?", "duration_s": "number?"}
WORD: Keys = {
    "turn_a": "integer?",
    "turn_b": "integer?",
    "message": "integer",
    "kind": "text",
    "tool": "text?",
    "change": "text",
    "text": "text",
}
"""A piece of a message that is the same, removed or added."""

DIFF_WORDS: Keys = {
    "a": "text",
    "b": "text",
    "relation": "text",
    "common_turn_a": "integer?",
    "common_turn_b": "integer?",
    "differences": Rows("pieces of messages", WORD),
}
CHECKED: Keys = {
    "turn": "integer",
    "state": "text",
    "exit_code": "integer?",
    "output": "text",
    "check_seconds": "number",
    "branch": "text",
    "total_tokens": "integer?",
    "cost": "number?",
    "seconds": "number?",
}
BISECTED: Keys = {
    "session": "text",
    "branch": "text",
    "rerun": "boolean",
    "first_bad": "integer?",
    "last_good": "integer?",
    "candidates": "[integer]",
    "monotone": "boolean",
    "checked": Rows("checked turns", CHECKED),
}
COMPARED_BRANCH: Keys = {
    "branch": "text",
    "common_turn": "integer?",
    "shared_with": "text?",
    "shared_turns": "integer",
    "turns": "integer",
    "models": "[text]",
    **TOKENS,
    **SPENT,
}
_TURN_FACTS: Keys = {key: kind for key, kind in TRANSCRIPT.items() if key != "items"}
COMPARED_TURN: Keys = {
    "place": "integer",
    "branch": "text",
    "shared_with": "text?",
    **_TURN_FACTS,
    **SPENT,
    "items": ITEMS,
}
COMPARED: Keys = {
    "session": "text",
    "branches": Rows("branches", COMPARED_BRANCH),
    "turns": Rows("turns", COMPARED_TURN),
}
COMPARED_WORD: Keys = {"a": "text", "b": "text", **WORD}
COMPARED_WORDS: Keys = {**COMPARED, "differences": Rows("pieces of messages", COMPARED_WORD)}
FLAT_COMPARED_WORD: Keys = {
    **COMPARED_WORD,
    **{f"{key}_{side}": kind for side in "ab" for key, kind in SPENT.items()},
}
"""The keys of a piece of a message a row, with what the two turns took."""

FLAT_COMPARED: Keys = {
    "place": "integer",
    "branch": "text",
    "turn": "integer",
    "text": "text",
    "answer": "text",
    "model": "text?",
    **TOKENS,
    **SPENT,
}
"""The keys of one turn of a branch a row."""

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
TRIAL_USAGE: Keys = {
    "requests": "integer",
    "input_tokens": "integer",
    "output_tokens": "integer",
    "total_tokens": "integer",
    "estimated": "boolean",
    "cost": "number?",
}
"""What a trial took."""

TRIAL_LINE: Keys = {
    "session": "text",
    "branch": "text?",
    "name": "text",
    "model": "text?",
    "from_turn": "integer",
    "turns": "integer",
    "wanted": "integer",
    **TRIAL_USAGE,
    "seconds": "number",
    "state": "text",
    "error": "text?",
}
ASKED: Keys = {
    "session": "text",
    "branch": "text?",
    "name": "text",
    "model": "text?",
    "turn": "integer?",
    "answer": "text?",
    **TRIAL_USAGE,
    "seconds": "number",
    "state": "text",
    "error": "text?",
}
PICKED: Keys = {"branch": "text", "session": "text", "others": "[text]"}
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
