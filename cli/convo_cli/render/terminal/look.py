"""What the place that something is shown in can show."""

from typing import NamedTuple

from convo_cli.render.terminal.grid import fitted

_DIM, _BOLD, _PLAIN = "\x1b[2m", "\x1b[1m", "\x1b[22m"


class Look(NamedTuple):
    """How wide a line may be, in cells, and whether it may have colours and more than ASCII.

    `colour` is a `Palette`, or just whether there may be colours.
    """

    width: int = 80
    colour: int = False
    unicode: bool = True

    @property
    def rule(self) -> str:
        """The character that lines are made of."""
        return "─" if self.unicode else "-"

    @property
    def ellipsis(self) -> str:
        """The character that stands for what was cut away."""
        return "…" if self.unicode else "~"

    def cut(self, line: str) -> str:
        """A line that fits, and leaves the last column free."""
        return fitted(line, self.width - 1, self.ellipsis)

    def dimmed(self, line: str) -> str:
        """A line that stands back behind the others, cut to fit."""
        return f"{_DIM}{self.cut(line)}{_PLAIN}" if self.colour else self.cut(line)

    def bold(self, line: str) -> str:
        """A line that stands out from the others, cut to fit."""
        return f"{_BOLD}{self.cut(line)}{_PLAIN}" if self.colour else self.cut(line)
