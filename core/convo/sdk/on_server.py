"""A session in a database on a PostgreSQL server."""

import logging
from typing import TYPE_CHECKING, Any, Self

from convo.engines import server_address
from convo.errors import InvalidAddressError
from convo.records import MAIN
from convo.sdk.base import OpenedSession
from convo.storage.statements import Tables
from convo.storage.storage import LOCK_TIMEOUT, POOL_SIZE, StorageOptions

if TYPE_CHECKING:
    from agents.memory import SessionSettings

    from convo.postgres.url import Password, ServerAddress


class OnServer(OpenedSession):
    """Opens a session on a server."""

    def __init__(
        self,
        session_id: str,
        *,
        url: "str | ServerAddress | None" = None,
        engine: Any = None,
        schema: str | None = None,
        password: "Password | None" = None,
        create_tables: bool = False,
        sessions_table: str = "agent_sessions",
        messages_table: str = "agent_messages",
        session_settings: "SessionSettings | dict[str, Any] | None" = None,
        ensure_ascii: bool = True,
        pool_size: int = POOL_SIZE,
        branch_id: str = MAIN,
        lock_timeout: float = LOCK_TIMEOUT,
        turn_limit: int | None = None,
        logger: logging.Logger | None = None,
    ) -> None:
        """Create a session; nothing is sent to the server before it is first used.

        Args:
            session_id: The name of the session in the database.
            url: The URL of the database, such as `postgresql://user@host/database`.
            engine: An engine of SQLAlchemy instead, of which the URL with its password, TLS, the
                search path and other settings of the server are taken, not its connections.
            schema: The schema of the tables; without it, the first of the role's search path.
            password: The password, or a function that returns it for each new connection.
            create_tables: Whether to create the tables that do not exist.
            sessions_table: The name of the base table of sessions.
            messages_table: The name of the base table of messages.
            session_settings: The SDK's settings; `limit` is the default limit of `get_items`.
            ensure_ascii: Taken for the SDK's sake. Items are always stored in ASCII.
            pool_size: The most connections of this process to the database.
            branch_id: The branch to start on.
            lock_timeout: Seconds to wait for the session, for a connection, and for a server that
                is away.
            turn_limit: How many of the newest turns `get_items` returns, each of them whole, if no
                limit of items is set; None for all.
            logger: Gets a warning for unreadable rows and for usage that could not be stored.

        Raises:
            ValueError: Neither or both of `url` and `engine` are given, the URL is malformed, the
                engine connects in a way that convo cannot, or `turn_limit` is negative.
        """
        from convo.postgres.sqlalchemy_engines import address_of_engine
        from convo.postgres.url import address_of

        if (url is None) == (engine is None):
            raise InvalidAddressError("give the url of the database, or an engine of SQLAlchemy")
        given = server_address(address_of_engine(engine) if url is None else url)
        if given is None:
            raise InvalidAddressError(
                "this is not the address of a PostgreSQL server",
                hint="an address is like postgresql://user@host/database",
            )
        tables = Tables(sessions_table, messages_table)
        super().__init__(
            session_id,
            address_of(given, schema=schema, password=password),
            StorageOptions(tables, create_tables, lock_timeout, pool_size=pool_size),
            logger=logger,
            session_settings=session_settings,
            branch_id=branch_id,
            turn_limit=turn_limit,
        )

    @classmethod
    def from_url(
        cls,
        session_id: str,
        *,
        url: Any,
        engine_kwargs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Self:
        """Create a session from a URL, as the SDK's class does.

        Of `engine_kwargs`, arguments for an engine of SQLAlchemy, `connect_args`, `pool_size` and
        the schema of `execution_options` are honoured; what changes how connections are made, such
        as `creator`, is refused. Other arguments are those of the class.
        """
        from convo.postgres.sqlalchemy_engines import address_of_url, with_engine_arguments

        of_engine = engine_kwargs or {}
        if of_engine.get("pool_size"):
            kwargs.setdefault("pool_size", of_engine["pool_size"])
        address = with_engine_arguments(address_of_url(url), of_engine)
        return cls(session_id, url=address, **kwargs)
