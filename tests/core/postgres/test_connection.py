"""What one connection sends, and what it keeps."""

from convo.postgres.connection import ServerConnection
from convo.postgres.url import parse


def test_a_connection_does_not_keep_what_it_has_read(postgres_url: str) -> None:
    connection = ServerConnection(parse(postgres_url), 10)
    try:
        assert connection.send(["SELECT 1", "SELECT 2"])[1].rows == [(2,)]
        assert connection._loading.pgresult is None
    finally:
        connection.close()
