"""What can be shown: how wide it may be, and whether it has colours."""

from __future__ import annotations

import io

import pytest

from convo_cli.appearance import Appearance
from tests.cli.test_terminal import Screen


def shown_on(stdout: io.StringIO | None = None, **environ: str) -> Appearance:
    return Appearance(None, stdout or io.StringIO(), io.StringIO(), environ)


@pytest.mark.parametrize(
    ("columns", "width"),
    [("120", 120), ("", 80), ("0", 80), ("-5", 80), ("wide", 80), ("²", 80)],
)
def test_width(columns: str, width: int) -> None:
    assert shown_on(COLUMNS=columns).width == width


@pytest.mark.parametrize(
    ("environ", "on_screen", "in_a_pipe"),
    [
        ({}, True, False),
        ({"TERM": "dumb"}, False, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "0"}, True, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
    ],
)
def test_colour(environ: dict[str, str], on_screen: bool, in_a_pipe: bool) -> None:
    assert shown_on(Screen(), **environ).colour is on_screen
    assert shown_on(**environ).colour is in_a_pipe
