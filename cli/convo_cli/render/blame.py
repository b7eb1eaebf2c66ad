"""Shows what the input tokens of a turn are."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any, Literal, NamedTuple

from convo.history.shares import Share
from convo_cli.render.data import usage_shapes
from convo_cli.render.data.rows import Row
from convo_cli.render.listings import Listing, number
from convo_cli.render.terminal.grid import Column, Grid
from convo_cli.render.terminal.text import counted, one_line

By = Literal["turn", "kind"]

_KEYS = ("turn", "kind", "name")
BLAME_KEYS = tuple(usage_shapes.BLAMED)


class Blame(NamedTuple):
    """The parts of the input of a turn.

    `counted` is what the server counted in all requests of the turn; None if nobody did.
    """

    turn: int
    shares: tuple[Share, ...]
    counted: int | None
    requests: int

    @property
    def size(self) -> int:
        """The estimated size of all parts, as often as they were sent."""
        return sum(share.size for share in self.shares)

    def summed(self, by: By | None) -> list[Share]:
        """The parts by all that tells them apart, or summed up by one key; the largest first."""
        if by is None:
            return list(self.shares)
        sums: dict[Any, int] = {}
        for share in self.shares:
            sums[getattr(share, by)] = sums.get(getattr(share, by), 0) + share.size
        first = self.shares[0]._replace(name=None) if self.shares else None
        found = [
            first._replace(**{by: key}, size=size)
            for key, size in sums.items()
            if first is not None
        ]
        return sorted(found, key=lambda share: -share.size)

    def tokens(self, shares: Sequence[Share]) -> list[int | None]:
        """The parts of what the server counted, which add up to it; None if nobody counted."""
        if self.counted is None or not self.size:
            return [None] * len(shares)
        scale = Fraction(self.counted, self.size)
        # Rounded one by one, they would add up to a little more or less.
        ends = [round(so_far * scale) for so_far in accumulate(share.size for share in shares)]
        return [end - begin for begin, end in pairwise([0, *ends])]

    def in_words(self) -> str:
        """How the sizes relate to what the server counted."""
        sent = f"sizes are estimates, of {number(self.size, estimated=True)} tokens in all"
        if self.counted is None or not self.size:
            return f"{sent}; no server counted the input of turn {self.turn}"
        asked = counted(self.requests, "request")
        return (
            f"{sent}, scaled by {self.counted / self.size:.2f} to the {self.counted:,} input "
            f"tokens that the server counted in {asked}, with instructions and tools that are not "
            "stored"
        )


def blame(found: Blame, by: By | None, largest: int | None) -> Listing:
    """The largest parts of the input of a turn, or all for None."""
    keys = _KEYS if by is None else (by,)
    all_parts = found.summed(by)
    tokens = found.tokens(all_parts)
    parts = all_parts[:largest] if largest else all_parts

    def rows() -> list[Row]:
        return [
            {
                **dict.fromkeys(BLAME_KEYS),
                **{key: getattr(share, key) for key in keys},
                "estimated_tokens": share.size,
                "tokens": scaled,
                "share": round(share.size / found.size, 4),
            }
            for share, scaled in zip(parts, tokens, strict=False)
        ]

    def document() -> Row:
        scale = None if found.counted is None or not found.size else found.counted / found.size
        return {
            "turn": found.turn,
            "input_tokens": found.counted,
            "estimated_tokens": found.size,
            "scale": None if scale is None else round(scale, 4),
            "requests": found.requests,
            "rows": rows(),
        }

    def grid() -> Grid:
        columns = [
            *(Column(key, numeric=key == "turn", weight=2 if key == "name" else 0) for key in keys),
            Column("tokens", numeric=True),
            Column("share", numeric=True),
        ]
        lines = [
            [*_named(share, keys), *_cells(found, share.size, scaled)]
            for share, scaled in zip(parts, tokens, strict=False)
        ]
        total = ["total", *[""] * (len(keys) - 1), _total(found), ""]
        if parts != all_parts:
            rest = sum(share.size for share in all_parts[len(parts) :])
            scaled = [one for one in tokens[len(parts) :] if one is not None]
            named = [*[""] * (len(keys) - 1), "others"]
            lines.append([*named, *_cells(found, rest, sum(scaled) if scaled else None)])
        return Grid(columns, lines, total=total).without_empty("name")

    return Listing(BLAME_KEYS, rows, grid, document)


def _named(share: Share, keys: Sequence[str]) -> list[str]:
    values = (getattr(share, key) for key in keys)
    return ["" if value is None else one_line(str(value)) for value in values]


def _cells(found: Blame, size: int, scaled: int | None) -> list[str]:
    tokens = number(size, estimated=True) if scaled is None else number(scaled)
    return [tokens, f"{100 * size / found.size:.1f}%" if found.size else ""]


def _total(found: Blame) -> str:
    return number(found.size, estimated=True) if found.counted is None else number(found.counted)
