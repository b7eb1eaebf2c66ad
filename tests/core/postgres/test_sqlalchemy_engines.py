"""What a session takes over from an engine of SQLAlchemy, and what it refuses."""

import ssl
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy.ext.asyncio import create_async_engine

from convo import AdvancedPostgresSession as SQLAlchemySession
from convo.errors import InvalidAddressError
from convo.postgres.sqlalchemy_engines import (
    address_of_engine,
    address_of_url,
    with_arguments,
    with_engine_arguments,
)
from convo.postgres.url import ServerAddress

URL = "postgresql+asyncpg://ann:p%40ss@db/agents"


def of_engine(url: str = URL, **arguments: Any) -> ServerAddress:
    return address_of_engine(create_async_engine(url, **arguments))


def keywords(**connect_args: Any) -> dict[str, str]:
    """What libpq is told for the connect arguments of an engine."""
    return of_engine(connect_args=connect_args).keywords()


def test_the_url_of_an_engine_with_its_password() -> None:
    address = of_engine()
    assert (address.hosts, address.user, address.database) == (("db",), "ann", "agents")
    assert address.secret() == "p@ss"
    assert "p@ss" not in repr(address) + str(address)


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
def test_several_hosts(driver: str) -> None:
    address = of_engine(f"postgresql+{driver}://ann@/agents?host=db1:5432&host=db2:5433")
    assert (address.hosts, address.ports) == (("db1", "db2"), ("5432", "5433"))


@pytest.mark.parametrize(
    ("given", "mode"),
    [
        ("require", {"sslmode": "require"}),
        (False, {"sslmode": "disable"}),
        (True, {"sslmode": "verify-full", "sslrootcert": "system"}),
        (ssl.create_default_context(), {"sslmode": "verify-full", "sslrootcert": "system"}),
    ],
    ids=["mode", "off", "on", "context"],
)
def test_tls(given: Any, mode: dict[str, str]) -> None:
    found = keywords(ssl=given)
    assert {name: found[name] for name in found if name.startswith("ssl")} == mode


def test_a_context_that_checks_nothing_still_encrypts() -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    assert keywords(ssl=context)["sslmode"] == "require"


def test_certificates_that_cannot_be_read_are_not_replaced_by_others() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with pytest.raises(InvalidAddressError, match="trusts"):
        keywords(ssl=context)


def test_settings_of_the_server() -> None:
    found = keywords(
        server_settings={"search_path": "team, public", "application_name": "app", "jit": "off"},
        timeout=3,
        statement_cache_size=0,
    )
    assert found["options"] == r"-c search_path=team,\ public -c jit=off"
    assert found["application_name"] == "app"
    assert found["connect_timeout"] == "3"


def test_the_schema_that_an_engine_has_for_tables_without_one() -> None:
    options = {"schema_translate_map": {None: "team"}}
    assert of_engine(execution_options=options).schema == "team"


def test_a_password_that_is_asked_for_each_connection() -> None:
    tokens = iter(["one", "two"])
    address = of_engine(connect_args={"password": lambda: next(tokens)})
    assert [address.secret(), address.secret()] == ["one", "two"]


@pytest.mark.parametrize("event", ["do_connect", "connect", "checkout"])
def test_functions_that_are_called_for_connections_are_refused(event: str) -> None:
    engine = create_async_engine(URL)
    sqlalchemy.event.listen(engine.sync_engine, event, lambda *_: None)
    with pytest.raises(InvalidAddressError, match=rf"functions of yours .*\({event}\)"):
        SQLAlchemySession("talk", engine=engine)


@pytest.mark.parametrize("name", ["creator", "async_creator"])
def test_connections_that_a_function_makes_are_refused(name: str) -> None:
    function: Any = {name: lambda: None}
    with pytest.raises(InvalidAddressError, match="function of its own"):
        of_engine(**function)
    with pytest.raises(InvalidAddressError, match="function of its own"):
        SQLAlchemySession.from_url("talk", url=URL, engine_kwargs=function)


async def _password() -> str:
    return "secret"


@pytest.mark.parametrize(
    ("connect_args", "why"),
    [
        ({"connection_class": object}, "does not know its connect argument `connection_class`"),
        ({"ssl": "yes"}, "`ssl` is none of"),
        ({"password": _password}, "a coroutine function"),
        ({"server_settings": {"a b": "secret"}}, "malformed"),
    ],
)
def test_what_convo_cannot_honour(connect_args: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidAddressError, match=why) as refused:
        keywords(**connect_args)
    assert "secret" not in str(refused.value)


def test_other_databases_are_refused() -> None:
    with pytest.raises(InvalidAddressError, match="for sqlite, not for PostgreSQL"):
        of_engine("sqlite+aiosqlite://")
    with pytest.raises(InvalidAddressError, match="no engine of SQLAlchemy: str"):
        SQLAlchemySession("talk", engine=URL)
    with pytest.raises(InvalidAddressError, match="an engine of SQLAlchemy"):
        SQLAlchemySession("talk", url=URL, engine=create_async_engine(URL))


def test_a_url_with_the_arguments_of_an_engine() -> None:
    address = with_engine_arguments(
        address_of_url(sqlalchemy.make_url("postgresql+psycopg2://ann@db/agents")),
        {"pool_size": 3, "connect_args": {"sslmode": "require", "options": "-c jit=off"}},
    )
    assert address.keywords() == {
        "host": "db",
        "user": "ann",
        "dbname": "agents",
        "sslmode": "require",
        "options": "-c jit=off",
    }


def test_arguments_go_before_the_url() -> None:
    address = with_arguments(
        address_of_url(URL), {"host": ["a", "b"], "port": 5433, "user": "bob", "database": "other"}
    )
    assert str(address) == "postgresql://bob@a:5433,b:5433/other"
