"""The records that the store returns: small, immutable, made from rows as they are read.

Timestamps are ISO 8601 in UTC, to the second ("2026-11-22T16:50:36Z"); token counts are whole
numbers; durations are seconds.

They are named tuples because dataclasses take several times as long to define, which every start
of the program would pay for, and to create, which every row would.
"""

from typing import Literal, NamedTuple

from convo.usage_records import Tokens

MAIN = "main"
"""The branch that every session has for its whole life."""


Cut = Literal["tokens", "interrupted"]
"""Why an answer is incomplete: it hit the token limit, or was interrupted and kept."""


class Head(NamedTuple):
    """Where a database stands: the current session and, in it, the current branch.

    `session_id` is None while the database holds no session.
    """

    session_id: str | None
    branch_id: str = MAIN
    previous_branch_id: str | None = None


class TurnRef(NamedTuple):
    """A lasting reference to a turn: its location, and the row that began it.

    `anchor` is the id of that row, which is never reused; None until it has been looked up.
    """

    branch_id: str
    turn: int
    anchor: int | None


class Location(NamedTuple):
    """A branch of a session."""

    session_id: str
    branch_id: str = MAIN


class NewSession(NamedTuple):
    """Where to store a turn that begins a session.

    If a session of that name already exists, the turn is appended to its `main`, or, with
    `is_unique`, begins another session with a number after the name.
    """

    name: str
    is_unique: bool = False


class Beside(NamedTuple):
    """Where to store a turn that replaces another one, on a new branch.

    The branch holds the items before `turn` of the location, and its name is made from `stem`.
    The session's head moves there from the branch `head`, unless that is None or the head has been
    moved since. With `sums_up_to`, the new turn sums up those from `turn` to that one, and the
    later ones follow it.
    """

    location: Location
    turn: int
    stem: str
    head: str | None = MAIN
    sums_up_to: int | None = None


TurnPlace = Location | NewSession | Beside
"""Where to store a turn: at the end of a branch, in a new session, or beside another turn."""


class StoredTurn(NamedTuple):
    """Where a turn was stored. `started` is whether it began the session."""

    session_id: str
    branch_id: str
    turn: int
    started: bool = False


class SessionInfo(NamedTuple):
    """One session, as a list of sessions shows it.

    `branch_id` is its current branch and `turns` the number of turns on that branch; the tokens
    are those of the whole session, deleted branches included. `source` names the program that it
    was imported from.
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
    source: str | None = None
    is_starred: bool = False


class SessionOrigin(NamedTuple):
    """Where a session was imported from, as its id there.

    `started_by` is the session that started it, as that of an agent does of a sub-agent, and
    `started` are those that it started, as far as they have been imported.
    """

    source_id: str
    started_by: str | None = None
    started: tuple[str, ...] = ()


class SessionModel(NamedTuple):
    """The model, and agent if any, that the last turn of a session used; all None if unknown.

    `agent` names the agent as the program that stored the turn does: a file or a module, and the
    agent's name in it. `model_chosen` is whether the model was chosen over the agent's own.
    `context` names the context object passed to the agent's code, or is its JSON. `mcp` names the
    MCP servers whose tools the model could call, in that program's own format. `template` names
    the template that the turn was made from, and `template_values` is the JSON of its values.
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
    """One branch. `tokens` are those spent on it, without those of the turns that it shares."""

    branch_id: str
    parent_branch_id: str | None
    forked_from_turn: int | None
    user_turns: int
    message_count: int
    tokens: Tokens
    created_at: str
    is_current: bool


class TurnMarks(NamedTuple):
    """What users have put on a turn: a note, tags, a star."""

    note: str | None = None
    tags: tuple[str, ...] = ()
    starred: bool = False


NO_MARKS = TurnMarks()


class Tag(NamedTuple):
    """The name of a turn, a place where the turn is, and its question."""

    tag: str
    branch_id: str
    turn: int
    text: str
    created_at: str


Kind = Literal["picked", "summary", "taken", "squash"]
"""How turns came to a branch: copied one by one, summed up by a model, as a whole line, or as one
turn made of several."""


class Merged(NamedTuple):
    """What a merge or squash put on a branch: the turns `first` to `last` of a branch.

    `source` is None for a squash, whose turns were on the branch itself.
    """

    kind: Kind
    source: str | None
    first: int
    last: int


class TurnInfo(NamedTuple):
    """One turn of a branch; `tokens` is None if no usage was stored for it.

    `cut` says why the answer is incomplete; None if it is complete. `merged` says which turns it
    was made of, or copied from.
    """

    turn: int
    text: str
    tools: tuple[str, ...]
    model: str | None
    tokens: Tokens | None
    created_at: str
    cut: Cut | None = None
    marks: TurnMarks = NO_MARKS
    merged: Merged | None = None


class Removed(NamedTuple):
    """A removed branch, or removed last turns of one, that can be restored.

    `first_turn` and `last_turn` are None for a branch without turns. `text` is the question of the
    first turn; for a deleted branch, of the first turn that was asked on that branch itself.
    `merged` is the merge or squash that was undone, if that removed the turns.
    """

    what: Literal["branch", "turns"]
    branch_id: str
    first_turn: int | None
    last_turn: int | None
    turns: int
    text: str
    removed_at: str
    merged: Merged | None = None


class Restored(NamedTuple):
    """A restored branch or restored turns, and the branch that they are on now.

    `lost_items` counts the items that another program had deleted for good.
    """

    removed: Removed
    branch_id: str
    lost_items: int = 0

    @property
    def is_elsewhere(self) -> bool:
        """Whether it was restored to another branch than the one it was removed from."""
        return self.branch_id != self.removed.branch_id


class RemovedSession(NamedTuple):
    """A deleted session that can be restored.

    `turns` is the number of turns on its current branch, and `text` the first question of `main`.
    """

    session_id: str
    branches: int
    turns: int
    text: str
    removed_at: str
    merged: Merged | None = None


class RestoredSession(NamedTuple):
    """A restored session, and its current branch.

    `is_current` is whether it is the current session again, and `waiting` the number of its pending
    turns. `lost_items` counts the items that another program had deleted for good.
    """

    removed: RemovedSession
    branch_id: str
    is_current: bool
    waiting: int
    lost_items: int = 0


class ToolUse(NamedTuple):
    """How often a turn called a tool."""

    turn: int
    tool: str
    calls: int


class LandedTurn(NamedTuple):
    """A turn that another program has added to a session: its location and its question."""

    branch_id: str
    turn: int
    text: str


class Backup(NamedTuple):
    """A copy of a database: its path, its size in bytes, and the number of rows in it."""

    path: str
    size: int
    sessions: int
    messages: int


class Found(NamedTuple):
    """A prompt or an answer that matches a search.

    `role` is `user` or `assistant`; `spans` are the matches in `text`, as pairs of offsets in
    characters. A message that several branches share is listed on one of them. If a message is
    stored in more than a million characters, `text` is an excerpt of some 65,000 characters around
    the matches.
    """

    session_id: str
    branch_id: str
    turn: int
    role: str
    text: str
    spans: tuple[tuple[int, int], ...]
    created_at: str
