"""Grids, how wide their columns are, and that both ways to draw them draw the same."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from convo_cli.render.terminal.grid import Column, Grid, cells, fitted, folded
from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.tables import RICH_ROWS, draw, draw_plainly, draw_with_rich
from convo_cli.render.terminal.text import Preview

TEXTS = st.text("ab 日[]:é", max_size=40).map(str.strip)
COLUMNS = [Column("n", numeric=True), Column("text", weight=3), Column("name", weight=1)]
WRAPPING = [*COLUMNS[:2], Column("name", weight=1, wraps=True)]


def plain(grid: Grid, look: Look) -> str:
    return "".join(f"{line}\n" for line in draw_plainly(grid, look, grid.widths(look.width)))


def rich(grid: Grid, look: Look) -> str:
    return draw_with_rich(grid, look, grid.widths(look.width))


def test_a_table() -> None:
    grid = Grid(
        COLUMNS, [["1", "a [bold]question[/]", "x"], ["12", "日本", ""]], total=["13", "", ""]
    )
    assert plain(grid, Look(30)) == (
        " n  text                 name\n"
        "─────────────────────────────\n"
        " 1  a [bold]question[/]  x\n"
        "12  日本\n"
        "─────────────────────────────\n"
        "13\n"
    )


def test_what_does_not_fit_is_cut_where_it_weighs_least() -> None:
    grid = Grid(COLUMNS, [["1", "t" * 100, "n" * 100]])
    assert grid.widths(80) == [1, 56, 19]
    assert grid.widths(25) == [1, 10, 10]
    assert grid.widths(20) == [1, 9, 6]
    assert grid.widths(9) == [1, 6, 6]
    assert sum(grid.widths(300)) == 201


def test_into_a_pipe_nothing_is_cut() -> None:
    long, longer = "a text of 40 characters, the longest one", "n" * 70
    grid = Grid(
        COLUMNS, [["1", long, longer], ["2", "b", Preview("c", "c " * 500)]], total=[""] * 3
    )
    assert draw(grid, Look(10, is_bounded=False)) == (
        f"n  text{' ' * 38}name\n{'─' * 105}\n"
        f"1  {long}  {longer}\n2  b{' ' * 41}{('c ' * 500).rstrip()}\n{'─' * 105}\n\n"
    )


def test_a_table_that_does_not_fit_has_its_columns_one_below_the_other() -> None:
    columns = [Column(""), *COLUMNS[:2], Column("when")]
    rows = [["*", "1", "a question of some length", "2026-11-22"], ["", "2", "", "now"]]
    assert draw(Grid(columns, rows), Look(22)) == (
        "n     * 1\n"
        "text  a question of\n"
        "      some length\n"
        "when  2026-11-22\n"
        f"{'─' * 22}\n"
        "n     2\n"
        "when  now\n"
    )


def test_lines_break_between_words() -> None:
    assert folded("one longer-word here", 12) == ["one ", "longer-word ", "here"]
    assert folded("a word-of-20-letters", 8) == ["a word-o", "f-20-let", "ters"]


def test_a_text_is_cut_by_cells_not_characters() -> None:
    assert fitted("日本語", 6, "…") == "日本語"
    assert fitted("日本語", 5, "…") == "日本…"
    assert fitted("日本語", 4, "…") == "日…"
    assert fitted("abcdef", 4, "…") == "abc…"


def test_a_name_goes_on_in_the_next_line() -> None:
    grid = Grid(WRAPPING, [["1", "a question", "0123456789abcdef"], ["2", "b", "c"]])
    assert plain(grid, Look(25)) == (
        "n  text        name\n"
        "─────────────────────────\n"
        "1  a question  0123456789\n"
        "               abcdef\n"
        "2  b           c\n"
    )


def test_a_sentence_goes_on_between_its_words() -> None:
    grid = Grid(WRAPPING, [["1", "t" * 10, "is the server running there"]])
    assert plain(grid, Look(30)).splitlines()[2:] == [
        "1  tttttttttt  is the server",
        "               running there",
    ]


def test_a_name_goes_on_only_where_no_text_can_be_cut_further() -> None:
    grid = Grid(WRAPPING, [["1", "t" * 100, "n" * 100]])
    assert grid.widths(24) == [1, 9, 10]
    assert grid.widths(18) == [1, 6, 7]


def test_columns_that_say_nothing_are_left_out() -> None:
    grid = Grid(COLUMNS, [["1", "", ""]], total=["1", "", ""]).without_empty("name")
    assert [column.title for column in grid.columns] == ["n", "text"]
    assert (grid.rows, grid.total) == ([["1", ""]], ["1", ""])


def test_ascii_where_nothing_else_can_be_shown() -> None:
    grid = Grid(COLUMNS, [["1", "t" * 100, ""]])
    assert plain(grid, Look(40, unicode=False)).isascii()


def test_colour_and_the_row_that_stands_out() -> None:
    grid = Grid(COLUMNS, [["1", "a", "b"], ["2", "c", "d"]], marked=1)
    drawn = draw(grid, Look(40, colour=True))
    assert "\x1b[32m" in drawn.splitlines()[3]
    assert "\x1b[32m" not in drawn.splitlines()[2]
    assert re.sub(r" *\n", "\n", re.sub(r"\x1b\[[\d;]*m", "", drawn)) == plain(grid, Look(40))


def test_long_tables_are_drawn_without_rich() -> None:
    grid = Grid(COLUMNS, [["1", "a", "b"]] * (RICH_ROWS + 1))
    assert draw(grid, Look(40, colour=True)) == plain(grid, Look(40))


@given(
    st.lists(st.lists(TEXTS, min_size=3, max_size=3), max_size=4),
    st.booleans(),
    st.integers(1, 90),
    st.sampled_from([COLUMNS, WRAPPING]),
)
def test_both_ways_draw_the_same(
    rows: list[list[str]], with_total: bool, width: int, columns: list[Column]
) -> None:
    grid = Grid(columns, rows, total=["1", "x", ""] if with_total else None)
    assert rich(grid, Look(width)) == plain(grid, Look(width))
    assert max(map(cells, plain(grid, Look(width)).splitlines())) <= max(
        width, sum(grid.widths(width)) + 4
    )
