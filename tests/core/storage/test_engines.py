"""Which statements an engine has of its own, and which tests are about files alone, and why."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import convo
from convo.storage.statements import ENGINES, blocks_in

CORE = Path(convo.__file__).parent
TESTS = Path(__file__).parents[1]

FULL_TEXT = "each engine has its own index of texts"
TABLE_OF_FILE = "what a file is asked about its tables has no common words"
NO_SERVER = "a server is not read beside the store"
COVERING = "a server has the rows of its tables in memory"
SHRINKING = "a server looks after its own files"

OWN: dict[str, dict[str, tuple[str, ...]]] = {
    "sqlite": {
        FULL_TEXT: (
            *("create_convo_indexed", "create_convo_prompts", "create_convo_words"),
            *("merge_prompts_later", "merge_words_later", "gather_prompts", "gather_words"),
            *("enter_prompt", "enter_words", "prompts_matching", "messages_matching"),
            *("prompts_that_may_say", "user_messages_among", "found_messages"),
            *("drop_convo_prompts", "drop_convo_prompts_data", "drop_convo_prompts_idx"),
            *("drop_convo_prompts_config", "drop_convo_words", "drop_convo_words_data"),
            *("drop_convo_words_idx", "drop_convo_words_docsize", "drop_convo_words_config"),
            *("let_schema_be_written", "disown_table", "read_schema_again"),
            *("text_of_object", "forget_every_index"),
        ),
        NO_SERVER: (
            *("glance_sessions", "glance_newest_sessions", "glance_sessions_saying"),
            *("glance_turns_of_branch", "glance_turns", "glance_models", "glance_removed"),
            "glance_numbers_of_turns",
            *("glance_waiting", "glance_removed_sessions", "glance_tags", "tables_of_other"),
            *("copy_rows_aside", "copy_all_aside", "temporary_table"),
        ),
        COVERING: (*("index_structure_of_branch", "index_usage_of_turns", "index_empty_branches"),),
        SHRINKING: (
            *("page_bytes", "vacuum", "empty_log", "quick_check"),
            *("integrity_check", "count_all"),
        ),
        TABLE_OF_FILE: (
            *(
                "left_behind",
                "objects_present",
                "schema_version",
                "schema_release",
                "note_schema_version",
            ),
            *("schema_cookie", "data_version", "columns_of", "columns_defined", "foreign_keys_of"),
            "same_identifier",
        ),
    },
    "postgres": {
        FULL_TEXT: (
            *("prompts_that_may_say", "user_messages_among", "found_messages"),
            *("create_convo_words", "index_words", "create_convo_indexed_sessions"),
            *("sessions_behind_index", "messages_behind_index", "messages_of_session_to_index"),
            *("enter_words", "note_session_indexed", "forget_sessions_indexed_above"),
            *(
                "forget_indexed_sessions",
                "forget_every_position",
                "drop_words_of_deleted",
                "drop_words",
            ),
            "messages_matching",
        ),
        "a server plans a statement whenever it is sent": (
            *("index_structure_of_session", "newest_sequence", "last_turn", "branch_state"),
            "turn_account",
        ),
        "a message to a server takes time, so that ids are known before rows are sent": (
            "reserved_ids",
        ),
        "a read of a server that takes no writes adopts in memory": ("structure_and_more",),
        "a server has a head for each person": (
            *("create_convo_head", "create_convo_heads", "index_heads_of_session"),
            *("session_head", "set_session_head", "forget_branch_in_head", "reset_session_head"),
            *("rename_branch_in_heads", "rename_session_in_heads", "clear_way_in_heads"),
        ),
        "its keys are checked after each statement": ("rename_session_in_sessions",),
        "a shell gets names from it by a process of its own": (
            *("glance_server_sessions", "glance_server_turns", "glance_server_tags"),
        ),
        "its base tables are those of the SDK's SQLAlchemySession": (
            *("create_sessions", "create_messages", "index_messages_by_time", "append_message"),
        ),
        "what a server is asked about its tables has no common words": (
            *(
                "schema_to_use",
                "schema_is_there",
                "objects_present",
                "version_present",
                "release_present",
                "note_schema_version",
            ),
        ),
        "it has many writers, so that each locks what it writes": (
            *("lock_session", "lock_new_session", "unmake_new_session"),
            *("begin_outside_sessions", "create_convo_last_writes", "note_write"),
            *("transaction_status", "last_writes"),
        ),
        SHRINKING: ("quick_check",),
        "others delete there what branches show": (
            *("keep_messages", "keep_session", "find_branches_not_kept", "count_sessions"),
            *("keep_messages_of_branches", "keep_sessions_of_branches"),
            *("drop_keeper_of_messages", "drop_keeper_of_sessions"),
            *("drop_key_of_message", "drop_key_without_keepers", "key_without_keepers"),
            *("delete_messages_of_session", "document_messages"),
        ),
    },
}

ONLY_FILES = {
    "the SDK's class with branches has files only",
    "any column of a file may hold any type",
    "a server keeps to its foreign keys",
    "a server has an index of the sequence numbers",
    "a server returns space by itself",
    "a server watches over its own files",
    "a server stores no text that is not UTF-8",
    "a server is asked about changes in the same message",
    "a server has no lock of the whole database",
    "a file need not be there, nor be a database of convo",
    "a file gets what it lacks when it is opened",
    "its full-text tables are SQLite's",
    "it reads the bytes of the file",
    "it asks SQLite for its plan",
    "it counts what SQLite's index of prompts leaves to be read",
    "it counts the steps of SQLite",
    "it is about files that nobody may write",
    "it makes a trigger of SQLite",
    "a server is not opened as a file is",
}
"""Every reason for which a test of the library is run on files alone.

The tests in `tests/core/sqlite` are about that engine, and those in `tests/core/importing/sources`
only read files.
"""


@pytest.mark.parametrize("room", ENGINES)
def test_an_engine_has_no_statements_of_its_own_but_these(room: str) -> None:
    listed = [name for names in OWN[room].values() for name in names]
    assert len(listed) == len(set(listed))
    found = {name for file in (CORE / room).glob("*.sql") for name in blocks_in(file)}
    assert found == set(listed)


def test_a_test_is_about_files_alone_for_one_of_these_reasons() -> None:
    found = {reason for file in TESTS.rglob("test_*.py") for reason in reasons(file)}
    assert found == ONLY_FILES


def reasons(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if not isinstance(node, ast.Call) or not ast.unparse(node.func).endswith(".sqlite_only"):
            continue
        (reason,) = node.args
        assert isinstance(reason, ast.Constant), f"{file}: {ast.unparse(node)}"
        yield reason.value
