"""The installed program, run as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pexpect

PATIENCE = 180.0
"""Seconds to wait for what takes three: a machine may be busy with much else."""

_MANY = """
import io, json, os, shlex, sys
from convo_cli.app import run

def stream(text=""):
    return io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8", newline="")

done, stdout = [], sys.stdout
for line in sys.argv[2:]:
    sys.stdin, sys.stdout, sys.stderr = stream(sys.argv[1]), stream(), stream()
    code = run(shlex.split(line))
    for one in (sys.stdout, sys.stderr):
        one.flush()
    done.append([code, *(one.buffer.getvalue().decode() for one in (sys.stdout, sys.stderr))])
json.dump(done, stdout)
stdout.flush()
"""

EXECUTABLE = Path(sys.executable).with_name("convo")
_KEPT = ("PATH", "PYTHONPATH", "TMPDIR")
INHERITED = {name: os.environ[name] for name in _KEPT if name in os.environ}


@dataclass(frozen=True)
class Result:
    """What a process left: its exit code, and what it wrote."""

    code: int
    out: str
    err: str

    def error(self, code: int) -> str:
        """The one line of a failure, after checking that it is a proper one."""
        assert (self.code, self.out) == (code, ""), self
        assert self.err.startswith("convo: "), self
        assert self.err.count("\n") == 1, self
        return self.err.removeprefix("convo: ").rstrip("\n")


@dataclass
class Program:
    """`convo` in a home of its own, on a database of its own, offline and without colour."""

    home: Path
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.db = self.home / "c.db"
        self.env = {
            **INHERITED,
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "CONVO_DB": str(self.db),
            "CONVO_MODEL": "echo",
            **self.env,
        }

    def __call__(
        self,
        *args: str | bytes | Path,
        stdin: str | bytes = "",
        env: Mapping[str, str | None] | None = None,
        **how: Any,
    ) -> Result:
        """Run a command line. `env` adds to the environment, or with None takes away."""
        done = subprocess.run(
            [EXECUTABLE, *args],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            env=self.environ(env or {}),
            capture_output=True,
            timeout=PATIENCE,
            check=False,
            **how,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    def each(
        self, *lines: str, stdin: str = "", env: Mapping[str, str | None] | None = None
    ) -> list[Result]:
        """Run many command lines in one process, which saves most of the time of starting it.

        Each of them gets the whole of `stdin`.
        """
        done = subprocess.run(
            [sys.executable, "-c", _MANY, stdin, *lines],
            env=self.environ(env or {}),
            cwd=self.home,
            capture_output=True,
            timeout=PATIENCE,
            check=True,
        )
        return [Result(*one) for one in json.loads(done.stdout)]

    def environ(self, changes: Mapping[str, str | None]) -> dict[str, str]:
        """The environment of a process, with changes."""
        changed = {**self.env, **changes}
        return {name: value for name, value in changed.items() if value is not None}

    def at_terminal(
        self,
        *args: str,
        env: Mapping[str, str | None] | None = None,
        columns: int = 80,
        lines: int = 24,
    ) -> pexpect.spawn[str]:
        """Run a command line on a pseudo-terminal; `ended` waits for its end."""
        return pexpect.spawn(
            str(EXECUTABLE),
            list(args),
            env=self.environ(env or {}),
            dimensions=(lines, columns),
            encoding="utf-8",
            timeout=PATIENCE,
        )

    def shell(self, script: str, **env: str) -> Result:
        """Run a line of bash that calls `convo`; it stands for the program's path."""
        bash = ["bash", "-c", f'convo() {{ "{EXECUTABLE}" "$@"; }}; {script}']
        done = subprocess.run(
            bash, env=self.environ(env), capture_output=True, timeout=PATIENCE, check=False
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


def wait_until(met: Callable[[], bool]) -> None:
    """Wait for what another process is to have done."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if met():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come to that")


def ended(child: pexpect.spawn[Any]) -> int | None:
    """Wait for the end of what runs on a pseudo-terminal; return its exit code."""
    child.expect(pexpect.EOF)
    # Closing first would send SIGHUP to what has closed its terminal and is about to exit.
    child.wait()
    child.close()
    return child.exitstatus
