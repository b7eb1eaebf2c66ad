"""Lists of the models of servers."""

from collections.abc import Sequence
from typing import NamedTuple

from convo.usage.rates import Known
from convo_cli.render.data import shapes
from convo_cli.render.data.rows import Row
from convo_cli.render.listings import Listing, number
from convo_cli.render.terminal.grid import Column, Grid
from convo_cli.render.terminal.text import one_line

MODEL_KEYS = tuple(shapes.MODEL)


class OfferedModel(NamedTuple):
    """A model of a server, by the name that -m takes; `server` is empty if it has no name."""

    server: str
    model: str
    is_default: bool
    known: Known

    def prices(self) -> tuple[float | None, float | None]:
        """The prices of input and output now, in dollars for a million tokens."""
        rate = self.known.now()
        return (None, None) if rate is None else (rate.input, rate.output)


def models(found: Sequence[OfferedModel]) -> Listing:
    """Models, the default one marked."""

    def rows() -> list[Row]:
        return [
            {
                "server": one.server or None,
                "model": one.model,
                "context_window": one.known.context_window,
                **dict(zip(("input_price", "output_price"), one.prices(), strict=True)),
                "default": one.is_default,
            }
            for one in found
        ]

    def grid() -> Grid:
        columns = [
            Column(""),
            Column("model", weight=1, wraps=True),
            Column("context", numeric=True),
            Column("$ in", numeric=True),
            Column("$ out", numeric=True),
        ]
        lines = [
            [
                "*" if one.is_default else "",
                one_line(one.model),
                number(one.known.context_window) if one.known.context_window else "",
                *map(_price, one.prices()),
            ]
            for one in found
        ]
        marked = [one.is_default for one in found]
        grid = Grid(columns, lines, marked.index(True) if True in marked else None)
        return grid.without_empty("context", "$ in", "$ out")

    return Listing(MODEL_KEYS, rows, grid)


def _price(price: float | None) -> str:
    return "" if price is None else f"{price:.2f}"
