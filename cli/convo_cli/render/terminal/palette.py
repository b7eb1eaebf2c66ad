"""Maps the colours of styles to colours that are legible on the terminal's background.

Styles use the sixteen colours that every terminal has and that the user can configure, and are
drawn in these by default. The 256 colours are the same everywhere, so that some can be chosen that
are legible on black and on white.
"""

from collections.abc import Mapping
from enum import IntEnum
from functools import cache


class Palette(IntEnum):
    """The colours to draw with; no colours are false, and the sixteen equal `True`."""

    NONE = 0
    SIXTEEN = 1
    BOTH = 2
    LIGHT = 3


HUES: Mapping[Palette, Mapping[str, int]] = {
    Palette.BOTH: {"31": 160, "32": 28, "33": 130, "35": 133, "36": 31},
    Palette.LIGHT: {"31": 124, "32": 22, "33": 94, "35": 90, "36": 24},
}
"""The replacement of each style parameter among the 256 colours."""

GREY = 244
"""One of the 256 colours that is legible on black and on white."""


@cache
def parameters(style: str, palette: int) -> str:
    """The parameters of an SGR sequence for a style, in the colours of the palette."""
    hues = HUES.get(Palette(palette), {})
    return ";".join(f"38;5;{hues[part]}" if part in hues else part for part in style.split(";"))


def rich_colour(parameter: str, name: str, palette: int) -> str:
    """The same for Rich; `name` is Rich's name of the colour among the sixteen."""
    hue = HUES.get(Palette(palette), {}).get(parameter)
    return name if hue is None else f"color({hue})"


def hex_colour(number: int) -> str:
    """One of the 256 colours from 16 on, as `#rrggbb`."""
    if number >= 232:
        return "#" + f"{8 + 10 * (number - 232):02x}" * 3
    levels = (0, 95, 135, 175, 215, 255)
    cube = number - 16
    red, green, blue = cube // 36, cube // 6 % 6, cube % 6
    return f"#{levels[red]:02x}{levels[green]:02x}{levels[blue]:02x}"
