"""Files whose schema somebody has prepared: nothing of it is believed, and nothing has no end."""

import resource
from pathlib import Path

import pytest

from convo import ConversationStore
from convo.errors import DatabaseError
from convo.sqlite import retrying
from tests.core.addresses import execute, rows
from tests.core.talk import run, turn
from tests.integration import damage
from tests.program import Program

ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT"
READS = ("turns", "show", "branches --tree", "usage --by-turn", "sessions", "search about", "tools")
WRITES = ("chat hi", "undo", "branch --turn 1 new", "db gc --force")
BYTES = 2 << 30
"""Of address space, for a program that uses a twentieth of it."""

REFUSED = {
    "messages": f"""ALTER TABLE agent_messages RENAME TO x; CREATE VIEW agent_messages AS
        {ENDLESS} i AS id, 'talk' AS session_id, '{{}}' AS message_data, '' AS created_at FROM n""",
    "head": f"DROP TABLE convo_head; CREATE VIEW convo_head AS {ENDLESS} i AS session_id FROM n",
    "index": f"CREATE VIEW convo_indexed AS {ENDLESS} i AS name, 1 AS message_id FROM n",
    "computed": """DROP TABLE convo_sessions; CREATE TABLE convo_sessions (
        session_id TEXT PRIMARY KEY, branch_id TEXT, previous_branch_id TEXT, base_url TEXT,
        model TEXT GENERATED ALWAYS AS (hex(zeroblob(300000000))) VIRTUAL, api TEXT)""",
    "virtual": """DROP TABLE convo_sessions;
        CREATE VIRTUAL TABLE convo_sessions USING fts5 (session_id, branch_id, model)""",
}
TRIGGERS = {
    "refuses": ("SELECT RAISE(ABORT, 'no')", "a trigger of the database"),
    "rolls back": ("SELECT RAISE(ROLLBACK, 'no')", "a trigger of the database"),
    "calls": ("INSERT INTO nowhere VALUES (1)", "has changed: it has no such table"),
    "loads": ("SELECT load_extension('x')", "is not as convo makes it"),
    "grows": ("SELECT length(hex(zeroblob(400000000)))", "too big"),
}


@pytest.fixture
async def convo(path: Path) -> Program:
    await damage.make(path)
    return Program(path.parent, {"CONVO_DB": str(path)})


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))


@pytest.mark.parametrize("what", REFUSED)
def test_what_could_make_up_rows_is_refused(convo: Program, path: Path, what: str) -> None:
    for statement in REFUSED[what].split(";"):
        execute(path, statement)
    before = path.read_bytes()
    for command in (*READS[::3], *WRITES[:2]):
        message = convo(*command.split(), preexec_fn=limited).error(6)
        assert "not a conversation database" in message or "not one of conversations" in message
    assert path.read_bytes() == before


@pytest.mark.parametrize("what", TRIGGERS)
def test_a_trigger_may_refuse_a_write_but_no_read(convo: Program, path: Path, what: str) -> None:
    body, said = TRIGGERS[what]
    execute(path, f"CREATE TRIGGER t AFTER INSERT ON branch_reservations BEGIN {body}; END")
    messages = rows(path, "SELECT id FROM agent_messages")
    for command in READS:
        assert convo(*command.split(), preexec_fn=limited).code == 0
    assert said in convo("branch", "--turn", "1", "new", preexec_fn=limited).error(6)
    assert rows(path, "SELECT id FROM agent_messages") == messages


async def test_a_write_without_an_end_is_stopped(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await damage.make(path)
    execute(path, f"CREATE VIEW endless AS {ENDLESS} i FROM n")
    execute(
        path,
        "CREATE TRIGGER t AFTER INSERT ON agent_messages"
        " BEGIN UPDATE agent_sessions SET updated_at = (SELECT count(*) FROM endless); END",
    )
    monkeypatch.setattr(retrying, "LONGEST_WRITE", 0.5)
    async with ConversationStore(path) as store:
        with pytest.raises(DatabaseError, match="busy for too long"):
            await store.record_turn("talk", "main", turn("more"), run())
        assert len(await store.turns("talk", "main")) == 3


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE convo_indexed (x)",
        "CREATE TABLE convo_words (x)",
        "CREATE VIRTUAL TABLE convo_words USING fts5 (text, content = 'agent_messages')",
        "CREATE TABLE convo_prompts (x)",
    ],
)
async def test_an_index_of_somebody_else_is_not_asked(path: Path, statement: str) -> None:
    await damage.make(path)
    execute(path, statement)
    async with ConversationStore(path) as store:
        found = await store.search("about")
        assert len(found) == len(await store.search("about"))
        assert {one.text for one in found} == {f"About {word}" for word in "abc"}


def test_escapes_in_names_of_the_schema_are_made_safe(convo: Program, path: Path) -> None:
    execute(
        path,
        'CREATE TRIGGER "\x1b[31m" AFTER INSERT ON branch_reservations'
        " BEGIN SELECT RAISE(ABORT, '\x1b]0;title\x07'); END",
    )
    assert "\x1b" not in convo("branch", "--turn", "1", "new").error(6)
