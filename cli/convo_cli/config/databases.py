"""The database that a user has named: a file, or a database on a PostgreSQL server."""

from typing import TYPE_CHECKING

from convo.errors import ConvoError, InvalidAddressError, joined
from convo.names import scheme_of

if TYPE_CHECKING:
    from convo.postgres.url import ServerAddress

HIDDEN = "***"
"""Stands for what may hold a password."""

_SECRET = "sslpassword"
_PORT = "5432"


class DatabaseNameError(ConvoError):
    """A database was named that cannot be used; the message never shows an address."""


_CONNECTIONS = 2
"""The most connections of the program to a server: a person does one thing at a time."""


def server_at(text: str, named_by: str, *, may_have_password: bool) -> "ServerAddress | None":
    """The address in a URL; None if the text is a path. Raises `DatabaseNameError`.

    `named_by` says where it was named. Others can see what is on a command line, and a
    configuration is no place for a secret.
    """
    scheme = scheme_of(text)
    if scheme is None:
        return None
    # Imported here because most databases are files.
    from dataclasses import replace

    from convo.postgres.url import SCHEMES, parse

    if scheme not in SCHEMES:
        # The rest of the URL is not shown because it may contain a password.
        raise DatabaseNameError(
            f"{named_by} has a {scheme}:// address, which convo does not speak",
            hint="give the path of a file, or postgresql://USER@HOST/DATABASE",
        )
    try:
        address = parse(text)
    except InvalidAddressError as error:
        raise DatabaseNameError(f"{named_by}: {error}", hint=error.hint) from None
    if not may_have_password and has_secret(address):
        raise DatabaseNameError(
            f"{named_by} has a password in it, which others could see",
            hint=f"leave it out, and put the line {pgpass_line(address)} into ~/.pgpass "
            "(mode 0600), or the whole address into CONVO_DB",
        )
    return replace(address, pool_size=_CONNECTIONS)


def mistaken_database(text: str, named_by: str) -> str | None:
    """What is wrong with the address of a server in the configuration; None if nothing is."""
    try:
        server_at(text, named_by, may_have_password=False)
    except DatabaseNameError as error:
        return joined(str(error), error.hint)
    return None


def has_secret(address: "ServerAddress") -> bool:
    """Whether an address has a password, of the user or of a key for TLS."""
    return address.has_password or any(name == _SECRET for name, _ in address.parameters)


def pgpass_line(address: "ServerAddress") -> str:
    """The line for the password of an address, with a word in its place."""
    host, port = (*address.hosts, "localhost")[0], (*address.ports, _PORT)[0]
    if host.startswith("/"):
        host = "localhost"
    parts = (host or "localhost", port or _PORT, address.database or "*", address.user or "*")
    return ":".join(
        [*(part.replace("\\", "\\\\").replace(":", "\\:") for part in parts), "PASSWORD"]
    )


def shown_database(text: str) -> str:
    """The name of a database as it can be shown: a path, or an address without a password."""
    try:
        address = server_at(text, "", may_have_password=True)
    except DatabaseNameError:
        return HIDDEN
    return text if address is None else str(address)
