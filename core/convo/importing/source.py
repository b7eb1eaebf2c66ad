"""The interface of a source, and what it is given: where to look, and where to report."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from convo.importing.records import ImportedSession

_MOST = 1_000
"""Skipped places that are kept with their reasons; all of them are counted."""


class Source(Protocol):
    """Reads the conversations of one other program."""

    name: str

    def find(self, places: "Places") -> Iterable[Path]:
        """The files or folders of this machine that hold its conversations; often none."""
        ...

    def sessions(self, path: Path, report: "Report") -> Iterator[ImportedSession]:
        """The sessions in a file or folder, one at a time.

        Whatever the file holds, this raises nothing: what cannot be read is reported.
        """
        ...


class Skipped(NamedTuple):
    """A place that could not be read; `line` counts from 1, and is None for a whole file."""

    path: str
    line: int | None
    why: str


@dataclass
class Report:
    """Collects what is skipped, and counts the bytes that have been read."""

    skipped: list[Skipped] = field(default_factory=list)
    count: int = 0
    read: int = 0

    def skip(self, path: Path | str, line: int | None, why: str) -> None:
        """Report that a line, or with None a file, is left out, and the reason in a few words."""
        self.count += 1
        if len(self.skipped) < _MOST:
            self.skipped.append(Skipped(str(path), line, why))


@dataclass(frozen=True, slots=True)
class Places:
    """Where programs keep their files on a machine."""

    home: Path
    environ: Mapping[str, str]
    platform: str = sys.platform

    @classmethod
    def of_process(cls) -> "Places":
        """Those of the user who runs this process."""
        return cls(Path.home(), os.environ)

    def named(self, variable: str) -> Path | None:
        """The folder that an environment variable names; None if it is not set."""
        value = self.environ.get(variable)
        return Path(value).expanduser() if value else None

    def data(self, program: str) -> Path:
        """The folder for the data of a program, as the platform's convention has it."""
        if self.platform == "darwin":
            return self.home / "Library" / "Application Support" / program
        if self.platform == "win32":
            return (self.named("LOCALAPPDATA") or self.home / "AppData" / "Local") / program
        return self.xdg("XDG_DATA_HOME", ".local/share") / program

    def config(self, program: str) -> Path:
        """The folder for the configuration of a program, as the platform's convention has it."""
        if self.platform in {"darwin", "win32"}:
            return self.data(program)
        return self.xdg("XDG_CONFIG_HOME", ".config") / program

    def xdg(self, variable: str, default: str) -> Path:
        """A base folder of the XDG convention, which some programs follow on every platform."""
        return self.named(variable) or self.home / default
