"""Instances of either class, all told things in the same way."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from agents.extensions.memory import AdvancedSQLiteSession as TheirSession
from agents.memory import SQLiteSession

from convo import AdvancedSQLiteSession as OurSession
from tests.core.differential.answers import outcome
from tests.core.differential.model import MAIN
from tests.core.differential.spent import Run

SILENT = logging.Logger("silent", level=logging.CRITICAL + 1)
"""What goes wrong on purpose need not be read by anybody."""


class Instance(Protocol):
    """A session of either class, in this process or in another."""

    async def call(self, method: str, *args: Any) -> Any:
        """What a method comes to: its answer as JSON has it, or an `Error`."""

    async def close(self) -> None:
        """Close the session."""


class Local:
    """A session in this process."""

    def __init__(self, session: Any) -> None:
        self._session = session

    async def call(self, method: str, *args: Any) -> Any:
        args = tuple(arg.result() if isinstance(arg, Run) else arg for arg in args)
        return await outcome(getattr(self._session, method)(*args))

    async def close(self) -> None:
        closing = self._session.close()
        if closing is not None:
            await closing


def theirs(session_id: str, path: Path) -> Instance:
    """An instance of the SDK's class."""
    return Local(
        TheirSession(session_id=session_id, db_path=path, create_tables=True, logger=SILENT)
    )


def ours(session_id: str, path: Path) -> Instance:
    """An instance of our class."""
    return Local(OurSession(session_id=session_id, db_path=path, create_tables=True, logger=SILENT))


@dataclass
class Seat:
    """An instance, and where it stands: its branch, and the generation in which it went there."""

    instance: Instance
    is_ours: bool
    branch: str = MAIN
    generation: int = 0


def plain(session_id: str, path: Path) -> Instance:
    """An instance of the SDK's plain class, which knows nothing of branches and turns."""
    return Local(SQLiteSession(session_id, path))
