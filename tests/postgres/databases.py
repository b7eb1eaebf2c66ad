"""Databases on the server of a test run: one for each worker, emptied between two tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from tests.postgres.server import USER, Server

TEMPLATE = "convo_template"
"""A database with convo's tables, which the workers' are copies of."""

_EMPTY = """
DO $$
DECLARE
    each RECORD;
    is_filled BOOLEAN;
BEGIN
    PERFORM set_config('convo.deletes', 'itself', TRUE);
    FOR each IN
        SELECT oid::regclass AS name FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
          AND relname <> 'convo_schema'
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s)', each.name) INTO is_filled;
        IF is_filled THEN
            EXECUTE format('DELETE FROM %s', each.name);
        END IF;
    END LOOP;
    PERFORM setval(oid::regclass, 1, FALSE) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'S';
END $$
"""
"""Deletes all rows, which takes a millisecond where TRUNCATE takes sixty, and starts ids at 1."""

_OBJECTS = """
SELECT count(*), sum(hashtext(concat_ws(' ', c.relname, c.relkind, a.attname, t.tgname)))
FROM pg_class AS c LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
LEFT JOIN pg_trigger AS t ON t.tgrelid = c.oid AND a.attnum = 1
WHERE c.relnamespace = 'public'::regnamespace
"""


class Databases:
    """Makes, empties and drops databases, past convo."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._connections: dict[str, psycopg.Connection[Any]] = {}
        self._objects_made: Any = None

    def make(self, name: str, template: str = "template1") -> str:
        """A new database that the ordinary role owns; returns its address."""
        self.drop(name)
        # The server refuses to copy a database that somebody is connected to.
        self._disconnect(template)
        self.connection("postgres").execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s",
            (template,),
        )
        self._administer(f'CREATE DATABASE "{name}" OWNER {USER} TEMPLATE {template}')
        return self._server.url(name)

    def url(self, name: str) -> str:
        """The address of a database, for the ordinary role."""
        return self._server.url(name)

    def drop(self, name: str) -> None:
        """Drop a database, whoever is connected to it."""
        self._disconnect(name)
        self._administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def has(self, name: str) -> bool:
        """Whether there is a database of this name."""
        found = self.connection("postgres").execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", (name,)
        )
        return found.fetchone() is not None

    def empty(self, name: str) -> None:
        """Delete all rows of a copy of the template; make it again if its tables were changed."""
        connection = self.connection(name)
        if self._objects(name) != self._objects_made:
            self.make(name, TEMPLATE)
            self._objects_made = self._objects(name)
            return
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = %s AND pid <> pg_backend_pid() AND state <> 'idle'",
            (name,),
        )
        connection.execute(_EMPTY)

    def connection(self, name: str) -> "psycopg.Connection[Any]":
        """A connection of the administrator, which is kept."""
        known = self._connections.get(name)
        if known is None or known.closed:
            url = self._server.url_of_socket(name)
            known = self._connections[name] = psycopg.connect(url, autocommit=True)
        return known

    def close(self) -> None:
        """Close all connections."""
        for name in list(self._connections):
            self._disconnect(name)

    def _objects(self, name: str) -> Any:
        return self.connection(name).execute(_OBJECTS).fetchone()

    def _disconnect(self, name: str) -> None:
        known = self._connections.pop(name, None)
        if known is not None:
            known.close()

    def _administer(self, statement: str) -> None:
        self.connection("postgres").execute(statement)  # type: ignore[call-overload]


@contextmanager
def opened(server: Server) -> Iterator[Databases]:
    """The databases of a server, with connections that are closed at the end."""
    databases = Databases(server)
    try:
        yield databases
    finally:
        databases.close()
