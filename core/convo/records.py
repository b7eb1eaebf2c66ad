"""What the store answers: small immutable records, made from rows at the edge of the database.

Timestamps are ISO 8601 in UTC, to the second ("2026-11-22T16:50:36Z"); token counts are whole
numbers; durations are seconds.

Named tuples: classes of that kind are made in a fraction of the time that dataclasses take, which
every start of the program would pay for, and so are their rows.
"""

from collections.abc import Sequence
from math import isfinite
from typing import Any, Literal, NamedTuple

COMPLETED = "completed"
"""The status of what came to a good end, or is not known to have come to a bad one."""

MAIN = "main"
"""The branch that every session has from its start to its end."""


Cut = Literal["tokens", "interrupted"]
"""Why an answer has no end: the limit of tokens was reached, or it was interrupted and kept."""


class Head(NamedTuple):
    """Where a database stands: the current session and, in it, the current branch.

    `session_id` is None as long as the database holds no session.
    """

    session_id: str | None
    branch_id: str = MAIN
    previous_branch_id: str | None = None


class TurnRef(NamedTuple):
    """One turn for good: its place, and the row that began it, whose id is never reused.

    `anchor` is None as long as nobody has looked for that row.
    """

    branch_id: str
    turn: int
    anchor: int | None


class Location(NamedTuple):
    """A branch of a session."""

    session_id: str
    branch_id: str = MAIN


class NewSession(NamedTuple):
    """The place of a turn that begins a session.

    Where a session of that name is there by then, the turn goes to the end of its `main`, or if
    it `is_unique` begins another, with a number behind the name.
    """

    name: str
    is_unique: bool = False


class Beside(NamedTuple):
    """The place of a turn that takes that of another, on a branch that is made with it.

    The branch holds what stands before `turn` of the location, and its name is made of `stem`.
    The session's head goes there from the branch `head`, unless somebody has moved it on. With
    `sums_up_to` the new turn is a summary of those from `turn` to that one, and those after follow.
    """

    location: Location
    turn: int
    stem: str
    head: str = MAIN
    sums_up_to: int | None = None


TurnPlace = Location | NewSession | Beside
"""Where a turn is to be stored: at the end of a branch, in a session of its own, beside a turn."""


class StoredTurn(NamedTuple):
    """Where a turn was stored. `started` says that it began the session."""

    session_id: str
    branch_id: str
    turn: int
    started: bool = False


class Tokens(NamedTuple):
    """Tokens that were spent; `estimated` when any of them were counted without the model."""

    requests: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    total_tokens: int = 0
    estimated: bool = False

    @property
    def is_unknown(self) -> bool:
        """Whether a model answered and nobody counted its tokens."""
        return self.requests > 0 and not self.total_tokens and not self.estimated

    @classmethod
    def from_row(cls, counts: Sequence[int], estimated: int) -> "Tokens":
        """Six sums in the order of the fields, and whether any of them is an estimate."""
        # A damaged row may have no number: it counts for nothing.
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


class SessionInfo(NamedTuple):
    """One conversation, as a list of conversations shows it.

    `branch_id` is its current branch, `turns` the number of turns on that branch; the tokens are
    those of the whole session, deleted branches included.
    """

    session_id: str
    branch_id: str
    branches: int
    turns: int
    total_tokens: int
    estimated: bool
    model: str | None
    created_at: str
    updated_at: str
    is_current: bool


class SessionModel(NamedTuple):
    """What the last turn of a session was asked of; all None when none is known.

    `agent` names the agent that ran, as the program that stored the turn does: a file or a module,
    and what the agent is called in it. `model_chosen` says that the model was chosen over the
    agent's own. `context` names what the agent's code was given along, or is that as JSON. `mcp`
    names the MCP servers whose tools the model could call, in whatever form that program has.
    `template` names what the turn was made from, and `template_values` has as JSON what that was
    given.
    """

    model: str | None = None
    base_url: str | None = None
    api: str | None = None
    agent: str | None = None
    model_chosen: bool = False
    context: str | None = None
    mcp: str | None = None
    template: str | None = None
    template_values: str | None = None


