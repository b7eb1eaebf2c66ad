"""Make sure, once in a process, that a database has its tables."""

from convo.errors import DatabaseError
from convo.postgres.connection import ServerConnection
from convo.postgres.dialect import PostgresStatements, statements_for
from convo.postgres.retrying import Attempts
from convo.postgres.schema import Present, Schema, is_race
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
    while True:
        name, present = _look(connection, address, options)
        statements = statements_for(options.tables, name)
        schema = Schema(statements, address, present)
        try:
            if options.create:
                schema.create(connection)
            else:
                schema.require()
        except Exception as error:
            if not is_race(error) or not attempts.pause():
                raise
            connection.send(["ROLLBACK"])
        else:
            attempts.settled[address.schema, options.tables] = statements
            return statements


def _look(
    connection: ServerConnection, address: ServerAddress, options: StorageOptions
) -> tuple[str, Present]:
    """The schema of the address, or else the first of the role's search path, and what is in it."""
    values = {"schema": address.schema}
    statements = statements_for(options.tables, address.schema or "")
    names = ("schema_to_use", "objects_present")
    queries = [statements[name].filled(values, connection.quote) for name in names]
    ((name,),), objects = (result.rows for result in connection.send(queries))
    if name is None:
        raise DatabaseError(
            f"no schema of the database {address} is on the role's search path",
            hint="name one: ?schema=NAME at the end of the address",
        )
    return name, {name: (kind, columns) for name, kind, columns in objects}
