"""What is wrong with a database, as a list."""

from collections.abc import Sequence

from convo.store.consistency import Problem
from convo_cli.render.data.rows import Row
from convo_cli.render.listings import Listing
from convo_cli.render.terminal.grid import Column, Grid
from convo_cli.render.terminal.text import one_line

PROBLEM_KEYS = ("problem", "session", "branch", "detail")


def problems(found: Sequence[Problem]) -> Listing:
    """The problems, a row each."""

    def rows() -> list[Row]:
        return [dict(zip(PROBLEM_KEYS, map(_said, problem), strict=True)) for problem in found]

    def grid() -> Grid:
        columns = [
            Column("problem"),
            *(Column(key, weight=1, wraps=True) for key in PROBLEM_KEYS[1:]),
        ]
        return Grid(
            columns, [[one_line(_said(cell) or "") for cell in problem] for problem in found]
        )

    return Listing(PROBLEM_KEYS, rows, grid)


def _said(cell: object) -> str | None:
    """A cell as text: a name that is none, such as bytes, may be what is wrong."""
    return None if cell is None else str(cell)
