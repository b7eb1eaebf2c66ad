"""Tables: made by many at once, completed, looked at again, and made by nobody who may not."""

import asyncio
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest

from convo import AdvancedPostgresSession
from convo.errors import DatabaseUnavailableError, NotAConversationDatabaseError
from convo.postgres.dialect import statements_for
from convo.postgres.pools import close_all
from convo.postgres.schema import created_objects
from convo.storage.statements import Tables
from tests.core.addresses import execute, rows
from tests.core.talk import user
from tests.postgres.server import Server


async def test_many_make_the_tables_at_once(new_postgres_url: str) -> None:
    sessions = [
        AdvancedPostgresSession("talk", url=new_postgres_url, create_tables=True, pool_size=size)
        for size in range(1, 9)
    ]
    await asyncio.gather(*(session.add_items([user("hello")]) for session in sessions))
    assert len(await sessions[0].get_items()) == 8


async def test_a_change_of_the_tables_waits_for_writers_of_the_sdk(new_postgres_url: str) -> None:
    """It takes the locks in their order: else the two would wait for each other."""
    made = AdvancedPostgresSession("talk", url=new_postgres_url, create_tables=True)
    await made.add_items([user("hello")])
    execute(new_postgres_url, "DROP TABLE message_structure, turn_usage")
    close_all()
    with psycopg.connect(new_postgres_url) as theirs:
        theirs.execute("SELECT 1 FROM agent_sessions WHERE session_id = 'talk' FOR UPDATE")
        session = AdvancedPostgresSession("talk", url=new_postgres_url, create_tables=True)
        change = asyncio.ensure_future(session.get_items())
        query = "SELECT 1 FROM pg_locks WHERE NOT granted"
        while not rows(new_postgres_url, query):  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.01)
        theirs.execute(
            "INSERT INTO agent_messages (session_id, message_data) VALUES ('talk', '{}')"
        )
        theirs.execute("UPDATE agent_sessions SET updated_at = updated_at")
    assert len(await change) == 2


async def test_without_tables_and_without_leave_to_make_them(new_postgres_url: str) -> None:
    session = AdvancedPostgresSession("talk", url=new_postgres_url)
    with pytest.raises(NotAConversationDatabaseError, match="no table `agent_sessions`"):
        await session.get_items()
    assert rows(new_postgres_url, "SELECT 1 FROM pg_tables WHERE schemaname = 'public'") == []


async def test_a_schema_of_its_own(new_postgres_url: str) -> None:
    named = AdvancedPostgresSession("talk", url=new_postgres_url, schema="team", create_tables=True)
    await named.add_items([user("hello")])
    assert rows(new_postgres_url, "SELECT count(*) FROM team.agent_messages") == [(1,)]
    assert rows(new_postgres_url, "SELECT 1 FROM pg_tables WHERE schemaname = 'public'") == []


async def test_other_base_tables(new_postgres_url: str) -> None:
    session = AdvancedPostgresSession(
        "talk",
        url=new_postgres_url,
        create_tables=True,
        sessions_table='"my ""sessions"',
        messages_table="lines",
    )
    await session.add_items([user("hello")])
    assert rows(new_postgres_url, "SELECT count(*) FROM lines") == [(1,)]
    assert rows(new_postgres_url, 'SELECT session_id FROM "my ""sessions"') == [("talk",)]


async def test_tables_of_an_older_release_are_completed(new_postgres_url: str) -> None:
    session = AdvancedPostgresSession("talk", url=new_postgres_url, create_tables=True)
    await session.add_items([user("hello")])
    execute(new_postgres_url, "ALTER TABLE convo_runs DROP COLUMN tool_times")
    execute(new_postgres_url, "DROP INDEX convo_runs_of_turn")
    execute(new_postgres_url, "UPDATE convo_schema SET version = 0")
    close_all()
    again = AdvancedPostgresSession("talk", url=new_postgres_url, create_tables=True)
    assert len(await again.get_items()) == 1
    assert rows(new_postgres_url, "SELECT count(tool_times) FROM convo_runs") == [(0,)]
    assert rows(new_postgres_url, "SELECT 1 FROM pg_indexes WHERE indexname = 'convo_runs_of_turn'")
    assert rows(new_postgres_url, "SELECT version > 0 FROM convo_schema") == [(True,)]


async def test_tables_that_are_dropped_meanwhile_are_made_again(new_postgres_url: str) -> None:
    session = AdvancedPostgresSession("talk", url=new_postgres_url, create_tables=True)
    await session.add_items([user("hello")])
    execute(
        new_postgres_url, "DROP TABLE agent_sessions, agent_messages, message_structure CASCADE"
    )
    await session.add_items([user("again")])
    assert [item["content"] for item in await session.get_items()] == ["again"]


@pytest.fixture
def limited(postgres_server: Server, new_postgres_url: str) -> Iterator[str]:
    """The address of a database without tables, for a role that may create none."""
    database = urlsplit(new_postgres_url).path.removeprefix("/")
    role, administrator = f"{database}_limited", postgres_server.url_of_socket(database)
    execute(administrator, f"CREATE ROLE {role} LOGIN")
    execute(administrator, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    yield postgres_server.url_of_socket(database, user=role)
    close_all()
    execute(administrator, f"DROP OWNED BY {role}")
    execute(administrator, f"DROP ROLE {role}")


async def test_a_role_that_may_not_create_tables(limited: str, new_postgres_url: str) -> None:
    session = AdvancedPostgresSession("talk", url=limited, create_tables=True)
    with pytest.raises(DatabaseUnavailableError, match="permission denied for schema public"):
        await session.add_items([user("hello")])
    owner = AdvancedPostgresSession("talk", url=new_postgres_url, create_tables=True)
    await owner.add_items([user("hello")])
    role = urlsplit(limited).username
    for right in (
        "SELECT, INSERT, UPDATE, DELETE ON ALL TABLES",
        "USAGE ON ALL SEQUENCES",
    ):
        execute(new_postgres_url, f"GRANT {right} IN SCHEMA public TO {role}")
    await session.add_items([user("again")])
    assert len(await session.get_items()) == 2


def test_every_object_has_a_name_of_its_own_and_columns() -> None:
    found = created_objects(statements_for(Tables(), "public"))
    assert len({one.name for one in found}) == len(found)
    structure = next(one for one in found if one.name == "message_structure")
    assert list(structure.columns)[:3] == ["id", "session_id", "message_id"]
    assert structure.columns["message_type"] == "TEXT NOT NULL"
