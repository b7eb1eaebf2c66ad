"""The script that an administrator runs, for a role that may not create tables itself."""

from convo.postgres.dialect import quoted, statements_for
from convo.postgres.keeping import keepers
from convo.postgres.schema import created_objects
from convo.storage.schema_version import RELEASE, VERSION
from convo.storage.statements import Tables

_SEQUENCES = ("agent_messages_id_seq", "message_structure_id_seq", "convo_runs_id_seq")
"""The sequences of ids, as PostgreSQL names them. Without the first, no message can be added;
with the others, ids are read before rows are inserted, which takes fewer messages."""


def script(schema: str, role: str) -> str:
    """SQL that creates what is missing of the tables in a schema, for a role to use."""
    statements = statements_for(Tables(), schema)
    objects = created_objects(statements)
    tables = ",\n    ".join(
        f"{quoted(schema)}.{quoted(one.name)}" for one in objects if one.is_table
    )
    sequences = ",\n    ".join(f"{quoted(schema)}.{quoted(one)}" for one in _SEQUENCES)
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
        f"GRANT USAGE ON SEQUENCE\n    {sequences}\n    TO {quoted(role)}",
        "COMMIT",
    ]
    return "".join(f"{part.strip()};\n" for part in parts)
