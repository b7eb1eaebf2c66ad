"""The shapes of what replays, questions to several models, and bisections write."""

from convo_cli.written import Keys, Rows

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
