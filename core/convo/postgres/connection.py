"""One connection to a server, which sends several statements in one message."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from convo.errors import DatabaseUnavailableError
from convo.postgres import cancelling
from convo.postgres.literals import literal
from convo.postgres.preparing import Preparing
from convo.postgres.url import ServerAddress

if TYPE_CHECKING:
    import psycopg

KEEPALIVES = {
    "keepalives": "1",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
    "fallback_application_name": "convo",
}
"""What the URL may set otherwise: a server that is gone is noticed within a minute."""


_IDLE = 0
"""The `TransactionStatus` of a connection without a transaction."""


LONGEST_CONNECT = 10
"""Seconds that one host is waited for, unless the URL says otherwise."""


class Result(NamedTuple):
    """What one statement returned: its rows, and how many rows it changed."""

    rows: list[Any]
    changed: int


class ServerConnection:
    """A connection that one thread uses."""

    def __init__(self, address: ServerAddress, timeout: float) -> None:
        """Connect; raises psycopg's errors."""
        driver = loaded()
        keywords: dict[str, Any] = KEEPALIVES | address.keywords()
        if (secret := address.secret()) is not None:
            keywords["password"] = secret
        keywords.setdefault("connect_timeout", max(2, min(LONGEST_CONNECT, int(timeout))))
        keywords |= {"client_encoding": "utf8", "autocommit": True, "prepare_threshold": None}
        self._connection: psycopg.Connection[Any] = _connected(driver, keywords, address)
        register_loaders(self._connection)
        self._loading = driver.adapt.Transformer(self._connection)
        self._driver = driver
        self._preparing = Preparing(self._connection.pgconn.backend_pid)
        self._escaping = driver.pq.Escaping(self._connection.pgconn)

    def quote(self, value: Any) -> str:
        """A value as a literal of a statement."""
        return literal(value, self._escaping.escape_literal)

    def send(self, statements: Sequence[str]) -> list[Result]:
        """Send statements in one message and return the result of each."""
        message = self._preparing.message(statements)
        try:
            results = self._sent(message.texts)
        except BaseException as error:
            self._preparing.failed(message, getattr(error, "sqlstate", None))
            raise
        if message.asked is not None:
            self._preparing.answered(results[message.asked].rows[0][0])
        return [results[place] for place in message.wanted]

    def _sent(self, texts: list[str]) -> list[Result]:
        driver, server = self._driver, self._connection.pgconn
        server.send_query(";\n".join(texts).encode())
        # A cursor would make objects of each column of each result, which takes as long as the
        # statements do.
        found = self._connection.wait(driver.generators.execute(server))
        try:
            return [self._loaded(result) for result in found]
        finally:
            # A connection that waits must not keep a long conversation that it has read.
            self._loading.set_pgresult(None)

    def _loaded(self, result: "psycopg.pq.abc.PGresult") -> Result:
        """A result; raises the error of a statement that failed."""
        status = self._driver.pq.ExecStatus(result.status)
        if status is status.TUPLES_OK:
            self._loading.set_pgresult(result)
            return Result(self._loading.load_rows(0, result.ntuples, tuple), result.ntuples)
        if status is status.COMMAND_OK:
            return Result([], result.command_tuples or 0)
        encoding = self._connection.info.encoding
        raise self._driver.errors.error_from_result(result, encoding=encoding)

    @property
    def is_broken(self) -> bool:
        """Whether the connection can no longer be used."""
        return self._connection.closed

    @property
    def is_in_transaction(self) -> bool:
        """Whether a transaction is open, or has failed and has not been rolled back."""
        return bool(self._connection.pgconn.transaction_status != _IDLE)

    def cancellation(self) -> Callable[[], None]:
        """A function for another thread, which aborts the statement that is running."""
        return cancelling.cancellation(loaded(), self._connection)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _to_writable(driver: Any, keywords: dict[str, Any]) -> Any:
    """A connection, of several servers to one that takes writes, if there is one."""
    if "," in keywords.get("host", "") and "target_session_attrs" not in keywords:
        with suppress(driver.OperationalError):
            return driver.connect(**keywords, target_session_attrs="read-write")
    return driver.connect(**keywords)


def _connected(driver: Any, keywords: dict[str, Any], address: ServerAddress) -> Any:
    """A connection. If a password is wanted that neither the address nor libpq has, it is asked."""
    try:
        return _to_writable(driver, keywords)
    except driver.OperationalError as error:
        is_wanted = error.pgconn is not None and error.pgconn.needs_password
        asked = address.ask() if is_wanted and address.ask is not None else None
        if asked is None:
            raise
    return _to_writable(driver, {**keywords, "password": asked})


def loaded() -> Any:
    """The driver, which is loaded when a server is first used."""
    try:
        import psycopg
    except ImportError as error:
        raise DatabaseUnavailableError(
            "a database on a server needs psycopg, which is not installed",
            hint="install it: pip install 'convo-cli[postgres]'",
        ) from error
    return psycopg


def register_loaders(connection: "psycopg.Connection[Any]") -> None:
    """Have values arrive as SQLite gives them: times as text, whole sums as integers."""
    from convo.postgres.loading import LOADERS

    for name, loader in LOADERS.items():
        connection.adapters.register_loader(name, loader)
