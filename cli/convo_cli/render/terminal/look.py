"""Describes what an output can show: its width, colours and characters."""

from typing import NamedTuple

from convo_cli.render.terminal.grid import fitted

_DIM, _BOLD, _PLAIN = "\x1b[2m", "\x1b[1m", "\x1b[22m"


class Look(NamedTuple):
    """The width of a line in cells, and whether it may have colours and more than ASCII.

    `colour` is a `Palette`, or a bool. `is_bounded` is whether lines have to fit the width: into a
    pipe they do not, so that a program finds the whole of every text.
    """

    width: int = 80
    colour: int = False
    unicode: bool = True
    is_bounded: bool = True

    @property
    def rule(self) -> str:
        """The character that rules are made of."""
        return "─" if self.unicode else "-"

    @property
    def ellipsis(self) -> str:
        """The character that marks the end of a cut text."""
        return "…" if self.unicode else "~"

    def cut(self, line: str) -> str:
        """The line, cut to fit and leave the last column free."""
        return fitted(line, self.width - 1, self.ellipsis)

    def dimmed(self, line: str) -> str:
        """The line, dimmed and cut to fit."""
        return f"{_DIM}{self.cut(line)}{_PLAIN}" if self.colour else self.cut(line)

    def bold(self, line: str) -> str:
        """The line, in bold and cut to fit."""
        return f"{_BOLD}{self.cut(line)}{_PLAIN}" if self.colour else self.cut(line)
