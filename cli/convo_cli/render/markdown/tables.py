"""Tables in an answer: cells wrapped within their columns, so that a table fits its place."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from convo_cli.render.terminal.spans import Span, Spans, folded, width_of, wrapped

_NARROWEST = 4
"""Cells that a column keeps; a table that needs more than there are is told row by row."""

Row = Sequence[Spans]


def table_lines(
    rows: Sequence[Row], alignments: Sequence[str], width: int, *, unicode: bool
) -> list[Spans]:
    """The lines of a table of at most `width` cells, the first row being its head."""
    bar, rule, cross = (" │ ", "─", "─┼─") if unicode else (" | ", "-", "-+-")
    natural = [max(map(_natural_width, column)) for column in zip(*rows, strict=True)]
    room = width - len(bar) * (len(natural) - 1)
    if room < _NARROWEST * len(natural):
        return list(_records(rows, width))
    widths = _fitted_widths(natural, room)
    between = (Span(cross.join(rule * column for column in widths), "2"),)
    drawn = [list(_row(row, widths, alignments, bar)) for row in rows]
    # Where a cell takes several lines, one must see where it ends.
    parted = any(len(lines) > 1 for lines in drawn[1:])
    lines: list[Spans] = []
    for number, row_lines in enumerate(drawn):
        if number == 1 or (number and parted):
            lines.append(between)
        lines += row_lines
    return lines if len(drawn) > 1 else [*lines, between]


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


def _records(rows: Sequence[Row], width: int) -> Iterator[Spans]:
    """Each row as lines of `title: cell`, for a table with more columns than there is room for."""
    titles, *others = rows
    for number, row in enumerate(others):
        if number:
            yield ()
        for title, cell in zip(titles, row, strict=True):
            yield from wrapped([*title, Span(": "), *cell], width)
    if not others:
        for title in titles:
            yield from wrapped(title, width)
