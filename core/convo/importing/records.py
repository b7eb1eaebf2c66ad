"""What a source gives: sessions with their turns, the items of each, and what was spent on it."""

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime

from convo.items.encoding import Item


@dataclass(frozen=True, slots=True)
class ImportedRun:
    """The usage of one request or of one turn, whichever the source records.

    `input_tokens` is all that the model read, as OpenAI counts: `cached_tokens` and
    `cache_write_tokens` are parts of it, and `cache_write_1h_tokens` those of the latter that are
    kept for an hour, for which there is a price of its own. `output_tokens` includes the
    `reasoning_tokens`.
    `recorded_cost` is in US dollars, as the source recorded it. Times are aware, in UTC.
    """

    model: str | None
    input_tokens: int
    output_tokens: int
    _: KW_ONLY
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    requests: int = 1
    started_at: datetime | None = None
    duration_s: float | None = None
    recorded_cost: float | None = None
    cache_write_1h_tokens: int = 0


@dataclass(frozen=True, slots=True)
class ImportedTurn:
    """A user message and everything that follows it, up to the next one.

    `id` is the source's own, the same at every run, and `parent` that of the turn that it follows:
    two turns of one parent are a fork. `items` are as the Agents SDK stores them: the user message
    first, then messages, `function_call` and `function_call_output` in pairs, reasoning. `model`
    is only needed without `runs`, which name theirs.
    """

    id: str
    parent: str | None
    items: list[Item]
    created_at: datetime | None
    model: str | None = None
    runs: tuple[ImportedRun, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportedSession:
    """A conversation, whose turns are given in an order in which parents come before children.

    `id` is the source's own, the same at every run. `name` is its title, of which a unique session
    name is made. `project` is the folder that it was about, `parent` the id of the session that
    started it, and `main` the id of the last turn of the line that becomes the branch `main`,
    which is that of the last turn given if it is None. `branches` has the names of other branches
    where the source names them, by the id of the last turn of each.
    """

    id: str
    name: str | None
    turns: Iterable[ImportedTurn]
    created_at: datetime | None
    project: str | None = None
    parent: str | None = None
    main: str | None = None
    branches: Mapping[str, str] = field(default_factory=dict)
