"""Whole processes: how long they take, and how much memory at their peak."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_ESCAPE = re.compile(rb"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07]*\x07|[=>()][0-9A-B]?)")
_PATIENCE = 60.0


@dataclass(frozen=True)
class Run:
    """Seconds on the clock and of the processor, and bytes of memory; 0 where nothing says it."""

    seconds: float
    processor: float = 0.0
    peak: int = 0


class CommandFailed(Exception):
    """A command that is measured ended with an error, or not at all."""


class Launcher:
    """Runs commands to their end, with nothing on stdin and their output thrown away."""

    def __init__(self, scratch: Path) -> None:
        self._errors = scratch / "stderr"
        # Without site-packages and their .pth files it stays small.
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", Path(__file__).with_name("launcher.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def run(self, command: Sequence[str], environ: dict[str, str], expected: int = 0) -> Run:
        """Run a command; raises `CommandFailed` unless it ends with the code that is expected."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([command, environ, str(self._errors)]) + "\n")
        self._process.stdin.flush()
        code, seconds, spent, peak = json.loads(self._process.stdout.readline())
        if code != expected:
            said = self._errors.read_text(errors="replace").strip()
            raise CommandFailed(f"{' '.join(command)}: exit {code}: {said[-500:]}")
        return Run(seconds, spent, peak)


class AtTerminal:
    """A command on a terminal of its own, killed at the end."""

    def __init__(self, command: Sequence[str], environ: dict[str, str]) -> None:
        self._command = command
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self._begun = time.perf_counter()
        self._process = subprocess.Popen(
            command, env=environ, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
        )
        os.close(slave)
        self.spent = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        _, status, used = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        self.spent = used.ru_utime + used.ru_stime
        os.close(self._master)

    def type(self, text: bytes) -> None:
        """Type; the time until what comes next begins now."""
        self._begun = time.perf_counter()
        os.write(self._master, text)

    def until(self, wanted: re.Pattern[bytes]) -> float:
        """Seconds until the terminal shows what is wanted. Raises `CommandFailed`."""
        shown = b""
        while not wanted.search(_ESCAPE.sub(b"", shown)):
            more = _read(self._master)
            if not more:
                said = _ESCAPE.sub(b"", shown).decode(errors="replace")[-500:]
                line = " ".join(self._command)
                raise CommandFailed(f"{line} never showed {wanted.pattern!r}: {said}")
            shown += more
        return time.perf_counter() - self._begun


def _read(terminal: int) -> bytes:
    """What the terminal shows next; nothing when the program has ended, or says nothing more."""
    ready, _, _ = select.select([terminal], [], [], _PATIENCE)
    try:
        return os.read(terminal, 65536) if ready else b""
    except OSError:
        # Linux says so that nobody is at the other end any more.
        return b""


def import_times(command: Sequence[str], environ: dict[str, str]) -> dict[str, float]:
    """Seconds that the imports of a Python command took, by top-level package, the longest first.

    Python itself measures them (`-X importtime`), which makes all of them slower.
    """
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *command],
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    taken: dict[str, float] = {}
    for line in done.stderr.splitlines():
        own, _, module = line.removeprefix("import time:").partition("|")
        if own.strip().isdigit():
            package = module.partition("|")[2].strip().partition(".")[0]
            taken[package] = taken.get(package, 0.0) + int(own) / 1e6
    return dict(sorted(taken.items(), key=lambda pair: -pair[1]))
