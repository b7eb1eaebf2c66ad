"""How many rows each statement looks at on a server, before and after its tables were analysed.

The server chooses a plan for each statement, by what it knows of the tables: nothing, until it has
counted their rows. What is run for each turn may not look at more of them in a longer conversation,
with either knowledge. The reasons of those that read a whole branch or session are those of
`tests/core/test_plans.py`.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from convo.postgres.connection import ServerConnection
from convo.postgres.dialect import statements_for
from convo.postgres.preparing import Filled
from convo.postgres.url import parse
from convo.storage.statements import Tables
from tests.core.storage.test_statements import INSIDE_OTHERS
from tests.core.test_plans import SESSION, has_reason, values_for
from tests.postgres.databases import TEMPLATE, Databases

FEW, MANY = 500, 5_000
MOST = 40
"""Rows that a statement may look at whatever the length of the conversation."""

STATEMENTS = statements_for(Tables(), "public")

FILL = """
INSERT INTO agent_sessions (session_id)
SELECT 'other ' || o FROM generate_series(1, 3) AS o UNION ALL VALUES ('{session}'), ('new');

INSERT INTO agent_messages (id, session_id, message_data)
SELECT 150 * o + n, 'other ' || o, '{{"role": "user", "content": "x"}}'
FROM generate_series(1, 3) AS o, generate_series(1, 100) AS n;
INSERT INTO agent_messages (id, session_id, message_data)
SELECT 1000 + n, '{session}', '{{"role": "user", "content": "turn ' || n || '"}}'
FROM generate_series(1, 4 * {turns}) AS n;

INSERT INTO message_structure (id, session_id, message_id, branch_id, message_type,
    sequence_number, user_turn_number, branch_turn_number, tool_name)
SELECT m.id, m.session_id, m.id, 'main',
    CASE m.id % 4 WHEN 1 THEN 'user' WHEN 2 THEN 'function_call' ELSE 'assistant' END,
    CASE WHEN m.id > 1000 THEN m.id - 1000 ELSE m.id END, t.turn, t.turn,
    CASE m.id % 4 WHEN 2 THEN 'tool' END
FROM agent_messages AS m
CROSS JOIN LATERAL (
    SELECT (CASE WHEN m.id > 1000 THEN m.id - 1001 ELSE m.id END) / 4 + 1
) AS t (turn);
INSERT INTO message_structure (id, session_id, message_id, branch_id, message_type,
    sequence_number, user_turn_number, branch_turn_number)
SELECT 1000000 + id, session_id, message_id, 'half', message_type,
    4 * {turns} + sequence_number, user_turn_number, branch_turn_number
FROM message_structure
WHERE session_id = '{session}' AND user_turn_number <= {turns} / 2;

INSERT INTO turn_usage (id, session_id, branch_id, user_turn_number, requests, total_tokens)
SELECT id, session_id, branch_id, user_turn_number, 1, 15 FROM message_structure
WHERE message_type = 'user' AND branch_id = 'main';
INSERT INTO convo_runs (id, session_id, branch_id, user_turn_number, anchor, turn_usage_id, model,
    requests, input_tokens, cached_tokens, output_tokens, reasoning_tokens, total_tokens)
SELECT id, session_id, branch_id, user_turn_number, id, id, 'm', 1, 10, 0, 5, 0, 15 FROM turn_usage
WHERE user_turn_number % 2 = 0;

INSERT INTO branch_reservations VALUES ('{session}', 'main'), ('{session}', 'half');
INSERT INTO convo_branches (session_id, branch_id, parent_branch_id, forked_from_turn)
VALUES ('{session}', 'half', 'main', {turns} / 2);
INSERT INTO convo_adopted SELECT session_id, max(id) FROM agent_messages GROUP BY session_id;

SELECT setval(oid::regclass, 5000000) FROM pg_class
WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace;
"""

VALUES: dict[str, Any] = {
    **dict.fromkeys(("names", "rates", "carried", "ids", "message_ids"), "[]"),
    **dict.fromkeys(("since", "until", "at"), "2026-01-01 00:00:00"),
    "period": "day",
    "sequence_number": 1,
    **dict.fromkeys(("message", "other"), 1001),
    "pattern": "%xyz%",
    "person": "somebody",
    "transaction": "1",
    "query": "xyz",
    "below": 2**62,
    "schema": "public",
}
"""Values for parameters that SQLite takes anything for."""


DONE_BY_ANOTHER = {
    "rename_session_in_messages",
    "rename_session_in_structure",
    "rename_session_in_turn_usage",
}
"""What `rename_session_in_sessions` has done already, as the server's keys demand."""


GROWS = {
    "answers_saying": "reads a branch from a place on, once a resumed run",
    "count_messages": "counts all messages, for the progress of an index",
    "date_imported_runs": "has no place to begin at here: ids of runs are not numbers of turns",
    "document_merges": "reads a branch, once a document",
    "enter_foreign_usage": "reads the usage of a session, where another program stored some",
    "glance_server_turns": "looks for numbers that begin with some digits, once a TAB",
    "has_foreign": "compares the usage of a session with its runs, once a report",
    "last_older_row": "looks for what is not there here",
    "merges_of_branch": "reads a branch, once a list of its merges",
    "messages_behind_index": "reads what an index lacks: here it has nothing",
    "messages_matching": "looks into an index that has nothing here",
    "move_rows_from": "moves the rows of a branch, once a compaction",
    "newest_runs_nearby": "may find the runs by their session, once a report",
    "place_runs_of_held": "reads the runs where they are few: the server expects a long list",
    "rename_session_in_sessions": "renames a session",
    "runs_of_turns_run": "expects a long list of runs, once a report",
    "sessions_with_news": "reads more of the messages where sessions are few and one is long",
    "structure_and_more": "is what others read from, with what was adopted in memory",
}
"""What looks at more rows on a server alone, at least before or after ANALYZE, and why."""


