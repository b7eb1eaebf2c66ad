"""Identify this process, and tell whether another one is still running.

A process id alone is not enough: the system reuses it. Together with the machine and the start
time of the process, it is unique.
"""

import os
import subprocess
from functools import cache
from pathlib import Path
from typing import NamedTuple

_PROC = Path("/proc")
_STATE, _BEGAN = 0, 19
"""Indexes of fields in `/proc/PID/stat`, counted after the name of the program."""

_ENDED = ("Z", "X")


class Process(NamedTuple):
    """A unique process: its machine, its id, and its start time as the system gives it."""

    host: str
    number: int
    began: str

    @classmethod
    def current(cls) -> "Process":
        """This process."""
        return _of(os.getpid())

    def is_here(self) -> bool:
        """Whether the process is on this machine; only then can `is_running` tell."""
        return self.host == os.uname().nodename

    def is_running(self) -> bool:
        """Whether a process of this machine is still running."""
        return bool(self.began) and _began(self.number) == self.began


@cache
def _of(number: int) -> Process:
    # Cached by id, because the child of a fork has another one.
    return Process(os.uname().nodename, number, _began(number))


def _began(number: int) -> str:
    """When a process began, with the boot id if the system has one; "" if unknown."""
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
