"""Runs the command that checks an answer."""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

TIMEOUT = 60.0
"""The seconds that a command may take unless another limit is given."""

_KEPT = 4096
_PIECE = 65536
_GRACE = 1.0
"""The seconds that a command gets to end itself before it is killed."""


class Ran(NamedTuple):
    """What became of a command.

    `code` is its exit code, 128 and more if a signal ended it, as a shell reports it, or None if it
    took too long. `output` is the end of what it wrote, to stdout and stderr.
    """

    code: int | None
    output: str
    seconds: float

    @property
    def is_good(self) -> bool:
        """Whether the command succeeded."""
        return self.code == 0


async def run_command(
    command: str | Sequence[str],
    text: str,
    *,
    environ: Mapping[str, str] | None = None,
    limit: float = TIMEOUT,
    folder: Path | None = None,
) -> Ran:
    """Run a command that gets a text on stdin, with more variables in its environment.

    A text is a command of the shell; no shell runs a program with its arguments, and OSError is
    raised if that cannot be started. It may take `limit` seconds. What it leaves running is ended
    with it, as it is itself if this is cancelled.
    """
    begun = time.monotonic()
    tail = _Tail()
    with tempfile.TemporaryFile() as stdin:
        stdin.write(text.encode(errors="replace"))
        stdin.seek(0)
        try:
            code = await _exit_code(command, stdin, tail, environ or {}, limit, folder)
        finally:
            tail.close()
    return Ran(code, tail.text, time.monotonic() - begun)


async def _exit_code(
    command: str | Sequence[str],
    stdin: BinaryIO,
    tail: "_Tail",
    environ: Mapping[str, str],
    limit: float,
    folder: Path | None,
) -> int | None:
    variables = {name: value.replace("\0", "") for name, value in environ.items()}
    words = ["/bin/sh", "-c", command] if isinstance(command, str) else command
    process = await asyncio.create_subprocess_exec(
        *words,
        cwd=folder,
        stdin=stdin,
        stdout=tail.writing,
        stderr=tail.writing,
        env={**os.environ, **variables},
        # A group of its own, so that all of it can be ended, and Ctrl-C is for the program alone.
        start_new_session=True,
    )
    tail.begin()
    try:
        async with asyncio.timeout(limit):
            code = await process.wait()
    except TimeoutError:
        return None
    finally:
        await _ended(process)
    return code if code >= 0 else 128 - code


async def _ended(process: asyncio.subprocess.Process) -> None:
    """End the command and what it has left running."""
    _signal(process.pid, signal.SIGTERM)
    if process.returncode is None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE):
                await process.wait()
    _signal(process.pid, signal.SIGKILL)
    if process.returncode is None:
        await process.wait()


def _signal(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


class _Tail:
    """The end of what a command writes into a pipe, read while it runs."""

    def __init__(self) -> None:
        self._reading, self.writing = os.pipe()
        os.set_blocking(self._reading, False)
        self._kept = b""
        self._loop = asyncio.get_running_loop()

    def begin(self) -> None:
        """Begin to read, once the command has the other end."""
        os.close(self.writing)
        self.writing = -1
        self._loop.add_reader(self._reading, self._read)

    def close(self) -> None:
        """Read what is left, and close the pipe."""
        if self.writing >= 0:
            os.close(self.writing)
        self._loop.remove_reader(self._reading)
        # What still writes now has left the group, and may go on for ever.
        for _ in range(16):
            if not self._read():
                break
        os.close(self._reading)

    def _read(self) -> bool:
        piece = b""
        with suppress(BlockingIOError):
            piece = os.read(self._reading, _PIECE)
        if not piece:
            self._loop.remove_reader(self._reading)
        self._kept = (self._kept + piece)[-_KEPT:]
        return bool(piece)

    @property
    def text(self) -> str:
        """What was kept."""
        return self._kept.decode(errors="replace")
