"""Shows long texts through a pager, as git does."""

import contextlib
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping

from convo_cli.invocation import Invocation
from convo_cli.render.terminal.grid import cells
from convo_cli.render.terminal.text import encodable
from convo_cli.terminal import Terminal

_STYLE = re.compile("\x1b\\[[0-9;]*m")
_DEFAULTS = {"LESS": "FRX", "LV": "-c"}
"""Options that make less and lv keep colours, and make less quit if a text fits on the screen."""

_NOT_FOUND = 127
"""The exit code of a shell for a command that does not exist."""


def write_paged(
    invocation: Invocation, text: Callable[[], Iterable[str]], *, wanted: bool = True
) -> None:
    """Write a text, through the pager if one is wanted and the text is longer than the screen.

    `text` yields the pieces of the text. It is called again if the pager cannot be started.
    """
    terminal, environ = invocation.terminal, invocation.environ
    command = _pager(environ, invocation.config.value("pager"))
    if (
        not wanted
        or command is None
        or not terminal.stdout_is_terminal
        or not terminal.stdin_is_terminal
        or _fits(text(), terminal)
        or not _page(command, environ, text())
    ):
        terminal.write_pieces(text())


def _pager(environ: Mapping[str, str], configured: str | None) -> str | None:
    """The command line of the pager; None without one, or if none is wanted.

    As with git, a pager chosen for this program takes precedence over $PAGER.
    """
    named = environ.get("CONVO_PAGER", configured)
    if named is None:
        named = environ.get("PAGER")
    if named is None:
        return shutil.which("less", path=environ.get("PATH"))
    return None if named.strip() in {"", "cat"} else named


def _fits(pieces: Iterable[str], terminal: Terminal) -> bool:
    """Whether a text fits on the screen. Reads only as much of it as needed to tell."""
    text = ""
    for piece in pieces:
        text += piece
        if _screen_lines(text, terminal.width) >= terminal.height:
            return False
    return True


def _screen_lines(text: str, width: int) -> int:
    lines = _STYLE.sub("", text).split("\n")
    return sum(max(1, -(-cells(line) // width)) for line in lines) - text.endswith("\n")


def _page(command: str, environ: Mapping[str, str], pieces: Iterable[str]) -> bool:
    """Show the text in the pager until the user quits it; return whether it could be started."""
    with (
        subprocess.Popen(
            command,
            shell=True,
            stdin=subprocess.PIPE,
            env={**_DEFAULTS, **environ},
        ) as pager,
        _interrupts_ignored(),
    ):
        assert pager.stdin is not None
        with contextlib.suppress(BrokenPipeError), pager.stdin as pipe:
            pipe.writelines(encodable(piece).encode() for piece in pieces)
        return pager.wait() != _NOT_FOUND


@contextlib.contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Ignore Ctrl-C, which is for the pager on the same terminal."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
