"""The shapes of what comparisons of branches write."""

from convo_cli.render.data.shapes import FLAT_ITEM, ITEMS, TOKENS, TRANSCRIPT
from convo_cli.written import Keys, Rows

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
