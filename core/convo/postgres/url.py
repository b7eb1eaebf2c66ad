"""The address of a database on a PostgreSQL server, read from a URL.

The URL may hold a password, also where it was not meant to: no message shows a part of it that has
not been understood, and neither does the address when it is printed.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from os import PathLike
from urllib.parse import quote, unquote

from convo.errors import InvalidAddressError
from convo.names import scheme_of

SCHEMES = ("postgresql", "postgres", "postgresql+asyncpg", "postgresql+psycopg")

Password = str | Callable[[], str]
"""A password, or a function that returns one, for those that expire."""

_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PORT = re.compile(r"[0-9]{1,5}", re.ASCII)
_HIGHEST_PORT = 65_535
_WORD = re.compile(r"[a-z_]{1,40}", re.ASCII)
_SEARCH_PATH = re.compile(r"(?:-c\s*|--)search_path=(?:\"([^\"]+)\"|([^\s,\\]+))")

KNOWN_PARAMETERS = frozenset(
    [
        "application_name",
        "channel_binding",
        "connect_timeout",
        "fallback_application_name",
        "gssdelegation",
        "gssencmode",
        "gsslib",
        "hostaddr",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "krbsrvname",
        "load_balance_hosts",
        "options",
        "passfile",
        "require_auth",
        "requirepeer",
        "service",
        "ssl_max_protocol_version",
        "ssl_min_protocol_version",
        "sslcert",
        "sslcertmode",
        "sslcompression",
        "sslcrl",
        "sslcrldir",
        "sslkey",
        "sslmode",
        "sslnegotiation",
        "sslpassword",
        "sslrootcert",
        "sslsni",
        "target_session_attrs",
        "tcp_user_timeout",
    ]
)
"""The parameters of libpq that a URL may set, besides those that are parts of the address."""

_OF_OTHER_DRIVERS = frozenset(
    ["async_fallback", "prepared_statement_cache_size", "statement_cache_size"]
)
"""Parameters of URLs for SQLAlchemy that mean nothing here: convo prepares no statements."""

SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")

_ESCAPED = "in a user name or password, write %40 for @, %3A for :, %2F for / and %3F for ?"


@dataclass(frozen=True)
class ServerAddress:
    """A database on a server, and who uses it; what is None or empty is left to libpq.

    There may be several hosts, of which the first that answers is used. A host that begins with a
    slash is the folder of a socket. `parameters` are other parameters of libpq.
    """

    hosts: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    database: str | None = None
    user: str | None = None
    password: Password | None = field(default=None, repr=False)
    schema: str | None = None
    parameters: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    ask: Callable[[], str | None] | None = field(default=None, repr=False, compare=False)
    """Asks for the password if the server wants one and none is found. A thread calls it."""
    pool_size: int | None = field(default=None, repr=False, compare=False)
    """The most connections of a process to the database, if its user has said so."""

    @property
    def has_password(self) -> bool:
        """Whether the address itself has a password."""
        return self.password is not None

    def with_password(self, password: Password | None) -> "ServerAddress":
        """The same address with another password, or with none."""
        return replace(self, password=password)

    def keywords(self) -> dict[str, str]:
        """The parameters for libpq, without the password."""
        found = dict(self.parameters)
        if any(self.hosts):
            found["host"] = ",".join(self.hosts)
        if any(self.ports):
            found["port"] = ",".join(self.ports)
        if self.database is not None:
            found["dbname"] = self.database
        if self.user is not None:
            found["user"] = self.user
        return found

    def secret(self) -> str | None:
        """The password of this moment."""
        return self.password() if callable(self.password) else self.password

    def __str__(self) -> str:
        """The address as a URL that can be shown: without the password and other parameters."""
        user = "" if self.user is None else f"{_encoded(self.user)}@"
        database = "" if self.database is None else f"/{_encoded(self.database)}"
        ports = self.ports if len(self.ports) == len(self.hosts) else self.ports * len(self.hosts)
        places = [
            f"{_shown_host(host)}{f':{port}' if port else ''}"
            for host, port in zip(self.hosts, ports or [""] * len(self.hosts), strict=True)
        ]
        return f"postgresql://{user}{','.join(places)}{database}"


def is_server(address: "str | PathLike[str] | ServerAddress") -> bool:
    """Whether this is the address of a server, or a URL with a scheme of one, and not a path."""
    return isinstance(address, ServerAddress) or scheme_of(address) in SCHEMES


def parse(url: str) -> ServerAddress:
    """The address in a URL.

    Raises `InvalidAddressError`, whose message has nothing of the URL but names of parameters.
    """
    scheme, separator, rest = url.strip().partition("://")
    if not separator or scheme.lower() not in SCHEMES:
        raise InvalidAddressError(
            "this is not the address of a PostgreSQL server",
            hint="an address is like postgresql://user@host/database",
        )
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in rest):
        raise _invalid("it has control characters")
    rest, _, query = rest.partition("?")
    authority, _, path = rest.partition("/")
    if "@" in path or "@" in query:
        # An unescaped slash or question mark in a password ends up here with what follows it.
        raise _invalid("it has an @ after the host", _ESCAPED)
    userinfo, _, places = authority.rpartition("@")
    user, has_password, password = userinfo.partition(":")
    parameters = _parameters(query)
    hosts, ports = _places(places)
    hosts = _list(parameters.pop("host", None), hosts)
    ports = _list(parameters.pop("port", None), ports)
    if any(port and not _is_port(port) for port in ports):
        raise _invalid("its port is not a number up to 65535", _ESCAPED)
    if ports and len(ports) not in (1, len(hosts)):
        raise _invalid("it does not have one port for all hosts, or one for each")
    secret = parameters.pop("password", None) or (_decoded(password) if has_password else None)
    schema = parameters.pop("schema", None) or _first_of_search_path(parameters.get("options"))
    return ServerAddress(
        hosts,
        ports,
        parameters.pop("dbname", None) or _decoded(path) or None,
        parameters.pop("user", None) or _decoded(user) or None,
        secret or None,
        schema or None,
        tuple(sorted(parameters.items())),
    )


def _places(places: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The hosts and ports before the path, such as `a:5432,[::1]`."""
    hosts, ports = [], []
    for place in places.split(",") if places else []:
        if place.startswith("["):
            host, closed, rest = place[1:].partition("]")
            if not closed or (rest and not rest.startswith(":")):
                raise _invalid("the brackets of its host are not closed")
            port = rest[1:]
        else:
            host, _, port = place.partition(":")
        hosts.append(_decoded(host))
        ports.append(port)
    return tuple(hosts), tuple(ports) if any(ports) else ()


