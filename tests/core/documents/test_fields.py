"""Documents have every column: one that is added to a table has to be added there too."""

import re

import pytest

from convo.documents import fields
from convo.sqlite.definitions import columns, definition
from convo.sqlite.dialect import statements_for
from convo.storage.statements import Tables

STATEMENTS = statements_for(Tables())

LEFT_OUT = {
    # A document is of one session, and stored as if it had never been cleared.
    "session_id",
    "generation",
    # Rows get other ids where they are stored.
    "id",
    # What was removed is not in a document.
    "replaced_id",
    "undone_id",
}
PARTS = {
    "create_messages": (fields.MESSAGES.select, fields.MESSAGES.insert),
    "create_message_structure": (fields.STRUCTURE.select, fields.STRUCTURE.insert),
    "create_turn_usage": (fields.USAGE.select, fields.USAGE.insert),
    "create_convo_runs": (fields.RUNS.select, fields.RUNS.insert),
    "create_convo_held_turns": (fields.PENDING.select, fields.PENDING.insert),
    "create_convo_branches": (fields.BRANCHES.select, fields.BRANCHES.insert),
    "create_convo_renamed_branches": (fields.RENAMED.select, fields.RENAMED.insert),
    "create_branch_reservations": (fields.USED.select, fields.USED.insert),
    "create_convo_cut_answers": (fields.CUTS.select, fields.CUTS.insert),
    "create_convo_notes": (fields.NOTES.select, fields.NOTES.insert),
    "create_convo_tags": (fields.TAGS.select, fields.TAGS.insert),
    "create_convo_stars": (fields.STARS.select, fields.STARS.insert),
    "create_convo_merges": (fields.MERGES.select, fields.MERGES.insert),
    "create_convo_sessions": ("document_settings", "restore_settings"),
    "create_sessions": ("document_session", "restore_session"),
}


@pytest.mark.parametrize("block", PARTS)
def test_every_column_is_read_and_inserted(block: str) -> None:
    names = {column.name for column in columns(STATEMENTS, definition(STATEMENTS, block))}
    for statement in PARTS[block]:
        words = set(re.findall(r"\w+", STATEMENTS[statement]))
        assert names - LEFT_OUT - words == set(), statement


@pytest.mark.parametrize("part", fields.PARTS, ids=lambda part: part.key)
def test_every_field_is_inserted(part: fields.Part) -> None:
    values = set(re.findall(r":(\w+)", STATEMENTS[part.insert]))
    first = 1 if part.is_numbered else 0
    assert {*part.fields[first:], "session_id"} == values