class BranchInfo(NamedTuple):
    """One branch. `tokens` are those spent on it, not those of the turns it shares."""

    branch_id: str
    parent_branch_id: str | None
    forked_from_turn: int | None
    user_turns: int
    message_count: int
    tokens: Tokens
    created_at: str
    is_current: bool


class TurnInfo(NamedTuple):
    """One turn of a branch; `tokens` is None where no usage was stored for it.

    `cut` says why the answer has no end, and is None where it has.
    """

    turn: int
    text: str
    tools: tuple[str, ...]
    model: str | None
    tokens: Tokens | None
    created_at: str
    cut: Cut | None = None


class Removed(NamedTuple):
    """What was taken off a session and can be brought back: a branch, or the last turns of one.

    `first_turn` and `last_turn` are None for a branch without turns; `text` is what the first of
    the turns asked, or of those that were asked on the deleted branch itself.
    """

    what: Literal["branch", "turns"]
    branch_id: str
    first_turn: int | None
    last_turn: int | None
    turns: int
    text: str
    removed_at: str


class Restored(NamedTuple):
    """What was brought back, and the branch that it is on now.

    `lost_items` counts the items that somebody else had deleted for good.
    """

    removed: Removed
    branch_id: str
    lost_items: int = 0

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is on another branch than the one it was taken from."""
        return self.branch_id != self.removed.branch_id


class ToolUse(NamedTuple):
    """How often a turn called a tool."""

    turn: int
    tool: str
    calls: int


class UsageRow(NamedTuple):
    """Tokens of a session, of one of its branches, or of one turn.

    `branch_id` and `turn` are None where the row stands for all of them, `model` where more than
    one was asked. `branch_deleted` marks tokens spent on a branch that is gone; `text` is None
    for a turn that is. `status` is that of the runs: `completed`, `failed` or `interrupted`, each
    on a row of its own, and None where the row stands for all of them. `session_id` is empty for
    runs that should have begun a session, as long as none has begun.
    """

    session_id: str
    branch_id: str | None
    branch_deleted: bool
    turn: int | None
    text: str | None
    model: str | None
    turns: int
    tokens: Tokens
    status: str | None = COMPLETED


class UsageReport(NamedTuple):
    """Rows of usage, and what everything cost, which may be more than the rows show."""

    rows: list[UsageRow]
    total: UsageRow


class RunRecord(NamedTuple):
    """What one run of an agent cost.

    `request_entries` has a dict per request to the model: its token counts and, where the server
    gave one, its `response_id`. `duration_s` is the wall-clock time in seconds. `status` is
    `completed`, `interrupted` (it waits for an approval), `failed`, or `unfinished` (its usage was
    stored while it ran, and it never came to its end). `agent` and `model_chosen` are those of
    `SessionModel`, as are `context` and `mcp`. `last_agent` is the name of the agent that ended the
    run, None where that is the one that began it. `answer_schema` is the JSON Schema, as JSON, that
    the answer was to fit.
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


class LandedTurn(NamedTuple):
    """A turn that somebody has added to a session: where it is, and what it asks."""

    branch_id: str
    turn: int
    text: str


class Backup(NamedTuple):
    """A copy of a database: where it is, its size in bytes, and what it holds."""

    path: str
    size: int
    sessions: int
    messages: int


class Found(NamedTuple):
    """A prompt or an answer that says what was searched for.

    `role` is `user` or `assistant`; `spans` are the places in `text` that say it, as pairs of
    offsets in characters. A message that several branches show is named on one of them. Of one that
    is stored in more than a million characters, `text` is the part around the words, of some
    65,000 characters.
    """

    session_id: str
    branch_id: str
    turn: int
    role: str
    text: str
    spans: tuple[tuple[int, int], ...]
    created_at: str
