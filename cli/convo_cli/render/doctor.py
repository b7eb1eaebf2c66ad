"""Shows what was checked on this machine, and what is wrong."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from convo.errors import joined
from convo_cli.render.data import shapes
from convo_cli.render.listings import Listing
from convo_cli.render.terminal.grid import Column, Grid
from convo_cli.render.terminal.text import one_line

State = Literal["ok", "note", "wrong"]
"""A note is something to know that keeps nothing from working."""


class Finding(NamedTuple):
    """The result of one check, and what to do about it."""

    check: str
    state: State
    found: str
    hint: str | None = None


def findings(found: Sequence[Finding]) -> Listing:
    """The results of all checks, in order."""

    def grid() -> Grid:
        columns = [Column("check"), Column("state"), Column("found", weight=1, wraps=True)]
        return Grid(columns, [[one_line(one.check), one.state, _told(one)] for one in found])

    return Listing(tuple(shapes.FINDING), lambda: [one._asdict() for one in found], grid)


def _told(one: Finding) -> str:
    return one_line(joined(one.found, one.hint))
