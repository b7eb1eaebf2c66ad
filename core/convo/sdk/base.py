"""A conversation and the file that it is in: named, looked at, changed, closed."""

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
"""KiB of a file that sessions keep: a program that holds one reads the same pages again."""


class OpenedSession:
    """The file of a session, and where in it the session stands."""

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
        """Name the conversation; the file is opened when it is first used.

        Args:
            session_id: Which conversation of the file this is.
            db_path: The file, with `~` expanded; ":memory:" for one that ends with the session.
            create_tables: Whether to make the file and the tables where they are not there.
            logger: Told of unreadable rows and of usage that could not be stored.
            session_settings: The SDK's settings; `limit` is the default limit of `get_items`.
            sessions_table: The base table of sessions, where it has another name.
            messages_table: The base table of messages, where it has another name.
            branch_id: The branch to begin on; the SDK's class knows only `main`.
            lock_timeout: Seconds to wait while another process holds the file.
            turn_limit: How many turns `get_items` gives, the newest, each of them whole, where no
                limit of items is set; None for all.

        Raises:
            ValueError: The structure tables are not there and may not be made, or belong to
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
        """The SDK's settings of this session, as the runner asks for them."""
        if self._settings is None or isinstance(self._settings, dict):
            # Only who uses the settings has loaded the SDK.
            from agents.memory import SessionSettings

            self._settings = SessionSettings(**(self._settings or {}))
        return self._settings

    @session_settings.setter
    def session_settings(self, settings: "SessionSettings | dict[str, Any] | None") -> None:
        self._settings = settings

    async def close(self) -> None:
        """Let go of the file; every method raises `RuntimeError` from now on. May be repeated."""
        await self._file.close()

    async def __aenter__(self) -> Self:
        self._file.check_open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _read(self, work: Callable[[Transaction, str], T], branch_id: str | None = None) -> T:
        """Read on the branch that is named, or on the current one."""
        return await self._file.read(
            lambda tx, current: work(tx, current.branch_id if branch_id is None else branch_id)
        )

    def _point(self, current: CurrentBranch) -> None:
        self._file.current = current