OF_A_TURN = (
    *("lock_session", "branch_state", "touch_session", "append_message", "note_adopted"),
    *("turn_account", "set_turn_usage", "note_write", "adoption_state", "generation"),
    *("all_items", "newest_items", "newest_row", "newest_turn", "sessions_with_news"),
)
"""What is asked to store a turn and its usage, and to read and take items."""


class Conversation:
    """A database with a long conversation, in which the rows that a plan looks at are counted."""

    def __init__(self, databases: Databases, turns: int) -> None:
        url = databases.make(f"plans_{turns}_{id(self)}", TEMPLATE)
        self.connection = ServerConnection(parse(url), 10)
        self.connection.send([FILL.format(session=SESSION, turns=turns)])
        newest = 1000 + 4 * turns
        # A literal in quotes is of whatever type is needed.
        places = values_for(turns, newest)
        self.values = dict.fromkeys(_parameters(), "1")
        self.values |= {name: value for name, value in places.items() if value != 1} | VALUES
        self.values |= {name: VALUES["since"] for name in self.values if name.endswith("_at")}
        self.values |= {"row_id": newest + 999_999, "message_ids": f"[{newest - 3}]"}

    def rows_of(self, name: str, *, prepared: bool, session: str = SESSION) -> int:
        """The rows that a statement about a session looks at; it is undone."""
        values = self.values | {"session_id": session}
        filled = STATEMENTS[name].filled(values, self.connection.quote)
        statement = str(filled)
        before = ["BEGIN"]
        if prepared and isinstance(filled, Filled):
            # Planned without the values, as the server does when it has planned it a few times.
            before.append("SET LOCAL plan_cache_mode = force_generic_plan")
            before.append(filled.pattern.preparing("counted", filled.key[1]))
            statement = filled.executed("counted")
        explained = f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, FORMAT JSON) {statement}"
        try:
            found = self.connection.send([*before, explained])[-1].rows[0][0]
        except psycopg.Error as error:
            raise AssertionError(f"{name}: {error}\n{statement}") from error
        finally:
            self.connection.send(["ROLLBACK", "DEALLOCATE ALL"])
        return _looked_at((found if isinstance(found, list) else json.loads(found))[0]["Plan"])


def _looked_at(plan: dict[str, Any]) -> int:
    """The rows that a plan and all below it produce and throw away."""
    rows = plan["Actual Rows"] + sum(
        count for key, count in plan.items() if key.startswith("Rows Removed by")
    )
    below = sum(_looked_at(part) for part in plan.get("Plans", ()))
    return int(rows * plan["Actual Loops"]) + below


def _parameters() -> set[str]:
    return {name for block in STATEMENTS.common.names() for name in STATEMENTS[block]._names}


@pytest.fixture(scope="module")
def few(databases: Databases) -> Iterator[Conversation]:
    yield from conversation(databases, FEW)


@pytest.fixture(scope="module")
def many(databases: Databases) -> Iterator[Conversation]:
    yield from conversation(databases, MANY)


def conversation(databases: Databases, turns: int) -> Iterator[Conversation]:
    found = Conversation(databases, turns)
    yield found
    found.connection.close()


def _grown(few: Conversation, many: Conversation, *, prepared: bool) -> dict[str, tuple[int, int]]:
    """The statements that look at more in the longer conversation, and at how many rows."""
    found = {}
    for name in filter(_is_counted, STATEMENTS.common.names()):
        rows = few.rows_of(name, prepared=prepared), many.rows_of(name, prepared=prepared)
        if rows[1] > 2 * rows[0] + MOST:
            found[name] = rows
    return found


def _is_counted(name: str) -> bool:
    is_about_rows = re.search(
        r"^(WITH|SELECT|INSERT|UPDATE|DELETE)\b", STATEMENTS.common[name], re.MULTILINE
    )
    words = set(re.findall(r"\w+", STATEMENTS.common[name]))
    # The tables of SQLite's index are not there.
    has_table = bool(words & STATEMENTS._owned) and "convo_indexed" not in words
    is_left_out = name in INSIDE_OTHERS | DONE_BY_ANOTHER | GROWS.keys() or has_reason(name)
    return bool(is_about_rows) and has_table and not is_left_out


@pytest.mark.parametrize("prepared", [False, True], ids=["with its values", "prepared"])
@pytest.mark.parametrize("knowledge", ["nothing is known", "the tables were analysed"])
def test_no_statement_reads_a_session_without_a_reason(
    few: Conversation, many: Conversation, knowledge: str, prepared: bool
) -> None:
    if knowledge != "nothing is known":
        for one in (few, many):
            one.connection.send(["ANALYZE"])
    assert _grown(few, many, prepared=prepared) == {}


@pytest.mark.parametrize("prepared", [False, True], ids=["with its values", "prepared"])
def test_a_turn_of_a_new_session_reads_no_more_where_another_is_long(
    many: Conversation, prepared: bool
) -> None:
    many.connection.send(["ANALYZE"])
    rows = {name: many.rows_of(name, prepared=prepared, session="new") for name in OF_A_TURN}
    assert {name: count for name, count in rows.items() if count > MOST} == {}
