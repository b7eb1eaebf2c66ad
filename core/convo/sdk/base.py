"""The base of the session class: the session and its database file."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from convo.items.decoding import Unreadable
from convo.records import MAIN
from convo.sdk.file import CurrentBranch, SessionFile
from convo.sdk.runs import Asked, ByRun, Trace
from convo.storage.statements import Tables
from convo.storage.storage import LOCK_TIMEOUT, StorageOptions
from convo.storage.transaction import Transaction

if TYPE_CHECKING:
    from agents.memory import SessionSettings

T = TypeVar("T")

_PAGE_CACHE = 32 * 1024
"""KiB of a file that sessions cache: a long-running program reads the same pages again."""


class OpenedSession:
    """The file of a session, and the session's current branch in it."""

    def __init__(
        self,
        *,
        session_id: str,
        db_path: str | Path = ":memory:",
        create_tables: bool = False,
        logger: logging.Logger | None = None,
        session_settings: "SessionSettings | dict[str, Any] | None" = None,
        sessions_table: str = "agent_sessions",
        messages_table: str = "agent_messages",
        branch_id: str = MAIN,
        lock_timeout: float = LOCK_TIMEOUT,
        turn_limit: int | None = None,
    ) -> None:
        """Create a session; the file is opened when it is first used.

        Args:
            session_id: The name of the session in the file.
            db_path: The file, with `~` expanded; ":memory:" for one that ends with the session.
            create_tables: Whether to create the file and the tables if they do not exist.
            logger: Gets a warning for unreadable rows and for usage that could not be stored.
            session_settings: The SDK's settings; `limit` is the default limit of `get_items`.
            sessions_table: The name of the base table of sessions.
            messages_table: The name of the base table of messages.
            branch_id: The branch to start on; the SDK's class always starts on `main`.
            lock_timeout: Seconds to wait while another process holds the file.
            turn_limit: How many of the newest turns `get_items` returns, each of them whole, if no
                limit of items is set; None for all.

        Raises:
            ValueError: The structure tables do not exist and may not be created, or belong to
                another pair of base tables; or `turn_limit` is negative.
        """
        self.session_id = session_id
        self.db_path = db_path
        self._logger = logger or logging.getLogger("convo")
        self._unreadable = Unreadable(self._logger)
        self._settings = session_settings
        if turn_limit is not None and turn_limit < 0:
            raise ValueError(f"turn_limit is a number of turns, not {turn_limit}")
        self.turn_limit = turn_limit
        self._traces = ByRun(Trace)
        self._asked = ByRun(Asked, known_by=lambda context: context)
        tables = Tables(sessions_table, messages_table)
        options = StorageOptions(tables, create_tables, lock_timeout, _PAGE_CACHE)
        self._file = SessionFile(session_id, db_path, options, branch_id)

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
