"""The keys of the rows that `convo eval` writes for programs, and the kinds of their values."""

from convo_cli.render.data.trial_shapes import TRIAL_USAGE
from convo_cli.written import Keys, Nested, Rows

INTERVAL: Keys = {"value": "number", "low": "number", "high": "number"}
EVAL: Keys = {
    "run": "integer",
    "set": "text",
    "path": "text?",
    "session": "text?",
    "choices": "[text]",
    "cases": "integer",
    "repeat": "integer",
    "wanted": "integer",
    "done": "integer",
    "passed": "integer",
    "errors": "integer",
    "created_at": "time",
    "ended_at": "time?",
}
EVAL_CHOICE: Keys = {
    "choice": "text",
    "attempts": "integer",
    "passed": "integer",
    "failed": "integer",
    "errors": "integer",
    "rate": "number",
    "low": "number",
    "high": "number",
    **TRIAL_USAGE,
    "judge_cost": "number?",
    "seconds": "number",
}
EVAL_CHECK: Keys = {"kind": "text", "passed": "boolean?", "reason": "text"}
EVAL_RESULT: Keys = {
    "case": "text",
    "choice": "text",
    "attempt": "integer",
    "state": "text",
    "reason": "text?",
    "session": "text?",
    "branch": "text?",
    "turn": "integer?",
    "total_tokens": "integer",
    "cost": "number?",
    "judge_cost": "number?",
    "seconds": "number",
    "checks": Rows("checks", EVAL_CHECK),
}
EVAL_REPORT: Keys = {
    **EVAL,
    "by_choice": Rows("choices", EVAL_CHOICE),
    "results": Rows("attempts", EVAL_RESULT),
}
EVAL_CHANGE: Keys = {
    "case": "text",
    "change": "text",
    "before": "number?",
    "after": "number?",
    "reason": "text?",
}
EVAL_COMPARISON: Keys = {
    "before_run": "integer",
    "before_choice": "text?",
    "after_run": "integer",
    "after_choice": "text?",
    "verdict": "text",
    "paired": "integer",
    "before": Nested(INTERVAL),
    "after": Nested(INTERVAL),
    "difference": Nested(INTERVAL),
    "changes": Rows("cases", EVAL_CHANGE),
}
ADDED_CASE: Keys = {"path": "text", "case": "text", "checks": "[text]"}
