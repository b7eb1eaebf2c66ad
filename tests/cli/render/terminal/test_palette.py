"""The colours of the themes read on the backgrounds that they are for."""

from __future__ import annotations

import pytest

from convo_cli.render.terminal.palette import GREY, HUES, Palette, hex_colour, parameters
from convo_cli.render.terminal.spans import Span, drawn

BLACK, WHITE = "#000000", "#ffffff"


def luminance(colour: str) -> float:
    """As WCAG has it."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        channel / 12.92 if channel <= 0.03928 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("number", [*HUES[Palette.BOTH].values(), GREY])
def test_without_a_theme_colours_read_on_black_and_on_white(number: int) -> None:
    assert contrast(hex_colour(number), WHITE) >= 3
    assert contrast(hex_colour(number), BLACK) >= 3


@pytest.mark.parametrize("number", HUES[Palette.LIGHT].values())
def test_those_of_the_light_theme_read_like_text(number: int) -> None:
    assert contrast(hex_colour(number), WHITE) >= 4.5


def test_every_palette_has_every_hue() -> None:
    assert HUES[Palette.BOTH].keys() == HUES[Palette.LIGHT].keys()


def test_styles_are_drawn_in_the_colours_of_the_palette() -> None:
    assert parameters("1;36", Palette.SIXTEEN) == parameters("1;36", True) == "1;36"
    assert parameters("1;36", Palette.BOTH) == "1;38;5;31"
    spans = [Span("a", "36"), Span("b", "2")]
    assert drawn(spans, colour=Palette.LIGHT) == "\x1b[38;5;24ma\x1b[0m\x1b[2mb\x1b[0m"
    assert drawn(spans, colour=Palette.NONE) == "ab"
