"""The keys of usage, costs and prices, as `shapes` has those of all other rows."""

from convo_cli.render.data.shapes import TOKENS
from convo_cli.written import Keys, Nested, Rows

COSTS: Keys = {
    "cache_write_tokens": "integer",
    "cost_usd": "number?",
    "unpriced_runs": "integer",
    "recorded_cost_usd": "number?",
    "first_token_s": "number?",
    "duration_s": "number?",
    "tokens_per_second": "number?",
}
USAGE: Keys = {
    "session": "text?",
    "branch": "text?",
    "deleted": "boolean",
    "turn": "integer?",
    "text": "text?",
    "model": "text?",
    "turns": "integer",
    **TOKENS,
    "status": "text?",
    **COSTS,
}
PRICE_ORIGIN: Keys = {"version": "text", "newest": "text?", "fetched": "time?"}
PRICED_BY: Keys = {
    "currency": "text",
    "prices": Nested(PRICE_ORIGIN),
    "without_price": Rows("models", {"model": "text?", "runs": "integer"}),
    "time_zone": "text?",
}
"""What the costs of a report depend on."""

USAGE_REPORT: Keys = {"rows": Rows("rows", USAGE), "total": Nested(USAGE), **PRICED_BY}
USAGE_SUMS: Keys = {"turns": "integer", **TOKENS, **COSTS}
USAGE_GROUP: Keys = {
    "session": "text?",
    "branch": "text?",
    "turn": "text?",
    "model": "text?",
    "day": "text?",
    "week": "text?",
    "month": "text?",
    "source": "text?",
    "agent": "text?",
    "tool": "text?",
    "deleted": "boolean",
    "status": "text",
    **USAGE_SUMS,
}
USAGE_GROUPS: Keys = {
    "rows": Rows("groups", USAGE_GROUP),
    "total": Nested(USAGE_SUMS),
    **PRICED_BY,
}
TOOL_COST: Keys = {
    "session": "text?",
    "branch": "text?",
    "turn": "integer?",
    "tool": "text",
    "calls": "integer",
    "failed": "integer",
    "timed_calls": "integer",
    "duration_s": "number?",
    "output_tokens": "integer",
    "tokens_afterwards": "integer",
}
BLAMED: Keys = {
    "turn": "integer?",
    "kind": "text?",
    "name": "text?",
    "estimated_tokens": "integer",
    "tokens": "integer?",
    "share": "number",
}
BLAME: Keys = {
    "turn": "integer",
    "input_tokens": "integer?",
    "estimated_tokens": "integer",
    "scale": "number?",
    "requests": "integer",
    "rows": Rows("parts", BLAMED),
}
PRICE: Keys = {
    "model": "text",
    "base_url": "text?",
    "override": "text?",
    "since": "text?",
    "until": "text?",
    "clock_since": "text?",
    "clock_until": "text?",
    "above": "integer?",
    "input": "number?",
    "output": "number?",
    "cached": "number?",
    "cache_write": "number?",
    "cache_write_1h": "number?",
    "audio_input": "number?",
    "cached_audio": "number?",
    "reasoning": "number?",
    "audio_output": "number?",
    "request": "number?",
}
PRICES: Keys = {
    "rows": Rows("rates", PRICE),
    "currency": "text",
    "prices": Nested(PRICE_ORIGIN),
}
FETCHED_PRICES: Keys = {"models": "integer", "from": "text", "path": "text"}
