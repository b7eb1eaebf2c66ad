"""The address that an engine of SQLAlchemy connects to, with TLS, search path and other arguments.

SQLAlchemy itself is not imported. What cannot be honoured, such as a function that the engine calls
for each connection, is refused: a session in another database, or without TLS, would be worse.
"""

import inspect
import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from convo.errors import InvalidAddressError
from convo.postgres.url import KNOWN_PARAMETERS, SSL_MODES, Password, ServerAddress, parse

_IGNORED = frozenset(
    [
        *("async_fallback", "autocommit", "client_encoding", "command_timeout", "loop"),
        *("max_cacheable_statement_size", "max_cached_statement_lifetime", "prepare_threshold"),
        *("prepared_statement_cache_size", "prepared_statement_name_func"),
        "statement_cache_size",
    ]
)
"""Arguments of drivers about what convo does in its own way."""

_HOOKS = ("do_connect", "connect", "first_connect", "checkout")
_NO_HOOKS = ("sqlalchemy", "opentelemetry")
"""Packages whose listeners change nothing about a connection that convo would lack."""

_SETTING = re.compile(r"[A-Za-z_][\w.]*", re.ASCII)
_SPECIAL = re.compile(r"([\s\\])")


def address_of_engine(engine: Any) -> ServerAddress:
    """Where an engine connects to, and how; raises `InvalidAddressError` if convo cannot do so."""
    engine = getattr(engine, "sync_engine", engine)
    dialect, url = getattr(engine, "dialect", None), getattr(engine, "url", None)
    if dialect is None or url is None:
        raise InvalidAddressError(f"this is no engine of SQLAlchemy: {type(engine).__name__}")
    _check_dialect(dialect.name)
    if hooks := sorted(set(_hooks(engine))):
        raise _refused(
            f"it calls functions of yours for its connections ({', '.join(hooks)})",
            "give url= instead of engine=, and password= a function if it is for the password",
        )
    arguments = _arguments_of(engine)
    of_url = dialect.create_connect_args(url)[1]
    more = {
        name: value
        for name, value in arguments.items()
        if name not in of_url or of_url[name] != value
    }
    address = with_arguments(address_of_url(url), more)
    return _with_translation(address, engine.get_execution_options())


def address_of_url(url: Any) -> ServerAddress:
    """The address in a URL, which may be an object of SQLAlchemy, of any driver for PostgreSQL."""
    if hasattr(url, "render_as_string"):
        _check_dialect(url.get_backend_name())
        url = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return parse(str(url))


def with_engine_arguments(address: ServerAddress, given: Mapping[str, Any]) -> ServerAddress:
    """The address with what `create_async_engine` would be given besides it."""
    for name in ("creator", "async_creator"):
        if given.get(name) is not None:
            raise _refused_creator(name)
    address = with_arguments(address, given.get("connect_args") or {})
    return _with_translation(address, given.get("execution_options") or {})


def with_arguments(address: ServerAddress, given: Mapping[str, Any]) -> ServerAddress:
    """The address with arguments for the connections of a driver: `connect_args` of an engine."""
    parameters, parts = dict(address.parameters), {}
    options = [parameters["options"]] if "options" in parameters else []
    for name, value in given.items():
        if value is None or name in _IGNORED:
            continue
        if name == "server_settings":
            settings = dict(value)
            if (called := settings.pop("application_name", None)) is not None:
                # As an option, it would give way to libpq's own.
                parameters["application_name"] = str(called)
            options += [_option(setting, text) for setting, text in settings.items()]
        elif name == "options":
            options.append(str(value))
        elif name in _PARTS:
            part, taken = _PARTS[name]
            parts[part] = taken(value)
        elif name in _TRANSLATED:
            parameters |= _TRANSLATED[name](value)
        elif name in KNOWN_PARAMETERS:
            parameters[name] = str(value)
        else:
            raise _refused(f"convo does not know its connect argument `{name}`")
    if options:
        parameters["options"] = " ".join(options)
    return replace(address, parameters=tuple(sorted(parameters.items())), **parts)


def _check_dialect(name: str) -> None:
    if name != "postgresql":
        raise _refused(
            f"it is for {name}, not for PostgreSQL", "for a file, use AdvancedSQLiteSession"
        )


