"""The address of a server, read from a URL that may hold a password."""

import pytest

from convo.errors import InvalidAddressError
from convo.postgres.url import ServerAddress, address_of, is_server, parse


@pytest.mark.parametrize(
    ("url", "shown", "keywords"),
    [
        ("postgresql://u:p@h:5432/db", "postgresql://u@h:5432/db", {"host": "h", "port": "5432"}),
        ("postgres://u@[::1]/db", "postgresql://u@[::1]/db", {"host": "::1"}),
        ("postgresql+asyncpg://u@h/db?ssl=require", "postgresql://u@h/db", {"sslmode": "require"}),
        ("postgresql+psycopg://u@a:1,b:2/db", "postgresql://u@a:1,b:2/db", {"port": "1,2"}),
        ("postgresql://u@h/db?host=a:1&host=b:2", "postgresql://u@a:1,b:2/db", {"host": "a,b"}),
        ("postgresql:///db?host=/run/x&user=u", "postgresql://u@%2Frun%2Fx/db", {"host": "/run/x"}),
        ("postgresql://?service=team", "postgresql://", {"service": "team"}),
        ("postgresql://h/db?prepared_statement_cache_size=0", "postgresql://h/db", {"host": "h"}),
    ],
)
def test_an_address(url: str, shown: str, keywords: dict[str, str]) -> None:
    found = parse(url)
    assert is_server(url)
    assert str(found) == shown
    assert keywords.items() <= found.keywords().items()


@pytest.mark.parametrize(
    "url", ["postgresql://u:secret@h/db", "postgresql://u@h/db?password=secret"]
)
def test_a_password_is_kept_and_not_shown(url: str) -> None:
    found = parse(url)
    assert found.has_password
    assert found.secret() == "secret"
    assert "secret" not in f"{found} {found!r} {found.keywords()}"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:12/secret@h/db",
        "postgresql://u:secret/x@h/db",
        "postgresql://u:12?secret@h/db",
        "postgresql://u:12?SECRET=1",
        "postgresql://u:secret",
        "postgresql://u:%secret@h/db",
        "postgresql://u:%ffsecret@h/db",
        "postgresql://u:%00secret@h/db",
        "postgresql://u:secret@h:x/db",
        "postgresql://u:secret@[::1/db",
        "postgresql://u:secret@a:1,b:2,c/db?host=x",
        "mysql://u:secret@h/db",
    ],
)
def test_a_malformed_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(InvalidAddressError) as refused:
        parse(url)
    assert "secret" not in f"{refused.value} {refused.value.hint}".replace("`secret`", "")


def test_arguments_win_over_the_url() -> None:
    given = parse("postgresql://u:one@h/db?options=-csearch_path%3Dteam")
    assert given.schema == "team"
    found = address_of(given, password=lambda: "two", schema="other")
    assert (found.secret(), found.schema) == ("two", "other")
    assert address_of("postgresql:///x") == ServerAddress(database="x")


@pytest.mark.parametrize("path", ["conversations.db", "C:/x.db", "mysql://h", "/tmp/postgresql"])
def test_what_is_no_server(path: str) -> None:
    assert not is_server(path)
