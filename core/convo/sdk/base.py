"""The base of the session classes: the session and its database."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from convo.branches.branches import CountedBranch
from convo.items.decoding import Unreadable
from convo.results import SessionUsage
from convo.sdk.file import CurrentBranch, SessionFile
from convo.sdk.runs import Asked, ByRun, Trace
from convo.storage.remembered import Remembered
from convo.storage.storage import StorageOptions
from convo.storage.transaction import Transaction

if TYPE_CHECKING:
    from agents.memory import SessionSettings

    from convo.postgres.url import ServerAddress

T = TypeVar("T")


class OpenedSession:
    """The database of a session, and the session's current branch in it."""

    def __init__(
        self,
        session_id: str,
        address: "str | Path | ServerAddress",
        options: StorageOptions,
        *,
        logger: logging.Logger | None,
        session_settings: "SessionSettings | dict[str, Any] | None",
        branch_id: str,
        turn_limit: int | None,
    ) -> None:
        """Create a session; the classes for files and for servers describe the arguments."""
        self.session_id = session_id
        self._logger = logger or logging.getLogger("convo")
        self._unreadable = Unreadable(self._logger)
        self._settings = session_settings
        if turn_limit is not None and turn_limit < 0:
            raise ValueError(f"turn_limit is a number of turns, not {turn_limit}")
        self.turn_limit = turn_limit
        self._traces = ByRun(Trace)
        self._asked = ByRun(Asked, known_by=lambda context: context)
        self._file = SessionFile(session_id, address, options, branch_id)
        self._spent = Remembered[SessionUsage | None]()
        self._counted = Remembered[list[CountedBranch]](is_long=True)

    @property
    def session_settings(self) -> "SessionSettings":
        """The SDK's settings of this session, which the runner reads."""
        if self._settings is None or isinstance(self._settings, dict):
            # Only a program that uses the settings has imported the SDK.
            from agents.memory import SessionSettings

            self._settings = SessionSettings(**(self._settings or {}))
        return self._settings

    @session_settings.setter
    def session_settings(self, settings: "SessionSettings | dict[str, Any] | None") -> None:
        self._settings = settings

    @property
    def branch_id(self) -> str:
        """The branch that the session is on."""
        return self._file.current.branch_id

    async def close(self) -> None:
        """Close the session; every method raises `RuntimeError` afterwards. May be repeated."""
        await self._file.close()

    async def __aenter__(self) -> Self:
        self._file.check_open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _read(self, work: Callable[[Transaction, str], T], branch_id: str | None = None) -> T:
        """Read from the given branch, or from the current one."""
        return await self._file.read(
            lambda tx, current: work(tx, current.branch_id if branch_id is None else branch_id)
        )

    def _point(self, current: CurrentBranch) -> None:
        self._file.current = current