def _arguments_of(engine: Any) -> Mapping[str, Any]:
    """The arguments with which an engine connects: SQLAlchemy keeps them in its own function."""
    connect = getattr(engine.pool, "_creator", None)
    if getattr(connect, "__module__", None) != "sqlalchemy.engine.create":
        raise _refused_creator("creator")
    assert connect is not None
    arguments = inspect.getclosurevars(connect).nonlocals.get("cparams")
    if not isinstance(arguments, Mapping):
        raise _refused("this release of SQLAlchemy does not tell its connect arguments", _GIVE_URL)
    return arguments


def _hooks(engine: Any) -> Iterator[str]:
    """The events of its connections for which an engine calls functions of the program."""
    for event in _HOOKS:
        for room in (engine.dialect, engine.pool):
            listeners = getattr(room.dispatch, event, ())
            for listener in listeners:
                package = (getattr(listener, "__module__", None) or "").partition(".")[0]
                if package not in _NO_HOOKS:
                    yield event


def _with_translation(address: ServerAddress, options: Mapping[str, Any]) -> ServerAddress:
    """With the schema that an engine has for tables without one, if it has."""
    schema = (options.get("schema_translate_map") or {}).get(None)
    return address if schema is None else replace(address, schema=str(schema))


def _option(setting: str, value: object) -> str:
    if not _SETTING.fullmatch(setting):
        raise _refused("the name of one of its server settings is malformed")
    return f"-c {setting}=" + _SPECIAL.sub(r"\\\1", str(value))


def _password(value: Any) -> Password:
    if callable(value):
        if inspect.iscoroutinefunction(value):
            raise _refused(
                "its password is a coroutine function",
                "give password= an ordinary function: a thread calls it for each connection",
            )
        called: Password = value
        return called
    return str(value)


def _places(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value if isinstance(value, list | tuple) else str(value).split(",")))


def _timeout(value: Any) -> dict[str, str]:
    return {"connect_timeout": str(max(2, round(float(value))))}


def _direct_tls(value: Any) -> dict[str, str]:
    return {"sslnegotiation": "direct"} if value else {}


def _tls(value: Any) -> dict[str, str]:
    """The parameters of libpq for an argument `ssl` of a driver."""
    if isinstance(value, bool):
        return _of_context(ssl.create_default_context()) if value else {"sslmode": "disable"}
    if isinstance(value, ssl.SSLContext):
        return _of_context(value)
    mode = str(value)
    if mode not in SSL_MODES:
        raise _refused("its connect argument `ssl` is none of " + ", ".join(SSL_MODES))
    return {"sslmode": mode}


def _of_context(context: ssl.SSLContext) -> dict[str, str]:
    if context.verify_mode == ssl.CERT_NONE:
        return {"sslmode": "require"}
    usual = ssl.create_default_context()
    trusted = (context.cert_store_stats(), context.get_ca_certs(binary_form=True))
    if not context.check_hostname or trusted != (
        usual.cert_store_stats(),
        usual.get_ca_certs(binary_form=True),
    ):
        raise _refused(
            "what its SSLContext trusts, and whether it checks the host, cannot be taken over",
            "give url= with ?sslmode=verify-full&sslrootcert=FILE instead of engine=",
        )
    return {"sslmode": "verify-full", "sslrootcert": "system"}


_PARTS: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "host": ("hosts", _places),
    "port": ("ports", _places),
    "database": ("database", str),
    "dbname": ("database", str),
    "user": ("user", str),
    "password": ("password", _password),
}
"""Arguments that are parts of the address."""

_TRANSLATED: Mapping[str, Callable[[Any], dict[str, str]]] = {
    "ssl": _tls,
    "ssl_context": _tls,
    "direct_tls": _direct_tls,
    "timeout": _timeout,
    "connect_timeout": _timeout,
}
"""Arguments for which libpq has parameters of other names or values."""

_GIVE_URL = "give url= instead of engine="


def _refused_creator(name: str) -> InvalidAddressError:
    return _refused(
        f"it makes its connections with a function of its own ({name}=)",
        "give url= instead, and password= a function if it is for the password",
    )


def _refused(why: str, hint: str | None = None) -> InvalidAddressError:
    return InvalidAddressError(f"convo cannot use this engine: {why}", hint=hint)
