"""How much of a file each statement reads, counted in steps of SQLite's machine, not in time.

A statement takes as many steps in a conversation of 10,000 turns as in one of 1,000, so that it
may be run for each turn. What reads or writes a whole branch or session is named below with its
reason; it may take ten times as many steps, as may each operation that reads all turns. What
scanned a session for each turn would take a hundred times as many.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from benchmarks.databases import SESSION, Contents, fill
from convo.branches import branches
from convo.history import comparison, items, transcript, turns
from convo.items.decoding import Unreadable
from convo.merging import undoing
from convo.search import full_text
from convo.search.full_text import Scope
from convo.search.query import Query
from convo.sqlite.dialect import statements_for
from convo.sqlite.schema import Schema
from convo.sqlite.transaction import SQLiteTransaction as Transaction
from convo.storage.statements import Tables
from convo.store import catalog
from convo.structure import adoption, numbering
from convo.undo import taking
from convo.usage import turn_usage
from tests.core.storage.test_statements import COPIES, INSIDE_OTHERS

FEW, MANY = 1_000, 10_000
STEPS = 200
"""Steps between two counts."""

STATEMENTS = statements_for(Tables())

WHOLE: dict[str, str] = {
    "all_items": "reads a branch",
    "ids_of_all_items": "the same, if an item cannot be read",
    "items_before_turn": "reads a branch up to a turn",
    "user_messages": "lists the questions of a branch",
    "ids_of_user_messages": "the same, if one cannot be read",
    "prompts_that_may_say": "the same, for a search that no index serves",
    "turn_items": "lists the items of a branch",
    "turns_of_branch": "tells the turns of a branch from others, for an export",
    "tool_usage": "lists the tools of a branch, or of a part of it",
    "turns_backwards": "reads a branch from its end, no further than to what another shares",
    "calls_saying": "reads a session from its end, no further than to the call; once a resumed run",
    "list_branches": "counts the rows of each branch",
    "list_branches_with_parents": "the same",
    "list_short_branches": "the same",
    "session_usage": "adds up a session",
    "tokens_of_branches": "the same",
    "branch_usage": "adds up a branch",
    "spent_as_usual": "adds up a session",
    "spent_by_group": "the same",
    "foreign_by_group": "the same, of what the SDK stored",
    "tool_times": "reads the times of tools of a session, once a report",
    "fill_counts_of_runs": "fills new columns, once a file",
    "models_asked": "looks for the models of a session, once a report",
    "newest_foreign": "lists what the SDK stored in a session",
    "newest_runs": "sorts the runs of a session, once a report",
    "runs_since_message": "reads the runs of a session, once a list",
    "enter_foreign_usage_of_session": "looks for usage that the SDK stored, when that is cleared",
    "messages_said": "searches without an index, which somebody else damaged or locked",
    "copy_rows": "makes a branch",
    "date_branch": "makes a branch of an imported conversation",
    "sessions_without_record": "looks through the ledger, once an export of everything",
    "document_messages": "writes the document of a session",
    "document_structure_ids": "the same",
    "document_turn_usage": "the same",
    "document_run_ids": "the same",
    "document_run_ids_of_branch": "the same, of a branch alone",
    "lowest_anchor": "looks through the runs of a session, once an import that adds to it",
    "rows_of_line": "reads a branch, once such an import",
    "copy_later_rows": "the same, of turns after a summary",
    "delete_messages_of_branch": "deletes a branch",
    "delete_structure_of_branch": "deletes a branch",
    "keep_messages_for_removed": "deletes a branch",
    "take_rows": "deletes a branch, or takes turns off it",
    "delete_taken_rows": "deletes a branch, or takes turns off it",
    "delete_messages_of_session": "clears a session",
    "delete_structure_of_session": "clears a session",
    "delete_turn_usage_of_session": "clears a session",
    "rename_session_in_messages": "renames a session",
    "rename_session_in_structure": "renames a session",
    "rename_session_in_turn_usage": "renames a session",
    "rename_session_in_runs": "renames a session",
    "last_turn_before": "looks through a branch, once a compaction",
    "renumber_branch": "numbers a branch again, once after foreign rows came between its own",
    "turn_beginnings": "the same",
    "usage_turns": "the same",
    "renumber_runs": "the same",
    "messages_of_branch": "reads two branches, once a merge, no further than to where they part",
    "questions_of_branch": "lists the questions of a branch, once a cherry-pick",
    "rows_of_turns": "reads turns, once a merge or squash",
    "shift_turns": "numbers the turns after a squash again",
}
"""Statements that scan a branch or a session, beside those that look for damage and mend it."""

FILTERED = {"runs_of_turns", "sequence_is_taken"}
"""Where SQLite has counted rows, these begin with one pass over a table, for a Bloom filter."""


class Counted:
    """A file with a long conversation, in which the steps of SQLite can be counted.

    Half of its turns are shown by a branch too, the newest of which were taken back; every other
    turn was paid for through the SDK. Other sessions were begun before.
    """

    def __init__(self, path: Path, count: int) -> None:
        self.turns = count
        self.connection = sqlite3.connect(path, isolation_level=None)
        Schema(STATEMENTS, str(path)).create(self.connection)
        fill(path, Contents(count, others=3, other_turns=50))
        self.tx = tx = Transaction(self.connection, STATEMENTS)
        for table in ("create_convo_indexed", "create_convo_prompts", "create_convo_words"):
            tx.execute(table)
        branches.create(tx, SESSION, "main", count // 2, "half", include_turn=True)
        taking.undo(tx, SESSION, "half", 5)
        tx.execute("note_source", session_id=SESSION, source="codex")
        self.connection.execute("DELETE FROM convo_runs WHERE user_turn_number % 2")
        self.values = values_for(count, self._newest("agent_messages"))
        self.values["row_id"] = self._newest("message_structure") - 3

    def _newest(self, table: str) -> int:
        return int(self.connection.execute(f"SELECT max(id) FROM {table}").fetchone()[0])

    def steps(self, work: Callable[[Transaction], Any]) -> int:
        """What some work takes; nothing of it stays."""
        count = 0

        def tick() -> int:
            nonlocal count
            count += STEPS
            return 0

        self.connection.execute("SAVEPOINT before")
        self.connection.set_progress_handler(tick, STEPS)
        try:
            work(self.tx)
        finally:
            self.connection.set_progress_handler(None, 0)
            self.connection.execute("ROLLBACK TO before")
            self.connection.execute("RELEASE before")
        return count

    def steps_of(self, name: str) -> int:
        return self.steps(lambda tx: tx.rows(name, **self.values))


def values_for(count: int, message: int) -> dict[str, Any]:
    """A place near the end of a conversation, for every parameter of every statement."""
    named = {name for block in STATEMENTS.names() for name in parameters(block)}
    return dict.fromkeys(named, 1) | {
        "session_id": SESSION,
        "old": SESSION,
        "new": "new",
        "branch_id": "main",
        "new_branch_id": "new",
        "old_branch_id": "half",
        "source": "codex",
        **dict.fromkeys(("turn", "first", "last", "first_turn", "last_turn"), count),
        "last_kept_turn": count - 1,
        **dict.fromkeys(("limit", "most"), 20),
        **dict.fromkeys(("message_id", "id", "anchor"), message - 3),
        **dict.fromkeys(("after", "adopted_up_to"), message - 20),
        "ids": f"[{message - 3}, {message - 7}]",
        "message_ids": f"[{message - 3}, {message - 7}]",
        **dict.fromkeys(("sequence", "first_moved"), 4 * count - 4),
        "last_sequence": 4 * count,
        "before": 2**62,
        "below": b"\xff",
        "call": f"call {count}",
        "query": '"xyz"',
        "what": "turns",
    }


def parameters(block: str) -> set[str]:
    return set(re.findall(r":([a-z_]\w*)", STATEMENTS[block]))


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    counted = Counted(tmp_path_factory.mktemp("few") / "c.db", FEW)
    with closing(counted.connection):
        yield counted


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    counted = Counted(tmp_path_factory.mktemp("many") / "c.db", MANY)
    with closing(counted.connection):
        yield counted


def counted(name: str) -> bool:
    """Whether a block is a statement about rows, which may be many."""
    block = STATEMENTS[name]
    is_about_rows = re.search(r"^(WITH|SELECT|INSERT|UPDATE|DELETE|REPLACE)\b", block, re.MULTILINE)
    return bool(is_about_rows) and name not in COPIES | INSIDE_OTHERS | {"disown_table"}


def grown(few: Counted, many: Counted) -> set[str]:
    """The statements that take longer in the longer conversation."""
    return {
        name
        for name in filter(counted, STATEMENTS.names())
        if many.steps_of(name) > 2 * few.steps_of(name) + 5 * STEPS
    }


def has_reason(name: str) -> bool:
    return name in WHOLE or name.startswith(("find_", "mend_"))


def test_no_statement_scans_a_session_without_a_reason(few: Counted, many: Counted) -> None:
    found = grown(few, many)
    assert {name for name in found if not has_reason(name)} == set()
    assert set(WHOLE) - found == set()
    assert {name for name in found if many.steps_of(name) > 15 * few.steps_of(name)} == set()


def test_nor_where_somebody_had_the_rows_counted(tmp_path: Path) -> None:
    """`ANALYZE` changes the plans of SQLite."""
    few, many = Counted(tmp_path / "few.db", FEW), Counted(tmp_path / "many.db", MANY)
    with closing(few.connection), closing(many.connection):
        few.connection.execute("ANALYZE")
        many.connection.execute("ANALYZE")
        found = grown(few, many)
        assert {name for name in found - FILTERED if not has_reason(name)} == set()
        assert {name for name in found if many.steps_of(name) > 15 * few.steps_of(name)} == set()


@pytest.mark.parametrize("name", ["turn_items", "tool_usage", "session_usage", "branch_usage"])
def test_some_lists_and_sums_need_only_an_index(few: Counted, name: str) -> None:
    plan = few.connection.execute(f"EXPLAIN QUERY PLAN {STATEMENTS[name]}", few.values)
    searches = [detail for *_, detail in plan if detail.startswith(("SCAN", "SEARCH"))]
    assert searches
    assert all("COVERING INDEX" in detail for detail in searches)


unreadable = Unreadable(None)  # type: ignore[arg-type]

OPERATIONS: dict[str, Callable[[Transaction], Any]] = {
    "show": lambda tx: transcript.read(tx, SESSION, "main", None, None, unreadable),
    "show a branch": lambda tx: transcript.read(tx, SESSION, "half", None, None, unreadable),
    "diff": lambda tx: comparison.compared(tx, SESSION, "main", "half", unreadable),
    "turns": lambda tx: turns.listed(tx, SESSION, "main", unreadable),
    "newest turns": lambda tx: turns.listed(tx, SESSION, "main", unreadable, 500),
    "get_items": lambda tx: items.read(tx, SESSION, "main", None, unreadable),
    "conversation": lambda tx: turns.conversation(tx, SESSION, "main", unreadable),
    "items by turn": lambda tx: turns.items_by_turn(tx, SESSION, "main"),
    "tools": lambda tx: turns.tool_usage(tx, SESSION, "main"),
    "branches": lambda tx: branches.listed(tx, SESSION),
    "turn usage": lambda tx: turn_usage.of_turns(tx, SESSION, "main"),
    "renumber": lambda tx: numbering.renumber(tx, SESSION, "main", by_message=True),
    "branch": lambda tx: branches.create(tx, SESSION, "main", 900, "new"),
    "delete": lambda tx: taking.delete_branches(tx, SESSION, ["half"]),
    "delete for good": lambda tx: branches.delete(tx, SESSION, "half"),
    "undo": lambda tx: taking.undo(tx, SESSION, "main", 900),
    "restore": lambda tx: undoing.restore(tx, SESSION, None, ()),
    "clear": lambda tx: items.clear(tx, SESSION),
    "rename": lambda tx: catalog.rename(tx, SESSION, "new"),
    "search": lambda tx: full_text.found(tx, None, Query("xyzzy"), Scope(SESSION), 20, unreadable),
    "find": lambda tx: turns.containing(tx, None, SESSION, "main", "xyzzy", unreadable),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_reads_or_writes_all_turns_grows_with_them(
    few: Counted, many: Counted, name: str
) -> None:
    work = OPERATIONS[name]
    assert many.steps(work) <= 15 * few.steps(work) + 10 * STEPS


def test_a_branch_is_made_as_fast_beside_many_others(tmp_path: Path) -> None:
    counted = Counted(tmp_path / "c.db", 100)
    with closing(counted.connection):

        def make(tx: Transaction) -> None:
            branches.create(tx, SESSION, "main", 5)

        def grow(to: int) -> None:
            for number in range(len(branches.names(counted.tx, SESSION)), to):
                branches.create(counted.tx, SESSION, "main", 5, f"b{number}")

        grow(60)
        few = counted.steps(make)
        grow(500)
        assert counted.steps(make) <= 1.5 * few


def test_rows_of_others_between_ours_are_adopted_in_proportion(few: Counted, many: Counted) -> None:
    """The plain session of the SDK stored every tenth turn, before the newest of ours."""

    def adopt(tx: Transaction) -> None:
        connection = tx._connection
        connection.execute(
            "DELETE FROM message_structure WHERE session_id = ? AND user_turn_number % 10 = 0",
            (SESSION,),
        )
        tx.execute("forget_every_adoption")
        adoption.adopt(tx, SESSION)

    assert many.steps(adopt) <= 15 * few.steps(adopt)
