"""Draws grids as tables.

Rich draws coloured tables, unless they are long: it needs about forty microseconds a cell, which
would be seconds for ten thousand turns. All others are drawn line by line here, with the same
characters, which also saves importing Rich for a pipe.
"""

import io
from collections.abc import Iterable, Iterator, Sequence

from convo_cli.render.terminal.grid import GAP, Column, Grid, cells, fitted, folded
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.palette import rich_colour

_LONGEST_ALIGNED = 60
"""The width that the columns of a table without bounds are filled to, in cells."""

_NARROWEST = 10
"""The room for a text beside its title on the narrowest terminal, in cells."""

RICH_ROWS = 200
"""The longest grid, in rows, that Rich draws."""


def draw(grid: Grid, look: Look) -> str:
    """The table as text, with a newline at its end."""
    if not look.is_bounded:
        grid = grid.whole()
        widths = grid.full_widths()
        if not look.colour:
            return "".join(f"{line}\n" for line in draw_in_full(grid, look, widths))
    else:
        if any(column.spare for column in grid.columns):
            grid = grid.fitting(look.width)
        widths = grid.widths(look.width)
        if sum(widths) + GAP * (len(widths) - 1) > look.width:
            return "".join(f"{line}\n" for line in draw_one_below_the_other(grid, look))
    if look.colour and len(grid.rows) <= RICH_ROWS:
        return draw_with_rich(grid, look, widths)
    return "".join(f"{line}\n" for line in draw_plainly(grid, look, widths))


def draw_plainly(grid: Grid, look: Look, widths: Sequence[int]) -> Iterator[str]:
    """The lines of the table, without colour."""
    if any(column.wraps for column in grid.columns):
        folded = [line for row in grid.folded(widths) for line in row]
        grid = grid._replace(rows=folded)
    # Done by column, so that what a column has in common is computed once.
    texts = zip(*grid.lines(), strict=True)
    filled = (
        _filled(column, [fitted(text, width, look.ellipsis) for text in cells_of], width)
        for column, cells_of, width in zip(grid.columns, texts, widths, strict=True)
    )
    rule = look.rule * (sum(widths) + GAP * (len(widths) - 1))
    yield from _ruled([*zip(*filled, strict=True)], rule, grid)


def _ruled(texts: Sequence[Sequence[str]], rule: str, grid: Grid) -> Iterator[str]:
    """The lines of filled texts, with a rule below the titles and above the total."""
    gap = " " * GAP
    lines = [gap.join(line).rstrip() for line in texts]
    yield lines[0]
    yield rule
    yield from lines[1 : len(grid.rows) + 1]
    if grid.total is not None:
        yield rule
        yield lines[-1]


def draw_in_full(grid: Grid, look: Look, widths: Sequence[int]) -> Iterator[str]:
    """The lines of the table, none of its texts cut or broken; only short ones are aligned."""
    widths = [min(width, _LONGEST_ALIGNED) for width in widths]
    rule = look.rule * (sum(widths) + GAP * (len(widths) - 1))
    texts = zip(*grid.lines(), strict=True)
    filled = (
        _filled(column, cells_of, width)
        for column, cells_of, width in zip(grid.columns, texts, widths, strict=True)
    )
    yield from _ruled([*zip(*filled, strict=True)], rule, grid)


def draw_one_below_the_other(grid: Grid, look: Look) -> Iterator[str]:
    """The rows as blocks of lines with a title each, for a terminal that is too narrow."""
    titles = [column.title for column in grid.columns]
    rows = [*grid.rows, *([] if grid.total is None else [grid.total])]
    for number, row in enumerate(rows):
        if number:
            yield look.rule * look.width
        mark = next((text for title, text in zip(titles, row, strict=True) if not title), "")
        shown = [(title, text) for title, text in zip(titles, row, strict=True) if title and text]
        indent = max((cells(title) for title, _ in shown), default=0) + GAP
        for title, text in shown:
            begin = title + " " * (indent - cells(title))
            room = max(look.width - indent, _NARROWEST)
            for line in folded(f"{mark} {text}" if mark else text, room):
                yield f"{begin}{line}".rstrip()
                begin = " " * indent
            mark = ""


def _filled(column: Column, texts: Iterable[str], width: int) -> list[str]:
    """The texts of a column, each padded to the width."""
    fill = str.rjust if column.numeric else str.ljust
    return [
        fill(text, width) if text.isascii() else _filled_slowly(column, text, width)
        for text in texts
    ]


def _filled_slowly(column: Column, text: str, width: int) -> str:
    space = " " * (width - cells(text))
    return space + text if column.numeric else text + space


def draw_with_rich(grid: Grid, look: Look, widths: Sequence[int]) -> str:
    """The table drawn by Rich, in colour if the look has any."""
    from rich.box import Box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    total = grid.total
    rule = look.rule
    lines = Box(f"    \n    \n {rule * 2} \n    \n    \n {rule * 2} \n    \n    \n")
    table = Table(
        box=lines,
        show_edge=False,
        pad_edge=False,
        padding=(0, GAP - 1, 0, 0),
        show_footer=total is not None,
        header_style="bold",
        footer_style="bold",
        border_style="dim",
    )
    for index, (column, width) in enumerate(zip(grid.columns, widths, strict=True)):
        table.add_column(
            column.title,
            Text(fitted(total[index], width, look.ellipsis)) if total is not None else "",
            justify="right" if column.numeric else "left",
            width=width,
            no_wrap=True,
        )
    marked = rich_colour("32", "green", look.colour)
    for number, of_row in enumerate(grid.folded(widths)):
        texts = [
            "\n".join(fitted(text, width, look.ellipsis) for text in of_column).rstrip("\n")
            for of_column, width in zip(zip(*of_row, strict=True), widths, strict=True)
        ]
        table.add_row(*map(Text, texts), style=marked if number == grid.marked else None)
    out = io.StringIO()
    console = Console(
        file=out,
        width=max(look.width, sum(widths) + GAP * len(widths)),
        color_system="256" if look.colour else None,
        force_terminal=bool(look.colour),
        no_color=not look.colour,
        force_jupyter=False,
        legacy_windows=False,
    )
    console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())
