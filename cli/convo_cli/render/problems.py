"""The list of problems of a database."""

from collections.abc import Sequence

from convo.store.consistency import Problem
from convo_cli.render.data import shapes
from convo_cli.render.data.rows import Row
from convo_cli.render.listings import Listing
from convo_cli.render.terminal.grid import Column, Grid
from convo_cli.render.terminal.text import one_line

PROBLEM_KEYS = tuple(shapes.PROBLEM)


def problems(found: Sequence[Problem]) -> Listing:
    """The problems, one a row."""

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
    """A cell as text. The problem may be a name that is not text, such as bytes."""
    return None if cell is None else str(cell)
