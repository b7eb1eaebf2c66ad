"""A copy has every table and every column: one that is added has to be added there too."""

import re

import pytest

from convo.copying import writing
from convo.documents.fields import PARTS
from convo.sqlite.definitions import columns, definition, definitions
from convo.sqlite.dialect import statements_for
from convo.storage.statements import Tables

STATEMENTS = statements_for(Tables())
TABLES = {one.name: one for one in definitions(STATEMENTS) if one.kind == "table"}

NOT_COPIED = {
    "convo_schema": "the other database has a version of its own",
    "session_clear_generations": "a copy is stored as if it had never been cleared",
    "convo_head": "it says where its user is",
    "convo_adopted": "follows from the messages",
    "convo_last_rows": "follows from the rows",
}
READ = [
    *(part.select for part in PARTS),
    *(name for name in STATEMENTS.names_in("copying/copying") if name.startswith("copied_")),
    *("document_session", "document_former_names", "document_settings"),
]
STORED = [
    *(part.insert for part in PARTS),
    *(name for name in STATEMENTS.names_in("copying/copying") if name.startswith(("copy_", "set"))),
    *("restore_session", "restore_renamed_session", "restore_settings"),
    *("note_imported_session", "note_imported_turn"),
]
LEFT_OUT = {
    "id": "rows get other ids",
    "generation": "a copy is stored as if it had never been cleared",
    "newest_message": "it tells whether nothing has been stored since, which a copy has",
}


def text_of(names: list[str], table: str, before: str) -> str:
    """What the statements on a table say."""
    texts = [STATEMENTS[name] for name in names]
    return "\n".join(text for text in texts if re.search(rf'{before} "?{table}\b', text))


def test_what_is_not_copied_exists() -> None:
    assert set(NOT_COPIED) <= set(TABLES)


@pytest.mark.parametrize("table", sorted(TABLES.keys() - NOT_COPIED.keys()))
def test_every_column_is_read_and_stored(table: str) -> None:
    names = {column.name for column in columns(STATEMENTS, TABLES[table])} - LEFT_OUT.keys()
    read = set(re.findall(r"\w+", text_of(READ, table, "(?:FROM|JOIN)")))
    assert names - {"session_id"} - read == set()
    stored = set(re.findall(r"\w+", text_of(STORED, table, "INTO")))
    assert names - stored == set()


def test_every_value_of_an_entry_is_stored() -> None:
    for statement, fields in (
        ("copy_removed", {*writing._REMOVED, "session_id"} - {"row"}),
        ("copy_removed_session", {*writing._DELETED, "session_id", "called"}),
    ):
        assert set(re.findall(r":(\w+)", STATEMENTS[statement])) == fields
    assert definition(STATEMENTS, "create_convo_removed").is_own
