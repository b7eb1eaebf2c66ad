"""Which process this is, and whether another one is still running.

A number alone does not tell: it is given again when its process has ended. The moment at which
the process began does, together with the machine.
"""

import os
import subprocess
from functools import cache
from pathlib import Path
from typing import NamedTuple

_PROC = Path("/proc")
_STATE, _BEGAN = 0, 19
"""Where `/proc/PID/stat` has them, counted from behind the name of the program."""

_ENDED = ("Z", "X")


class Process(NamedTuple):
    """A process for good: the machine, the number, and when it began, as the system says it."""

    host: str
    number: int
    began: str

    @classmethod
    def current(cls) -> "Process":
        """This process."""
        return _of(os.getpid())

    def is_here(self) -> bool:
        """Whether it is one of this machine, of which alone `is_running` can tell."""
        return self.host == os.uname().nodename

    def is_running(self) -> bool:
        """Whether a process of this machine is still there."""
        return bool(self.began) and _began(self.number) == self.began


@cache
def _of(number: int) -> Process:
    # Kept by number, because the child of a fork has another one.
    return Process(os.uname().nodename, number, _began(number))


def _began(number: int) -> str:
    """When a process began: where the system says it, since which start of the machine; or ""."""
    if not (_PROC / "self" / "stat").exists():
        return _began_by_ps(number)
    try:
        stat = (_PROC / str(number) / "stat").read_text(errors="replace")
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[_STATE] in _ENDED else f"{boot} {fields[_BEGAN]}"


def _began_by_ps(number: int) -> str:
    try:
        done = subprocess.run(
            ["ps", "-o", "state=", "-o", "lstart=", "-p", str(number)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
        )
    except OSError:
        return ""
    state, _, began = done.stdout.strip().partition(" ")
    return "" if state.startswith(_ENDED) else began.strip()
