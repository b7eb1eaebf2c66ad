"""Finds out which streams of this process are terminals, and what they can show."""

import contextlib
import os
from collections.abc import Mapping
from typing import TextIO

from convo_cli.render.terminal.look import Look
from convo_cli.render.terminal.palette import Palette

FALLBACK_WIDTH = 80
"""The width of a table that is not shown on a terminal, unless COLUMNS is set."""

FALLBACK_HEIGHT = 24
"""The height of a screen that does not report its own."""


class Appearance:
    """Which streams are terminals, and the width, height and colours that they can show."""

    def __init__(
        self,
        stdin: TextIO | None,
        stdout: TextIO | None,
        stderr: TextIO | None,
        environ: Mapping[str, str],
    ) -> None:
        self.theme: str | None = None
        """The theme of the colours: for a light or a dark terminal; "none" for no colours."""
        self._stdin, self._stdout, self._stderr = stdin, stdout, stderr
        self._environ = environ

    @property
    def stdin_is_terminal(self) -> bool:
        """Whether a user can type."""
        return self._stdin is not None and self._stdin.isatty()

    @property
    def stdout_is_terminal(self) -> bool:
        """Whether a user sees the data."""
        return self._stdout is not None and self._stdout.isatty()

    @property
    def stderr_is_terminal(self) -> bool:
        """Whether a user sees notices and errors."""
        return self._stderr is not None and self._stderr.isatty()

    @property
    def colour(self) -> bool:
        """Whether tables are coloured: on a terminal, or forced, and never with NO_COLOR."""
        return self._colour_on(self.stdout_is_terminal)

    @property
    def stderr_colour(self) -> bool:
        """Whether notices may be dimmed: as `colour`, but for stderr."""
        return self._colour_on(self.stderr_is_terminal)

    @property
    def width(self) -> int:
        """Columns of a table: COLUMNS, else those of the terminal, else 80."""
        return self._width_of(self._stdout)

    @property
    def stderr_width(self) -> int:
        """Columns of messages, found in the same way."""
        return self._width_of(self._stderr)

    def _width_of(self, stream: TextIO | None) -> int:
        if self._columns is not None:
            return self._columns
        if stream is not None and stream.isatty():
            with contextlib.suppress(OSError):
                return os.get_terminal_size(stream.fileno()).columns or FALLBACK_WIDTH
        return FALLBACK_WIDTH

    @property
    def _columns(self) -> int | None:
        """The number of columns that COLUMNS gives; None if it gives none."""
        columns = self._environ.get("COLUMNS", "")
        is_number = columns.isascii() and columns.isdigit() and int(columns) > 0
        return int(columns) if is_number else None

    @property
    def height(self) -> int:
        """Lines of the screen: LINES, else those of the terminal, else 24."""
        lines = self._environ.get("LINES", "")
        if lines.isascii() and lines.isdigit() and int(lines) > 0:
            return int(lines)
        return self.window_height

    @property
    def window_height(self) -> int:
        """The present height of the terminal; LINES may be outdated."""
        if self._stdout is not None and self.stdout_is_terminal:
            with contextlib.suppress(OSError):
                return os.get_terminal_size(self._stdout.fileno()).lines or FALLBACK_HEIGHT
        return FALLBACK_HEIGHT

    @property
    def can_redraw(self) -> bool:
        """Whether the cursor can move back over earlier lines, as on all but dumb terminals."""
        return self.stdout_is_terminal and self._can_go_back

    @property
    def can_show_status(self) -> bool:
        """Whether a line on stderr can be erased again."""
        return self.stderr_is_terminal and self._can_go_back

    @property
    def _can_go_back(self) -> bool:
        return self._environ.get("TERM") not in {"dumb", "unknown"}

    @property
    def unicode(self) -> bool:
        """Whether lines can be drawn: whether stdout takes UTF-8."""
        encoding = getattr(self._stdout, "encoding", None) or "ascii"
        return encoding.lower().replace("-", "").startswith("utf")

    @property
    def look(self) -> Look:
        """The present look of the data: width, colours and characters."""
        is_bounded = self.stdout_is_terminal or self._columns is not None
        return Look(self.width, self.palette, self.unicode, is_bounded)

    @property
    def palette(self) -> Palette:
        """The colours of the theme, where the terminal has more than sixteen."""
        if not self.colour:
            return Palette.NONE
        many = "256color" in self._environ.get("TERM", "") or self._environ.get("COLORTERM")
        if self.theme == "dark" or not many:
            return Palette.SIXTEEN
        return Palette.LIGHT if self.theme == "light" else Palette.BOTH

    def _colour_on(self, is_terminal: bool) -> bool:
        if self._environ.get("NO_COLOR"):
            return False
        if self._environ.get("FORCE_COLOR", "0") not in {"", "0"}:
            return True
        return is_terminal and self.theme != "none" and self._environ.get("TERM") != "dumb"
