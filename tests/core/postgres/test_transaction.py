"""Ids are reserved before their rows are inserted; they grow with the rows all the same."""

import pytest

from convo import AdvancedPostgresSession
from tests.core.addresses import execute, rows
from tests.core.talk import assistant, result, turn, user

PLAIN = "INSERT INTO agent_messages (session_id, message_data) VALUES ('talk', ?)"
FOREIGN = (
    "INSERT INTO turn_usage (session_id, branch_id, user_turn_number, requests, input_tokens, "
    "output_tokens, total_tokens) VALUES ('talk', 'main', 1, 1, 10, 5, 15)"
)


@pytest.fixture
async def session(postgres_url: str) -> AdvancedPostgresSession:
    session = AdvancedPostgresSession("talk", url=postgres_url)
    await session.add_items(turn("first"))
    return session


async def test_usage_of_the_sdk_is_entered_before_the_run_that_follows(
    session: AdvancedPostgresSession, postgres_url: str
) -> None:
    execute(postgres_url, FOREIGN)
    await session.store_run_usage(result(40))
    query = "SELECT total_tokens, turn_usage_id FROM convo_runs ORDER BY id"
    assert rows(postgres_url, query) == [(15, 1), (40, 1)]


async def test_messages_of_others_have_rows_before_those_that_follow(
    session: AdvancedPostgresSession, postgres_url: str
) -> None:
    execute(postgres_url, PLAIN, '{"role": "assistant", "content": "more"}')
    await session.add_items(turn("second"))
    query = "SELECT message_id, sequence_number FROM message_structure ORDER BY id"
    assert rows(postgres_url, query) == [(number, number) for number in range(1, 6)]


async def test_tables_of_any_name(new_postgres_url: str) -> None:
    session = AdvancedPostgresSession(
        "talk",
        url=new_postgres_url,
        create_tables=True,
        sessions_table="\"Sessions: 'all'\"",
        messages_table='"what (they) ""said"".x"',
    )
    for _ in range(3):
        await session.add_items([user("?"), assistant("!")])
    assert len(await session.get_items()) == 6
