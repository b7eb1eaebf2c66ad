"""The engines: chosen by the address of a database, which is a path or the URL of a server.

Only the two doors use this. The engine for servers is imported when one is named.
"""

from importlib.util import find_spec
from os import PathLike
from typing import TYPE_CHECKING

from convo.errors import InvalidAddressError
from convo.names import scheme_of
from convo.sqlite.open_databases import resolved
from convo.sqlite.storage import SQLiteStorage
from convo.storage.storage import CatchUp, Storage, StorageOptions

if TYPE_CHECKING:
    from convo.postgres.url import ServerAddress

_SCHEMES = ("postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg")


def server_address(
    address: "str | PathLike[str] | ServerAddress",
) -> "ServerAddress | None":
    """The address of a server, read from its URL; None for the path of a file.

    Raises `InvalidAddressError` for a URL that is malformed, or if the driver is not installed.
    """
    if isinstance(address, str | PathLike):
        if scheme_of(address) not in _SCHEMES:
            return None
        from convo.postgres.url import parse

        address = parse(str(address))
    if find_spec("psycopg") is None:
        raise InvalidAddressError(
            "a database on a server needs psycopg, which is not installed",
            hint="install it: pip install 'convo-cli[postgres]'",
        )
    return address


def open_storage(
    address: "str | PathLike[str] | ServerAddress", options: StorageOptions, catch_up: CatchUp
) -> Storage:
    """The database at an address, with the options of one caller.

    Raises `NotAConversationDatabaseError` for a file that lacks tables or is of another program; a
    server is not asked before it is used.
    """
    server = server_address(address)
    if server is not None:
        from convo.postgres.storage import PostgresStorage

        return PostgresStorage(server, options, catch_up)
    assert isinstance(address, str | PathLike)
    storage = SQLiteStorage(resolved(str(address)), options, catch_up)
    storage.check()
    return storage
