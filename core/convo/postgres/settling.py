"""Make sure, once in a process, that a database has its tables."""

from convo.errors import DatabaseError
from convo.postgres.connection import ServerConnection
from convo.postgres.dialect import PostgresStatements, statements_for
from convo.postgres.retrying import Attempts
from convo.postgres.schema import Schema, is_race
from convo.postgres.url import ServerAddress
from convo.storage.storage import StorageOptions


def settled(
    connection: ServerConnection,
    address: ServerAddress,
    options: StorageOptions,
    attempts: Attempts,
) -> PostgresStatements:
    """The statements for the schema of a database, whose tables are there.

    With the option `create`, missing ones are created, and older ones completed. Raises
    `NotAConversationDatabaseError` if some are missing.
    """
    known = attempts.settled.get((address.schema, options.tables))
    if known is not None:
        return known
    statements = statements_for(options.tables, schema_of(connection, address))
    schema = Schema(statements, address)
    if options.create:
        _create(schema, connection, attempts)
    else:
        schema.require(connection)
    attempts.settled[address.schema, options.tables] = statements
    return statements


def schema_of(connection: ServerConnection, address: ServerAddress) -> str:
    """The schema of the address, or else the first that there is of the role's search path."""
    if address.schema is not None:
        return address.schema
    found: str | None = connection.send(["SELECT current_schema()"])[0].rows[0][0]
    if found is None:
        raise DatabaseError(
            f"no schema of the database {address} is on the role's search path",
            hint="name one: ?schema=NAME at the end of the address",
        )
    return found


def _create(schema: Schema, connection: ServerConnection, attempts: Attempts) -> None:
    while True:
        try:
            schema.create(connection)
        except Exception as error:
            if not is_race(error) or not attempts.pause():
                raise
            connection.send(["ROLLBACK"])
        else:
            return
