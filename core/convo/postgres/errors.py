"""Translate the errors of a server to convo's: what is wrong, where, and what to do.

Errors while connecting have no SQLSTATE: libpq gives only the server's words, which are English
unless the server's administrator has chosen otherwise.
"""

import re
from enum import Enum, auto
from typing import Any

from convo.errors import (
    DamagedDatabaseError,
    DatabaseError,
    DatabaseFullError,
    DatabaseLockedError,
    DatabaseUnavailableError,
    NotAConversationDatabaseError,
    ReadOnlyDatabaseError,
)
from convo.postgres.url import ServerAddress

MOST_SHOWN = 300
"""The most characters of the server's words that an error shows."""

_GONE = frozenset(["57P01", "57P02", "57P05", "25P03"])
_TAKEN, _READ_ONLY = "23505", "25006"
_LOST = frozenset(["OperationalError", "InterfaceError"])
"""What psycopg raises, without a SQLSTATE, if the connection is lost or has been closed."""

_AWAY = frozenset(["57P03", "53300"])
_AGAIN = frozenset(["40001", "40P01"])
_TIMEOUT = frozenset(["55P03", "57014"])
_FULL = frozenset(["53100", "54000"])
_NO_TABLES = frozenset(["42P01", "3F000"])
_OTHER_TABLES = frozenset(["42703", "42804", "42883", "42P10"])

_AWAY_WORDS = (
    "starting up",
    "shutting down",
    "recovery mode",
    "not yet accepting connections",
    "too many clients",
    "too many connections",
    "remaining connection slots",
)
_LASTING_WORDS = ("fatal:", "resolve", "certificate", "ssl", "invalid")
"""What is wrong with an address, or a login, stays wrong."""

_NEEDS_PASSWORD = ("no password supplied", "password authentication failed")


_WHERE = re.compile(
    r"^(connection (failed|is bad): )?(connection to server (at|on socket) \"[^\"]*\"( \([^)]*\))?"
    r"(, port \d+)? failed: )?((fe_sendauth|FATAL): )?"
)
_MORE = re.compile(r" Is the server running| Multiple connection attempts failed")


class Trouble(Enum):
    """What may help after an error."""

    GONE = auto()
    """The connection is lost, or the server cannot be reached: another may be to be had."""
    AWAY = auto()
    """The server is starting, or has too many clients: waiting helps."""
    AGAIN = auto()
    """Two transactions were in each other's way: repeating helps."""
    LASTING = auto()


def trouble(error: BaseException) -> Trouble:
    """What may help after an error of psycopg on a connection that was open."""
    state = getattr(error, "sqlstate", None)
    if state is None:
        return Trouble.GONE if type(error).__name__ in _LOST else Trouble.LASTING
    if state.startswith("08") or state in _GONE:
        return Trouble.GONE
    if state in _AWAY:
        return Trouble.AWAY
    return Trouble.AGAIN if state in _AGAIN else Trouble.LASTING


def trouble_connecting(error: BaseException) -> Trouble:
    """What may help after a failure to connect."""
    if getattr(error, "sqlstate", None) is not None:
        return trouble(error)
    said = str(error).lower()
    if any(words in said for words in _AWAY_WORDS):
        return Trouble.AWAY
    is_lasting = any(words in said for words in _LASTING_WORDS)
    return Trouble.LASTING if is_lasting else Trouble.GONE


def is_unknown_transaction(error: BaseException) -> bool:
    """Whether the server has not given out the id of a transaction yet."""
    return getattr(error, "sqlstate", None) == "22023"


def is_read_only(error: BaseException) -> bool:
    """Whether the server, or the role, takes no writes."""
    return getattr(error, "sqlstate", None) == _READ_ONLY


def is_taken(error: BaseException) -> bool:
    """Whether another row has the same key: another writer may have just inserted it."""
    return getattr(error, "sqlstate", None) == _TAKEN


def lacks_tables(error: BaseException) -> bool:
    """Whether a table, a column or the schema is not there."""
    return getattr(error, "sqlstate", None) in _NO_TABLES | _OTHER_TABLES


def is_refused_by_rule(error: BaseException) -> bool:
    """Whether a rule such as a unique key refused a row."""
    return (getattr(error, "sqlstate", None) or "").startswith("23")


def translated(error: BaseException, address: ServerAddress, timeout: float) -> DatabaseError:
    """The convo error for an error of psycopg on a connection."""
    state = getattr(error, "sqlstate", None) or ""
    if state in _TIMEOUT:
        return DatabaseLockedError(
            f"the database {address} is locked: another program has held the session "
            f"for more than {timeout:g} s, or the statement was cancelled",
            hint="try again when that program is done",
        )
    if state == _READ_ONLY:
        return ReadOnlyDatabaseError(
            f"the database {address} is read-only",
            hint="it may be a replica: give the address of the server that takes writes",
        )
    if state in _FULL:
        return DatabaseFullError(
            f"no space is left for the database {address}: nothing of this was stored",
            hint="free some space on the server and try again",
        )
    if state == "42501":
        return DatabaseUnavailableError(
            f"the role may not do this in the database {address}: {said_by_server(error)}",
            hint="`convo db sql --role ROLE` prints what an administrator runs for the role",
        )
    if state in _NO_TABLES:
        return NotAConversationDatabaseError(
            f"the database {address} does not have convo's tables: {said_by_server(error)}",
            hint="make them: convo db init, or create_tables=True",
        )
    if state in _OTHER_TABLES:
        return DamagedDatabaseError(
            f"the tables of the database {address} are not as convo makes them: "
            f"{said_by_server(error)}"
        )
    if state.startswith("23"):
        return DatabaseError(
            f"a rule of the database {address} refuses this: {said_by_server(error)}"
        )
    if trouble(error) is not Trouble.LASTING:
        return DatabaseUnavailableError(
            f"the database {address} has gone away: {said_by_server(error)}",
            hint="try again when the server is back",
        )
    return DatabaseError(f"the database {address} failed: {said_by_server(error)}")


def refused(error: BaseException, address: ServerAddress) -> DatabaseUnavailableError:
    """The convo error for a failure to connect, whose message has user, host and database."""
    # libpq says first where it was to connect to, which the address says too.
    said, *more = _MORE.split(_WHERE.sub("", said_by_server(error)), maxsplit=1)
    hint = "is a server running there?" if more else None
    if any(words in said for words in _NEEDS_PASSWORD):
        hint = "put the password in ~/.pgpass or in PGPASSWORD"
    return DatabaseUnavailableError(f"the database {address} cannot be opened: {said}", hint=hint)


def said_by_server(error: BaseException) -> str:
    """The server's words on one line, without control characters, and not too many of them."""
    diagnostics: Any = getattr(error, "diag", None)
    said = getattr(diagnostics, "message_primary", None) or str(error)
    text = " ".join(said.split())
    text = "".join(character if character.isprintable() else "?" for character in text)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"
