"""What usage can be grouped by, and the groups that the ledger makes of it."""

from typing import Any, Literal, NamedTuple

from convo.storage import values
from convo.usage.pricing import Pricing, Spent
from convo.usage.rates import Counts
from convo.usage_records import Timing, Tokens

Key = Literal[
    "turn", "branch", "session", "model", "day", "week", "month", "source", "agent", "tool"
]
"""What usage can be grouped by. Days, weeks and months are in the time zone of the process."""

PERIODS: tuple[Key, ...] = ("day", "week", "month")

DELETED, _ESTIMATED, _UNCOUNTED = 1, 2, 4
"""The marks of a group, as `spent_by_group` adds them up."""


class Group(NamedTuple):
    """A row of `spent_by_group`: the values of the keys, and sums."""

    session: Any
    branch: Any
    turn: Any
    agent: Any
    source: Any
    tool: Any
    period: Any
    status: Any
    model: Any
    base_url: Any
    rate: int | None
    marks: int
    apart: int | None
    first_run: int | None
    turns: int
    runs: int
    estimated: Any
    requests: Any
    input_tokens: Any
    cached_tokens: Any
    output_tokens: Any
    reasoning_tokens: Any
    total_tokens: Any
    cache_write_tokens: Any
    cache_write_1h_tokens: Any
    audio_input_tokens: Any
    audio_output_tokens: Any
    recorded: Any
    recorded_runs: int
    duration_s: Any
    timed_tokens: Any
    first_token_s: Any
    first_tokens: int

    def value(self, key: Key) -> str | None:
        """The value of a key."""
        found = self.period if key in PERIODS else getattr(self, key)
        return None if found is None else values.shown(found)

    def tokens(self) -> Tokens:
        """The sums of the tokens."""
        counts = (
            self.requests,
            self.input_tokens,
            self.cached_tokens,
            self.output_tokens,
            self.reasoning_tokens,
            self.total_tokens,
        )
        return Tokens.from_row(counts, self.estimated)

    def timing(self) -> Timing:
        """How long the runs took."""
        return Timing(
            values.real(self.duration_s),
            values.whole(self.timed_tokens) or 0,
            values.real(self.first_token_s),
            self.first_tokens,
        )

    def spent(self, pricing: Pricing) -> Spent:
        """The tokens of the group, to be priced."""
        priced = pricing.of(self.model, self.base_url)
        rate = None
        if priced is not None and (priced.is_simple or self.rate is not None):
            rate = next(iter(priced.rates[self.rate or 0 :]), None)
        counts = Counts.of_row(
            [
                self.input_tokens,
                self.output_tokens,
                self.cached_tokens,
                self.cache_write_tokens,
                self.cache_write_1h_tokens,
                self.audio_input_tokens,
                self.reasoning_tokens,
                self.audio_output_tokens,
            ]
        )
        return Spent(
            self.model,
            self.base_url,
            counts,
            values.whole(self.requests) or 0,
            rate,
            self.apart,
            bool(self.marks & (_ESTIMATED | _UNCOUNTED)),
        )
