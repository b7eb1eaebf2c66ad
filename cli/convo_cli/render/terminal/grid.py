"""The contents of a table: columns with their widths, and rows of safe one-line texts."""

from collections.abc import Sequence
from typing import NamedTuple

from convo_cli.render.terminal.text import whole_line

GAP = 2
"""The number of spaces between two columns."""
_NARROW = 10
"""Cells that a column keeps while any other has more."""
_NARROWEST = 6
"""The width that a column keeps on the narrowest terminal, in cells."""


class Column(NamedTuple):
    """A column. Numbers are right-aligned.

    If a line is too long, columns with a `weight` shrink, less so the higher the weight. Their
    texts are cut or, with `wraps`, continued in the next line, as for names that users copy. If
    that is not enough, `spare` columns are left out, those with the highest number first.
    """

    title: str
    numeric: bool = False
    weight: int = 0
    wraps: bool = False
    spare: int = 0


class Grid(NamedTuple):
    """Columns and rows; `marked` is the highlighted row, `total` the row below the rule."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    marked: int | None = None
    total: Sequence[str] | None = None

    def without_empty(self, *titles: str) -> "Grid":
        """The grid without those of the named columns that are empty in every row."""
        keep = [
            index
            for index, column in enumerate(self.columns)
            if column.title not in titles or any(row[index] for row in self.rows)
        ]
        return self._only(keep)

    def without(self, title: str) -> "Grid":
        """The grid without the column of that title, if it has one."""
        return self._only([i for i, column in enumerate(self.columns) if column.title != title])

    def fitting(self, available: int) -> "Grid":
        """The grid without those spare columns for which a line of `available` cells is short."""
        widths = self.full_widths()
        least = [
            min(width, _NARROW) if column.weight else width
            for width, column in zip(widths, self.columns, strict=True)
        ]
        keep = list(range(len(self.columns)))
        while sum(least[index] + GAP for index in keep) - GAP > available:
            spare = max(keep, key=lambda index: self.columns[index].spare)
            if not self.columns[spare].spare:
                break
            keep.remove(spare)
        return self if len(keep) == len(self.columns) else self._only(keep)

    def _only(self, keep: Sequence[int]) -> "Grid":
        return Grid(
            [self.columns[index] for index in keep],
            [[row[index] for index in keep] for row in self.rows],
            self.marked,
            None if self.total is None else [self.total[index] for index in keep],
        )

    def folded(self, widths: Sequence[int]) -> "list[list[list[str]]]":
        """The lines of each row: several if a text that wraps is wider than its column."""
        wrapping = [i for i, column in enumerate(self.columns) if column.wraps]
        rows = []
        for row in self.rows:
            texts = list(row)
            lines = [texts]
            for i in wrapping:
                texts[i], *more = folded(texts[i], widths[i])
                for number, piece in enumerate(more, 1):
                    if number == len(lines):
                        lines.append([""] * len(texts))
                    lines[number][i] = piece
            rows.append(lines)
        return rows

    def whole(self) -> "Grid":
        """The grid with previews of texts in full."""
        # Asked here: most texts are no previews, and a call each would take longer.
        return self._replace(
            rows=[
                [text if type(text) is str else whole_line(text) for text in row]
                for row in self.rows
            ]
        )

    def lines(self) -> list[Sequence[str]]:
        """The texts of all lines, the titles first and the total last."""
        titles = [column.title for column in self.columns]
        return [titles, *self.rows, *([] if self.total is None else [self.total])]

    def full_widths(self) -> list[int]:
        """The cells of each column if nothing is cut."""
        return [_widest(texts) for texts in zip(*self.lines(), strict=True)]

    def widths(self, available: int) -> list[int]:
        """The cells of each column in a line of `available` cells.

        If the line is too long, cells are taken one by one from the column that is widest for its
        weight; if that is not enough, the line stays longer than `available`.
        """
        widths = self.full_widths()
        excess = sum(widths) + GAP * (len(widths) - 1) - available
        weights = {i: column.weight for i, column in enumerate(self.columns) if column.weight}
        cut = [i for i in weights if not self.columns[i].wraps]
        while excess > 0:
            wide = [i for i in weights if widths[i] > _NARROW]
            # Names that go on in the next line are hard to read in so few cells: texts go first.
            wide = wide or [i for i in cut if widths[i] > _NARROWEST]
            wide = wide or [i for i in weights if widths[i] > _NARROWEST]
            if not wide:
                break
            widths[max(wide, key=lambda i: widths[i] / weights[i])] -= 1
            excess -= 1
        return widths


def _widest(texts: Sequence[str]) -> int:
    """The cells of the widest text."""
    return max(map(len if all(map(str.isascii, texts)) else cells, texts))


def folded(text: str, width: int) -> list[str]:
    """The text in pieces of at most `width` cells, at least one, cut between words if it can be."""
    pieces = []
    while cells(text) > width:
        cut = text[:width]
        while cells(cut) > width and len(cut) > 1:
            cut = cut[:-1]
        words = cut[: cut.rfind(" ") + 1]
        next_word = text[len(words) :].partition(" ")[0]
        # A word is broken only if a line of its own is too short for it.
        if words and not text[len(cut) :].startswith(" ") and cells(next_word) <= width:
            cut = words
        pieces.append(cut)
        text = text[len(cut) :]
    return [*pieces, text]


def cells(text: str) -> int:
    """The width of a text in cells of a terminal."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def fitted(text: str, width: int, ellipsis: str) -> str:
    """The text, cut to `width` cells with an ellipsis at its end if it is longer."""
    if cells(text) <= width:
        return text
    if text.isascii():
        return text[: width - 1] + ellipsis
    cut = text[:width]
    while cells(cut) > width - 1:
        cut = cut[:-1]
    return cut + ellipsis
