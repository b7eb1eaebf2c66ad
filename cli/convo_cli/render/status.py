"""Shows where the user is."""

from typing import NamedTuple

from convo.records import NO_MARKS, TurnMarks
from convo_cli.render.data import shapes
from convo_cli.render.data.rows import Row
from convo_cli.render.listings import Listing, number
from convo_cli.render.sections import marked
from convo_cli.render.terminal.grid import Column, Grid
from convo_cli.render.terminal.text import counted, in_units, one_line

_SERVER = "postgresql://"
STATUS_KEYS = tuple(shapes.STATUS)


class Place(NamedTuple):
    """The session and branch, the number of the last turn and its marks, and the branches."""

    session: str
    branch: str
    turn: int
    branches: int
    marks: TurnMarks = NO_MARKS
    is_starred: bool = False


class Answering(NamedTuple):
    """The model, where it comes from, and its server, agent and template; or why none answers."""

    model: str | None = None
    origin: str | None = None
    base_url: str | None = None
    agent: str | None = None
    template: str | None = None
    problem: str | None = None


class Sizes(NamedTuple):
    """The size of the file and of its log, None if there is none, and what is in it."""

    bytes: int | None
    log_bytes: int | None
    sessions: int
    waiting: int
    restorable: int


class Month(NamedTuple):
    """What this month has cost and its budget, in US dollars, and both in words."""

    cost: float
    budget: float
    said: str


class Status(NamedTuple):
    """Everything that `convo status` says. `place` is None before the first session.

    `folder` is the folder that decides which session goes on, if one does; `month` is None without
    a budget.
    """

    database: str
    place: Place | None
    answering: Answering
    sizes: Sizes
    folder: str | None = None
    month: Month | None = None


def status(found: Status) -> Listing:
    """The status, one fact a line; for programs, one object."""

    def row() -> Row:
        return _row(found)

    def grid() -> Grid:
        lines = [[name, one_line(value)] for name, value in _facts(found).items() if value]
        return Grid([Column("what"), Column("is", weight=1, wraps=True)], lines)

    return Listing(STATUS_KEYS, lambda: [row()], grid, row)


def _row(found: Status) -> Row:
    place, answering, sizes = found.place, found.answering, found.sizes
    return {
        "database": found.database,
        "bytes": sizes.bytes,
        "log_bytes": sizes.log_bytes,
        "folder": found.folder,
        "session": place and place.session,
        "branch": place and place.branch,
        "turn": place and place.turn,
        "note": place and place.marks.note,
        "tags": list(place.marks.tags) if place else [],
        "starred": place is not None and place.marks.starred,
        "session_starred": place is not None and place.is_starred,
        "model": answering.model,
        "model_origin": answering.origin,
        "base_url": answering.base_url,
        "agent": answering.agent,
        "template": answering.template,
        "waiting": sizes.waiting,
        "branches": place and place.branches,
        "sessions": sizes.sessions,
        "restorable": sizes.restorable,
        "problem": answering.problem,
        "month_cost_usd": found.month and round(found.month.cost, 9),
        "month_budget_usd": found.month and found.month.budget,
    }


def _facts(found: Status) -> dict[str, str | None]:
    place, answering, sizes = found.place, found.answering, found.sizes
    return {
        "database": _database(found),
        "folder": found.folder,
        "session": _session(place) if place else "none yet; `convo chat` starts one",
        "branch": place and place.branch,
        "turn": place and (str(place.turn) if place.turn else "none yet"),
        "marks": place and (", ".join(marked(place.marks)) or None),
        "model": _model(answering),
        "server": answering.base_url,
        "agent": answering.agent,
        "template": answering.template,
        "waiting": _waiting(sizes.waiting),
        "in session": place and _branches(place.branches),
        "in database": counted(sizes.sessions, "session"),
        "restorable": number(sizes.restorable) if sizes.restorable else None,
        "this month": found.month and found.month.said,
    }


def _session(place: Place) -> str:
    return f"{place.session}, starred" if place.is_starred else place.session


def _database(found: Status) -> str:
    if found.database.startswith(_SERVER):
        return found.database
    return f"{found.database} ({_size_of(found.sizes)})"


def _waiting(count: int) -> str | None:
    if not count:
        return None
    # Imported here because it is slow to load, and seldom needed.
    from convo_cli.render.waiting import SHOW

    return f"{counted(count, 'prompt')}; {SHOW} lists them"


def _branches(count: int) -> str:
    return "1 branch" if count == 1 else f"{count:,} branches"


def _model(answering: Answering) -> str | None:
    if answering.problem is not None:
        return f"none: {answering.problem}"
    if answering.model is None:
        return "the agent's own" if answering.agent else "the server's only one"
    return f"{answering.model} ({_without_folder(answering.origin or '')})"


def _without_folder(origin: str) -> str:
    return f"file {origin.rpartition('/')[2]}" if origin.startswith("file ") else origin


def _size_of(sizes: Sizes) -> str:
    if sizes.bytes is None:
        return "it does not exist yet"
    log = f", its log {in_units(sizes.log_bytes)}" if sizes.log_bytes else ""
    return f"{in_units(sizes.bytes)}{log}"