def _list(given: str | None, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    return otherwise if not given else tuple(given.split(","))


def _is_port(text: str) -> bool:
    return bool(_PORT.fullmatch(text)) and 0 < int(text) <= _HIGHEST_PORT


def _parameters(query: str) -> dict[str, str]:
    """The parameters after the question mark, those of other drivers translated or left out."""
    found: dict[str, str] = {}
    places: dict[str, list[str]] = {"host": [], "port": []}
    for pair in query.split("&") if query else []:
        key, has_value, value = pair.partition("=")
        if not has_value or not _WORD.fullmatch(key):
            raise _invalid("what follows its ? is not a list like name=value&name=value", _ESCAPED)
        text = _decoded(value)
        if key == "ssl":
            key, text = "sslmode", _ssl_mode(text)
        if key in places:
            # SQLAlchemy writes several hosts as several parameters, each with its port.
            host, _, port = text.rpartition(":") if _is_one_place(key, text) else (text, "", "")
            places[key].append(host or text)
            places["port"] += [port] if port and host else []
        elif key in KNOWN_PARAMETERS or key in ("dbname", "user", "password", "schema"):
            found[key] = text
        elif key not in _OF_OTHER_DRIVERS:
            raise _invalid(f"convo does not know its parameter `{key}`")
    return found | {key: ",".join(values) for key, values in places.items() if values}


def _is_one_place(key: str, text: str) -> bool:
    return key == "host" and text.count(":") == 1 and not text.startswith("/") and "," not in text


def _ssl_mode(text: str) -> str:
    mode = {"true": "verify-full", "false": "disable"}.get(text.lower(), text.lower())
    if mode not in SSL_MODES:
        raise _invalid("its parameter `ssl` is none of " + ", ".join(SSL_MODES))
    return mode


def _first_of_search_path(options: str | None) -> str | None:
    found = _SEARCH_PATH.search(options or "")
    return (found[1] or found[2]) if found else None


def _decoded(text: str) -> str:
    if _LONE_PERCENT.search(text):
        raise _invalid("a % in it is not followed by two hexadecimal digits: write %25 for a %")
    try:
        decoded = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise _invalid("what is escaped with % in it is not UTF-8") from None
    if "\0" in decoded or not decoded.isprintable():
        raise _invalid("it has control characters")
    return decoded


def _encoded(text: str) -> str:
    return quote(text, safe="~!$'()*+;= ")


def _shown_host(host: str) -> str:
    return f"[{host}]" if ":" in host else _encoded(host)


def _invalid(why: str, hint: str | None = None) -> InvalidAddressError:
    return InvalidAddressError(f"the address of the database cannot be used: {why}", hint=hint)


def address_of(given: "str | ServerAddress", **changes: Password | str | None) -> ServerAddress:
    """The address in a URL, or the one that is given, with what is not None of `changes`."""
    found = given if isinstance(given, ServerAddress) else parse(given)
    wanted: Mapping[str, Password | str] = {
        name: value for name, value in changes.items() if value is not None
    }
    return replace(found, **wanted)  # type: ignore[arg-type]
