"""Databases by name: paths, addresses of servers, and passwords that nobody sees."""

import pytest

from convo_cli.config.databases import (
    DatabaseNameError,
    mistaken_database,
    pgpass_line,
    server_at,
    shown_database,
)

SECRET = "pa55word"


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg", "POSTGRES"])
def test_an_address_of_a_server(scheme: str) -> None:
    address = server_at(f"{scheme}://ann@db:5433/convo", "--db", may_have_password=False)
    assert address is not None
    assert str(address) == "postgresql://ann@db:5433/convo"
    assert address.pool_size == 2


@pytest.mark.parametrize("path", ["c.db", "/a:/b", "C:/c.db", "~/c.db", "postgresql"])
def test_a_path(path: str) -> None:
    assert server_at(path, "--db", may_have_password=False) is None
    assert shown_database(path) == path


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://ann:{SECRET}@db/convo",
        f"postgresql://ann@db/convo?password={SECRET}",
        f"postgresql://ann@db/convo?sslpassword={SECRET}",
    ],
)
def test_a_password_is_taken_only_where_others_do_not_see_it(url: str) -> None:
    with pytest.raises(DatabaseNameError) as caught:
        server_at(url, "--db", may_have_password=False)
    said = f"{caught.value}; {caught.value.hint}"
    assert "db:5432:convo:ann:PASSWORD into ~/.pgpass" in said
    assert SECRET not in said
    assert server_at(url, "CONVO_DB", may_have_password=True) is not None
    assert SECRET not in (mistaken_database(url, "'db'") or "")
    assert shown_database(url) == "postgresql://ann@db/convo"


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://ann:{SECRET}@db/convo",
        f"postgresql://ann:a/{SECRET}@db/convo",
        f"postgresql://ann:{SECRET}@db:x/convo",
        f"postgresql://ann:%zz{SECRET}@db/convo",
    ],
)
def test_what_cannot_be_read_is_not_shown(url: str) -> None:
    with pytest.raises(DatabaseNameError) as caught:
        server_at(url, "CONVO_DB", may_have_password=True)
    assert SECRET not in f"{caught.value}{caught.value.hint}"
    assert shown_database(url) == "***"


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("postgresql:///convo", "localhost:5432:convo:*:PASSWORD"),
        ("postgresql://a%3Ab@db:1,other:2", "db:1:*:a\\:b:PASSWORD"),
        ("postgresql://ann@/x?host=/run/postgresql", "localhost:5432:x:ann:PASSWORD"),
    ],
)
def test_the_line_for_the_file_of_passwords(url: str, line: str) -> None:
    address = server_at(url, "--db", may_have_password=False)
    assert address is not None
    assert pgpass_line(address) == line
