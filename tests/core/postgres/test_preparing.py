"""Statements are prepared on a connection that is the server's own, and nowhere else."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from convo import AdvancedPostgresSession
from convo.postgres import preparing
from convo.postgres.connection import ServerConnection
from convo.postgres.dialect import Template
from convo.postgres.preparing import AFTER, MOST
from convo.postgres.url import parse
from tests.core.addresses import rows
from tests.core.talk import result, turn
from tests.postgres.binaries import NoServer
from tests.postgres.bouncer import bouncing
from tests.postgres.proxy import Proxy
from tests.postgres.server import Server

HOW_MANY = "SELECT count(*) FROM pg_prepared_statements"
ADD = Template.of("SELECT :one + :other AS total", prepares=True)
ENOUGH = AFTER + 2
"""Uses after which a statement has been prepared."""


@contextmanager
def connected(url: str) -> Iterator[ServerConnection]:
    connection = ServerConnection(parse(url), 10)
    try:
        yield connection
    finally:
        connection.close()


def total(connection: ServerConnection, template: Template = ADD, one: int = 1) -> int:
    query = template.filled({"one": one, "other": 2}, connection.quote)
    found = connection.send(["BEGIN", query])[1].rows[0][0]
    connection.send(["COMMIT"])
    assert isinstance(found, int)
    return found


def prepared(connection: ServerConnection) -> int:
    found = connection.send([HOW_MANY])[0].rows[0][0]
    assert isinstance(found, int)
    return found


def test_a_statement_is_prepared_when_it_is_used_again(postgres_url: str) -> None:
    with connected(postgres_url) as connection:
        assert (total(connection), prepared(connection)) == (3, 0)
        assert [total(connection, one=n) for n in range(ENOUGH)] == [2, 3, 4, 5]
        assert prepared(connection) == 1
        # A number of another type is another statement.
        assert [total(connection, one=2**40) for _ in range(ENOUGH)] == [2**40 + 2] * ENOUGH
        assert prepared(connection) == 2


def test_nothing_is_prepared_behind_a_pooler(
    postgres_server: Server, postgres_run: Path, postgres_url: str
) -> None:
    try:
        with bouncing(postgres_server, postgres_run, pool=1) as port:
            url = postgres_server.url(postgres_url.rpartition("/")[2], port=port)
            with connected(url) as connection:
                assert [total(connection) for _ in range(ENOUGH + 1)] == [3] * (ENOUGH + 1)
                assert prepared(connection) == 0
    except NoServer as reason:
        pytest.skip(str(reason))


def test_a_pooler_that_is_not_noticed_does_little_harm(postgres_url: str) -> None:
    with connected(postgres_url) as connection:
        for _ in range(ENOUGH):
            total(connection)
        connection.send(["DEALLOCATE ALL"])
        with pytest.raises(psycopg.errors.InvalidSqlStatementName):
            total(connection)
        connection.send(["ROLLBACK"])
        assert [total(connection) for _ in range(ENOUGH)] == [3] * ENOUGH
        assert prepared(connection) == 0


def test_after_an_error_statements_are_prepared_again(postgres_url: str) -> None:
    with connected(postgres_url) as connection:
        for _ in range(ENOUGH):
            total(connection)
        query = ADD.filled({"one": 1, "other": 2}, connection.quote)
        for _ in range(3):
            with pytest.raises(psycopg.errors.DivisionByZero):
                connection.send(["BEGIN", query, "SELECT 1 / 0"])
            connection.send(["ROLLBACK"])
        assert total(connection) == 3
        assert prepared(connection) == 1


def test_a_connection_keeps_a_limited_number(postgres_url: str) -> None:
    others = [Template.of(f"SELECT :one + :other + {n}", prepares=True) for n in range(MOST + 5)]
    with connected(postgres_url) as connection:
        for number, other in enumerate(others):
            assert [total(connection, other) for _ in range(ENOUGH)] == [3 + number] * ENOUGH
        assert prepared(connection) == 5


def test_a_statement_is_planned_again_after_many_uses(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "MOST_USES", 2)
    named = "SELECT name FROM pg_prepared_statements"
    with connected(postgres_url) as connection:
        names = set()
        for _ in range(ENOUGH + 4):
            assert total(connection) == 3
            names |= set(connection.send([named])[0].rows)
        assert (len(names), prepared(connection)) == (3, 1)


async def test_a_column_of_another_type_doubles_no_write(postgres_url: str) -> None:
    """What was prepared for the old type fails, and is prepared again."""
    async with AdvancedPostgresSession("talk", url=postgres_url, pool_size=1) as talk:
        for number in range(8):
            await talk.add_items(turn(f"turn {number}"))
            await talk.store_run_usage(result(15))
            if number == 5:
                change(postgres_url, "INTEGER")
        change(postgres_url, "BIGINT")
        assert len(await talk.get_items()) == 16
    counted = "SELECT count(*), count(DISTINCT sequence_number) FROM message_structure"
    assert rows(postgres_url, counted) == [(16, 16)]
    assert rows(postgres_url, "SELECT sum(total_tokens) FROM convo_runs") == [(8 * 15,)]


def change(url: str, kind: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for column in ("sequence_number", "user_turn_number", "branch_turn_number"):
            connection.execute(f"ALTER TABLE message_structure ALTER COLUMN {column} TYPE {kind}")


async def test_a_turn_is_stored_with_prepared_statements(proxied: tuple[Proxy, str]) -> None:
    proxy, url = proxied
    async with AdvancedPostgresSession("talk", url=url, pool_size=1) as talk:
        for number in range(ENOUGH + 1):
            proxy.forget()
            await talk.add_items(turn(f"turn {number}"))
            await talk.store_run_usage(result(15))
        proxy.settle()
        sent = [
            statement.split()[0]
            for trip in proxy.trips
            for message in trip
            for statement in message.split(";\n")
        ]
    assert set(sent) <= {"BEGIN", "SELECT", "PREPARE", "EXECUTE", "COMMIT"}
    assert sent.count("SELECT") == 2
