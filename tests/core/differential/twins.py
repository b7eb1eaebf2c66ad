"""One conversation held twice: by the SDK's class in one file, by ours in another."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import agents.extensions.memory.advanced_sqlite_session as sdk
from agents.extensions.memory import AdvancedSQLiteSession as TheirSession

import convo.branches.naming
from convo import AdvancedSQLiteSession as OurSession
from tests.core.differential.answers import outcome
from tests.core.differential.seats import SILENT


@dataclass(frozen=True)
class Both:
    """What the two classes came to in one call."""

    theirs: Any
    ours: Any


class Twin:
    """An instance of the SDK's class and one of ours, to be told the same."""

    def __init__(self, session_id: str, folder: Path, limit: int | None = None) -> None:
        self.session_id = session_id
        self._folder = folder
        self._settings = None if limit is None else {"limit": limit}
        self.theirs: Any = None
        self.open_theirs()
        self.ours = OurSession(
            session_id=session_id,
            db_path=folder / "ours.db",
            create_tables=True,
            logger=SILENT,
            session_settings=self._settings,
        )

    def open_theirs(self) -> None:
        """Open the SDK's instance, again if there is one: it begins on `main`."""
        if self.theirs is not None:
            self.theirs.close()
        self.theirs = TheirSession(
            session_id=self.session_id,
            db_path=self._folder / "theirs.db",
            create_tables=True,
            logger=SILENT,
            session_settings=self._settings,
        )

    async def both(self, method: str, *args: Any, **kwargs: Any) -> Both:
        """What a method comes to on the one and on the other."""
        return Both(
            await outcome(getattr(self.theirs, method)(*args, **kwargs)),
            await outcome(getattr(self.ours, method)(*args, **kwargs)),
        )

    async def close(self) -> None:
        """Close both."""
        self.theirs.close()
        await self.ours.close()


class Clock:
    """The time that both classes put into the names of branches; it stands still."""

    def __init__(self) -> None:
        self.now = 1_700_000_000

    def time(self) -> float:
        """Seconds since the epoch."""
        return float(self.now)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Let both classes see this clock in place of the machine's."""
        shown = SimpleNamespace(time=self.time)
        with patch.object(sdk, "time", shown), patch.object(convo.branches.naming, "time", shown):
            yield
