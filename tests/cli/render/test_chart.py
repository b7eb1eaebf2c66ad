"""Bars in a terminal."""

from __future__ import annotations

import pytest

from convo_cli.render.chart import Bar, chart
from convo_cli.render.terminal.grid import cells
from convo_cli.render.terminal.look import Look

BARS = [Bar("2026-11-20", 1, "$1.00"), Bar("2026-11-21", 0, "$0"), Bar("a", 0.001, "$0.0010")]


def test_the_longest_bar_fills_the_line() -> None:
    assert chart(BARS, Look(40, unicode=False)) == (
        "2026-11-20  ##################    $1.00\n"
        "2026-11-21                           $0\n"
        "a           #                   $0.0010\n"
    )


def test_a_part_of_a_cell_is_drawn() -> None:
    shown = chart([Bar("a", 15, "x"), Bar("b", 1.5, "y")], Look(22))
    assert shown == "a  ███████████████  x\nb  █▌               y\n"
    assert chart([Bar("a", 2, ""), Bar("b", 1, "")], Look(14)).splitlines()[1] == "b  ████"


@pytest.mark.parametrize("width", [10, 20, 40, 200])
@pytest.mark.parametrize("name", ["a", "é" * 90, "日本" * 40, "x" * 90])
def test_no_line_is_longer_than_the_terminal(width: int, name: str) -> None:
    lines = chart([Bar(name, 3, "12"), Bar("b", 0, "0")], Look(width)).splitlines()
    assert all(cells(line) <= max(width, 30) for line in lines)
    assert "█" in lines[0]


def test_nothing_and_nothing_but_zeros() -> None:
    assert chart([], Look()) == ""
    assert chart([Bar("a", 0, "0")], Look(20)).split() == ["a", "0"]
