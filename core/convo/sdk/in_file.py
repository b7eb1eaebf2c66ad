"""A session in an SQLite file."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convo.errors import DatabaseUnavailableError
from convo.names import scheme_of
from convo.records import MAIN
from convo.sdk.base import OpenedSession
from convo.storage.statements import Tables
from convo.storage.storage import LOCK_TIMEOUT, StorageOptions

if TYPE_CHECKING:
    from agents.memory import SessionSettings

_PAGE_CACHE = 32 * 1024
"""KiB of a file that sessions cache: a long-running program reads the same pages again."""


class InFile(OpenedSession):
    """Opens a session in a file."""

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
        scheme = scheme_of(db_path)
        if scheme is not None:
            raise DatabaseUnavailableError(
                f"a {scheme}:// address is not a database file",
                hint="a database on a PostgreSQL server is for AdvancedPostgresSession",
            )
        self.db_path = db_path
        tables = Tables(sessions_table, messages_table)
        super().__init__(
            session_id,
            db_path,
            StorageOptions(tables, create_tables, lock_timeout, _PAGE_CACHE),
            logger=logger,
            session_settings=session_settings,
            branch_id=branch_id,
            turn_limit=turn_limit,
        )
