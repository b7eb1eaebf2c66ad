"""What happens during a turn, as lines for the person who waits for its answer."""

from typing import NamedTuple

from convo_cli.render.grid import fitted
from convo_cli.render.listings import preview

_DIM, _PLAIN = "\x1b[2m", "\x1b[22m"


class LiveLook(NamedTuple):
    """What the terminal of a chat can show."""

    width: int = 80
    colour: bool = False
    unicode: bool = True

    def cut(self, line: str) -> str:
        """A line that fits into the terminal."""
        return fitted(line, self.width - 1, "…" if self.unicode else "~")

    def dimmed(self, line: str) -> str:
        """A line that stands back behind the answer, cut to the width of the terminal."""
        return f"{_DIM}{self.cut(line)}{_PLAIN}" if self.colour else self.cut(line)


def tool_called(name: str, arguments: str, look: LiveLook) -> str:
    """The line for a tool that is called."""
    arrow = "→" if look.unicode else "->"
    return look.dimmed(f"{arrow} {preview(name)}({preview(arguments)})")


def tool_returned(name: str, output: str, look: LiveLook) -> str:
    """The line for what a tool gave back."""
    arrow = "←" if look.unicode else "<-"
    return look.dimmed(f"{arrow} {preview(name)}: {preview(output)}")
