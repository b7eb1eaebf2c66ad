"""Tables in an answer: cells wrapped within their columns, so that a table fits its place."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from convo_cli.render.terminal.spans import Span, Spans, folded, width_of, wrapped

_NARROWEST = 4
"""Cells that a column keeps; a table that needs more than there are is told row by row."""

_BAR = 3
"""Cells between two columns."""

Row = Sequence[Spans]


class Layout(NamedTuple):
    """How wide the columns of a table are, and where their cells stand in them.

    With no `widths` there is no room for columns: each row is told by itself. `parted` is whether
    all rows have lines between them, as they have where one of them takes several lines.
    """

    widths: Sequence[int]
    alignments: Sequence[str]
    parted: bool


def laid_out(rows: Sequence[Row], alignments: Sequence[str], width: int) -> Layout:
    """The layout that suits these rows, the first of which is the head, in `width` cells."""
    natural = [max(map(_natural_width, column)) for column in zip(*rows, strict=True)]
    room = width - _BAR * (len(natural) - 1)
    if room < _NARROWEST * len(natural):
        return Layout((), alignments, False)
    widths = _fitted_widths(natural, room)
    parted = any(
        len(_cell_lines(cell, width)) > 1
        for row in rows[1:]
        for cell, width in zip(row, widths, strict=True)
    )
    return Layout(widths, alignments, parted)


def table_lines(
    rows: Sequence[Row], layout: Layout, width: int, *, unicode: bool
) -> Iterator[tuple[int, Spans]]:
    """The lines of a table, each with the number of its row; the first row is the head.

    Rows that take several lines are parted from others even where the layout parts none: those
    that it was made for had a line each.
    """
    if not layout.widths:
        yield from _records(rows, width)
        return
    bar, rule, cross = (" │ ", "─", "─┼─") if unicode else (" | ", "-", "-+-")
    between = (Span(cross.join(rule * column for column in layout.widths), "2"),)
    was_tall = False
    for number, row in enumerate(rows):
        lines = list(_row(row, layout.widths, layout.alignments, bar))
        is_tall = len(lines) > 1
        if number == 1 or (number and (layout.parted or is_tall or was_tall)):
            yield number, between
        for line in lines:
            yield number, line
        was_tall = is_tall and number > 0
    if len(rows) == 1:
        yield 0, between


def _natural_width(cell: Spans) -> int:
    return max((width_of(line) for line in wrapped(cell, 1 << 30)), default=0)


def _fitted_widths(natural: Sequence[int], room: int) -> list[int]:
    """The widths of the columns, what is missing taken from those that are widest."""
    widths = [max(column, 1) for column in natural]
    # The widest are levelled: a limit is found that, kept by all, makes the table fit.
    low, high = _NARROWEST, max(widths)
    while sum(widths) > room and low < high:
        limit = (low + high + 1) // 2
        if sum(min(column, limit) for column in widths) <= room:
            low = limit
        else:
            high = limit - 1
    if sum(widths) <= room:
        return widths
    fitted = [min(column, low) for column in widths]
    spare = room - sum(fitted)
    for index, column in enumerate(widths):
        if column > low and spare > 0:
            fitted[index] += 1
            spare -= 1
    return fitted


def _row(row: Row, widths: Sequence[int], alignments: Sequence[str], bar: str) -> Iterator[Spans]:
    columns = [_cell_lines(cell, width) for cell, width in zip(row, widths, strict=True)]
    for parts in zip_longest(*columns, fillvalue=()):
        line: list[Span] = []
        for index, part in enumerate(parts):
            if index:
                line.append(Span(bar, "2"))
            line += _aligned(part, widths[index], alignments[index])
        while line and not line[-1].text.strip() and not line[-1].style:
            line.pop()
        yield line


def _cell_lines(cell: Spans, width: int) -> list[Spans]:
    return [row for line in wrapped(cell, width) for row in folded(line, width)]


def _aligned(part: Spans, width: int, alignment: str) -> list[Span]:
    space = max(width - width_of(part), 0)
    before = {"right": space, "center": space // 2}.get(alignment, 0)
    return [Span(" " * before), *part, Span(" " * (space - before))]


def _records(rows: Sequence[Row], width: int) -> Iterator[tuple[int, Spans]]:
    """Each row as lines of `title: cell`, for a table with more columns than there is room for."""
    titles, *others = rows
    for number, row in enumerate(others, 1):
        if number > 1:
            yield number, ()
        for title, cell in zip(titles, row, strict=True):
            for line in wrapped([*title, Span(": "), *cell], width):
                yield number, line
    if not others:
        for title in titles:
            for line in wrapped(title, width):
                yield 0, line
