"""The proxy counts what psycopg sends, and cuts connections."""

import time
from collections.abc import Iterator

import psycopg
import pytest

from tests.postgres.proxy import Proxy
from tests.postgres.server import Server


@pytest.fixture
def proxy(postgres_server: Server) -> Iterator[Proxy]:
    with Proxy(postgres_server.port) as started:
        yield started


def connected(server: Server, proxy: Proxy) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(server.url("postgres", port=proxy.port), prepare_threshold=None)


def test_a_round_trip_has_the_statements_that_were_sent_together(
    postgres_server: Server, proxy: Proxy
) -> None:
    with connected(postgres_server, proxy) as connection:
        assert proxy.trips == []
        connection.execute("SELECT %s::int", (1,))
        connection.commit()
    assert proxy.trips == [["BEGIN"], ["SELECT $1::int"], ["COMMIT"]]
    assert proxy.connections == 1


def test_what_needs_many_packets_is_one_trip(postgres_server: Server, proxy: Proxy) -> None:
    with connected(postgres_server, proxy) as connection:
        connection.autocommit = True
        long = "x" * 500_000
        assert connection.execute("SELECT %s::text", (long,)).fetchone() == (long,)
    assert proxy.trips == [["SELECT $1::text"]]


def test_a_cut_connection_is_gone_and_a_new_one_is_refused(
    postgres_server: Server, proxy: Proxy
) -> None:
    with connected(postgres_server, proxy) as connection:
        proxy.cut()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    proxy.is_refusing = True
    with pytest.raises(psycopg.OperationalError):
        connected(postgres_server, proxy)


def test_a_round_trip_takes_longer_by_the_delay(postgres_server: Server) -> None:
    with Proxy(postgres_server.port, delay=0.05) as slow:
        with connected(postgres_server, slow) as connection:
            began = time.monotonic()
            connection.execute("SELECT 1")
        # BEGIN and SELECT: a loaded machine makes it longer, never shorter.
        assert time.monotonic() - began >= 0.1
