"""Puts a text on the clipboard: through the terminal (OSC 52), else by a program of the platform.

The terminal is asked first: it is where the person sits, also over ssh. It does not say whether it
has done so, and is passed over where it is known not to.
"""

import asyncio
import base64
import os
import shutil
import sys
from collections.abc import Mapping, Sequence

from convo.errors import ConvoError
from convo_cli.terminal import Terminal

_LONGEST = 74_994
"""Bytes of a text that terminals take, of which Base64 makes 100,000."""

_PATIENCE = 5.0
"""Seconds that a program may take."""

_PLATFORM: str = sys.platform


class ClipboardError(ConvoError):
    """Nothing takes the text."""


async def copy(text: str, terminal: Terminal, environ: Mapping[str, str]) -> str:
    """Put a text on the clipboard, and return by what. Raises `ClipboardError`."""
    data = text.encode(errors="replace")
    if terminal.stdout_is_terminal and takes_osc52(environ) and len(data) <= _LONGEST:
        terminal.write_now(f"\x1b]52;c;{base64.b64encode(data).decode()}\x07")
        return "the terminal"
    for command in _commands(environ):
        if await _taken_by(command, data):
            return command[0]
    raise ClipboardError(
        "nothing here takes a text to the clipboard",
        hint="install wl-clipboard, xclip or xsel, or use a terminal that knows OSC 52",
    )


def takes_osc52(environ: Mapping[str, str]) -> bool:
    """Whether a terminal may take a text by its escape sequence: all but those known not to."""
    unable = environ.get("TERM") in {None, "", "dumb", "unknown", "linux"}
    # The terminals of GNOME and of macOS know it not; tmux and screen answer for theirs.
    return not (
        unable or environ.get("VTE_VERSION") or environ.get("TERM_PROGRAM") == "Apple_Terminal"
    )


def _commands(environ: Mapping[str, str]) -> list[Sequence[str]]:
    """The programs that may be there, the most fitting first."""
    found: list[Sequence[str]] = []
    if _PLATFORM == "darwin":
        found.append(["pbcopy"])
    if environ.get("WAYLAND_DISPLAY"):
        found.append(["wl-copy"])
    if environ.get("DISPLAY"):
        found.append(["xclip", "-selection", "clipboard"])
        found.append(["xsel", "--clipboard", "--input"])
    path = environ.get("PATH", os.defpath)
    return [command for command in found if shutil.which(command[0], path=path)]


async def _taken_by(command: Sequence[str], data: bytes) -> bool:
    # They stay behind to hand the text out, and must not keep our streams open.
    nowhere = asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.PIPE, stdout=nowhere, stderr=nowhere
        )
    except OSError:
        return False
    try:
        async with asyncio.timeout(_PATIENCE):
            await process.communicate(data)
    except TimeoutError:
        process.kill()
        await process.wait()
    return process.returncode == 0
