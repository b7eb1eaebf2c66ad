"""The records of usage: what runs cost, and their sums. Times are as in `convo.records`."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, NamedTuple

COMPLETED = "completed"
"""The status of a run that succeeded, or is not known to have failed."""


class Tokens(NamedTuple):
    """Token counts; `estimated` if any of them were counted without the model."""

    requests: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    total_tokens: int = 0
    estimated: bool = False

    @property
    def is_unknown(self) -> bool:
        """Whether a model answered without reporting its tokens."""
        return self.requests > 0 and not self.total_tokens and not self.estimated

    @classmethod
    def from_row(cls, counts: Sequence[int], estimated: int) -> "Tokens":
        """Six sums in the order of the fields, and whether any of them is an estimate."""
        # A damaged row may hold something else than a number, which counts as 0.
        sums = [count if type(count) is int else _whole(count) for count in counts]
        return cls._make([*sums, bool(estimated)])

    def __add__(self, other: "Tokens") -> "Tokens":  # type: ignore[override]
        return Tokens(
            self.requests + other.requests,
            self.input_tokens + other.input_tokens,
            self.cached_tokens + other.cached_tokens,
            self.output_tokens + other.output_tokens,
            self.reasoning_tokens + other.reasoning_tokens,
            self.total_tokens + other.total_tokens,
            self.estimated or other.estimated,
        )


def _whole(count: float | None) -> int:
    return int(count) if count is not None and isfinite(count) else 0


class Money(NamedTuple):
    """What runs cost in US dollars.

    `cost` is computed from prices, and None if no run has one; `unpriced` counts the runs that have
    none. `recorded` is what the programs that imported runs come from recorded, for `recorded_runs`
    of them; it is not part of `cost`.
    """

    cost: float | None = None
    unpriced: int = 0
    recorded: float | None = None
    recorded_runs: int = 0

    def __add__(self, other: "Money") -> "Money":  # type: ignore[override]
        return Money(
            _sum(self.cost, other.cost),
            self.unpriced + other.unpriced,
            _sum(self.recorded, other.recorded),
            self.recorded_runs + other.recorded_runs,
        )


class Timing(NamedTuple):
    """How long runs took, in seconds, as far as that was measured.

    `timed_tokens` are the output tokens of the runs whose `duration_s` is known; `first_token_s` is
    the sum of the times to the first token of `first_tokens` runs.
    """

    duration_s: float | None = None
    timed_tokens: int = 0
    first_token_s: float | None = None
    first_tokens: int = 0

    @property
    def tokens_per_second(self) -> float | None:
        """Output tokens a second, of the whole time that the runs took."""
        return self.timed_tokens / self.duration_s if self.duration_s else None

    @property
    def to_first_token(self) -> float | None:
        """The mean time to the first token."""
        if self.first_token_s is None or not self.first_tokens:
            return None
        return self.first_token_s / self.first_tokens

    def __add__(self, other: "Timing") -> "Timing":  # type: ignore[override]
        return Timing(
            _sum(self.duration_s, other.duration_s),
            self.timed_tokens + other.timed_tokens,
            _sum(self.first_token_s, other.first_token_s),
            self.first_tokens + other.first_tokens,
        )


def _sum(one: float | None, other: float | None) -> float | None:
    return other if one is None else one if other is None else one + other


class UsageRow(NamedTuple):
    """Tokens of a session, of one of its branches, of one turn, or of a group of runs.

    `branch_id` and `turn` are None if the row stands for all of them, `model` if more than one was
    asked. `is_deleted` marks tokens spent on a deleted turn or branch; `text` is None for a deleted
    turn. `status` is that of the runs: `completed`, `failed` or `interrupted`, each on a row of
    its own, and None if the row stands for all of them. `session_id` is empty for runs of pending
    turns that are to begin a session. `keys` are the values of the keys that it is a group of.
    """

    session_id: str
    branch_id: str | None
    is_deleted: bool
    turn: int | None
    text: str | None
    model: str | None
    turns: int
    tokens: Tokens
    status: str | None = COMPLETED
    cache_write_tokens: int = 0
    money: Money = Money()
    timing: Timing = Timing()
    keys: tuple[str | None, ...] = ()


class UsageReport(NamedTuple):
    """Rows of usage, and the total, which may include more than the rows show.

    `without_price` has the models of runs that have no price, with the number of those runs; None
    is a model that is not known.
    """

    rows: list[UsageRow]
    total: UsageRow
    without_price: Sequence[tuple[str | None, int]] = ()


class RunRecord(NamedTuple):
    """What one run of an agent cost.

    `request_entries` has a dict per request to the model: its token counts and, if the server
    gave one, its `response_id`. `duration_s` is the wall-clock time in seconds. `status` is
    `completed`, `interrupted` (it waits for an approval), `failed`, or `unfinished` (its usage was
    stored while it ran, and it never finished). `agent` and `model_chosen` are those of
    `SessionModel`, as are `context` and `mcp`. `last_agent` is the name of the agent that ended the
    run, None if that is the one that began it. `answer_schema` is the JSON Schema, as JSON, that
    the answer had to match. `first_token_s` is the time to the first token in seconds.
    `recorded_cost` is the cost in US dollars, if the program that an imported run comes from
    recorded one. `folder` is recorded as the one where the session was last asked, unless None.
    `tool_times` are the seconds that tool calls took, by their ids.
    """

    model: str | None
    requests: int
    input_tokens: int
    output_tokens: int
    total_tokens: int
    input_details: dict[str, Any] | None = None
    output_details: dict[str, Any] | None = None
    request_entries: Sequence[dict[str, Any]] = ()
    estimated: bool = False
    status: str = "completed"
    started_at: str | None = None
    duration_s: float | None = None
    base_url: str | None = None
    api: str | None = None
    agent: str | None = None
    model_chosen: bool = False
    context: str | None = None
    last_agent: str | None = None
    mcp: str | None = None
    answer_schema: str | None = None
    template: str | None = None
    template_values: str | None = None
    first_token_s: float | None = None
    recorded_cost: float | None = None
    folder: str | None = None
    tool_times: Mapping[str, float] | None = None
