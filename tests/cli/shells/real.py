"""bash, zsh and fish themselves, on a terminal, with completions typed as a user types them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import TracebackType

import pexpect
import pytest

from tests.program import EXECUTABLE, INHERITED, PATIENCE

SHELLS = ("bash", "zsh", "fish")
TAB, ENTER = "\t", "\r"

_COMMANDS = {
    "bash": ["bash", "--noprofile", "-i"],
    "zsh": ["zsh", "-i"],
    "fish": ["fish", "-i"],
}

_SHOWN = {
    # What a line is to the shell is written where the test reads it, and nothing is run.
    "bash": "shown() { printf '%s\\0' \"$@\" >out.new; mv out.new out; }; complete -F _convo shown",
    "zsh": "shown() { printf '%s\\0' \"$@\" >out.new; mv out.new out }; compdef _convo shown",
    "fish": "function shown; printf '%s\\0' $argv >out.new; mv out.new out; end; "
    "complete -c shown -w convo",
}


def needs(shell: str) -> str:
    """The path of a shell. Skips the test where it is not installed."""
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"{shell} is not installed here: apt-get install {shell}")
    return found


class RealShell:
    """A shell in its home, in which `shown` is completed as `convo` is, and keeps its words."""

    def __init__(self, shell: str, home: Path, **env: str) -> None:
        self.shell, self.home = shell, home
        self._env = {
            **INHERITED,
            "PATH": f"{EXECUTABLE.parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm",
            "COLUMNS": "100",
            "CONVO_CONFIG": os.devnull,
            **env,
        }

    def __enter__(self) -> RealShell:
        path, *arguments = _COMMANDS[self.shell]
        self.child: pexpect.spawn[str] = pexpect.spawn(
            needs(path),
            arguments,
            env=self._env,
            cwd=str(self.home),
            encoding="utf-8",
            codec_errors="replace",
            dimensions=(40, 100),
            timeout=PATIENCE,
        )
        self.child.delaybeforesend = None
        self.run(_SHOWN[self.shell])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.child.close(force=True)

    def run(self, line: str) -> None:
        """Run a line, and wait for its end."""
        (self.home / "done").unlink(missing_ok=True)
        self.child.send(f" {line}{ENTER}")
        self.child.send(f" touch done{ENTER}")
        self._wait("done")

    def words(self, keys: str) -> list[str]:
        """What the shell makes of a line that is typed with these keys."""
        (self.home / "out").unlink(missing_ok=True)
        self.child.send(f"shown {keys}{ENTER}")
        self._wait("out")
        text = (self.home / "out").read_bytes().decode("utf-8", "surrogateescape")
        return text.split("\0")[:-1]

    def see(self, keys: str, pattern: str) -> None:
        """Type keys, wait for what the shell shows, and drop the line."""
        self.child.send(f"shown {keys}")
        self.child.expect(pattern)
        self.child.send("\x03")

    def _wait(self, name: str) -> None:
        """Wait for a file; the terminal is read meanwhile, or the shell would stop."""
        for _ in range(int(PATIENCE * 20)):
            if (self.home / name).exists():
                return
            try:
                self.child.read_nonblocking(100_000, timeout=0.05)
            except pexpect.TIMEOUT:
                continue
        raise AssertionError(f"{self.shell} has not made {name}")
