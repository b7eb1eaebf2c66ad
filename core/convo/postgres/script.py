"""The script that an administrator runs, for a role that may not create tables itself."""

from convo.postgres.dialect import quoted, statements_for
from convo.postgres.keeping import keepers
from convo.postgres.schema import created_objects
from convo.storage.schema_version import RELEASE, VERSION
from convo.storage.statements import Tables

_SEQUENCE = "agent_messages_id_seq"
"""What numbers the messages, by the name that PostgreSQL gives it; the other ids need no right."""


def script(schema: str, role: str) -> str:
    """SQL that creates what is missing of the tables in a schema, for a role to use."""
    statements = statements_for(Tables(), schema)
    objects = created_objects(statements)
    tables = ",\n    ".join(
        f"{quoted(schema)}.{quoted(one.name)}" for one in objects if one.is_table
    )
    note = statements["note_schema_version"].filled(
        {"version": VERSION, "release": RELEASE}, lambda value: f"'{value}'"
    )
    parts = [
        "BEGIN",
        f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}",
        *(one.statement for one in objects),
        *keepers(statements),
        note,
        f"GRANT USAGE ON SCHEMA {quoted(schema)} TO {quoted(role)}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON\n    {tables}\n    TO {quoted(role)}",
        f"GRANT USAGE ON SEQUENCE {quoted(schema)}.{quoted(_SEQUENCE)} TO {quoted(role)}",
        "COMMIT",
    ]
    return "".join(f"{part.strip()};\n" for part in parts)
