"""What the SDK's class deletes, although a branch shows it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from agents.extensions.memory import SQLAlchemySession
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from convo import AdvancedPostgresSession, ConversationStore
from convo.postgres.pools import close_all
from tests.core.addresses import execute, rows
from tests.core.talk import assistant, result, texts, turn, user
from tests.postgres.server import Server


@pytest.fixture
async def sdk(postgres_url: str) -> AsyncIterator[SQLAlchemySession]:
    """The SDK's own class on the session `talk`."""
    engine = create_async_engine(
        postgres_url.replace("postgresql:", "postgresql+asyncpg:"), poolclass=NullPool
    )
    yield SQLAlchemySession("talk", engine=engine)
    await engine.dispose()


@pytest.fixture
async def talk(postgres_url: str) -> AdvancedPostgresSession:
    """A session with four turns, on a branch from the fourth that has one of its own."""
    talk = AdvancedPostgresSession("talk", url=postgres_url)
    for number in range(1, 5):
        await talk.add_items(turn(f"turn {number}"))
    await talk.create_branch_from_turn(4, "side")
    await talk.add_items([user("aside")])
    return talk


SIDE = [text for n in (1, 2, 3) for text in texts(turn(f"turn {n}"))] + ["aside"]


async def test_a_pop_below_a_fork_leaves_the_branch(
    sdk: SQLAlchemySession, talk: AdvancedPostgresSession, postgres_url: str
) -> None:
    popped: list[Any] = [await sdk.pop_item() for _ in range(5)]
    assert texts(popped) == ["aside", "About turn 4", "turn 4", "About turn 3", "turn 3"]
    assert texts(await talk.get_items()) == SIDE
    assert texts(await talk.get_items(branch_id="main")) == SIDE[:4]
    assert texts(await sdk.get_items()) == SIDE[:4]
    await sdk.add_items([user("again"), assistant("yes")])
    assert texts(await talk.get_items(branch_id="main")) == [*SIDE[:4], "again", "yes"]
    assert texts(await talk.get_items()) == SIDE
    await whole(postgres_url)


async def test_a_clear_leaves_the_branch_that_somebody_is_on(
    sdk: SQLAlchemySession, talk: AdvancedPostgresSession, postgres_url: str
) -> None:
    await sdk.clear_session()
    assert await sdk.get_items() == []
    assert texts(await talk.get_items()) == SIDE
    assert await talk.get_items(branch_id="main") == []
    await talk.add_items([assistant("I see")])
    await sdk.add_items([user("again")])
    assert texts(await talk.get_items()) == [*SIDE, "I see"]
    assert texts(await talk.get_items(branch_id="main")) == ["again"]
    await whole(postgres_url)


async def test_what_is_kept_is_in_no_list_and_can_be_found_and_deleted(
    sdk: SQLAlchemySession, talk: AdvancedPostgresSession, postgres_url: str
) -> None:
    await sdk.clear_session()
    async with ConversationStore(postgres_url) as store:
        assert [one.session_id for one in await store.sessions()] == ["talk"]
        assert await store.count_sessions() == 1
    await talk.clear_session()
    assert await talk.get_items() == []
    assert rows(postgres_url, "SELECT count(*) FROM agent_messages") == [(0,)]


async def test_a_clear_of_a_session_without_branches_leaves_nothing(
    sdk: SQLAlchemySession, postgres_url: str
) -> None:
    talk = AdvancedPostgresSession("talk", url=postgres_url)
    await talk.add_items(turn("one"))
    await sdk.clear_session()
    for table in ("agent_sessions", "agent_messages", "message_structure"):
        assert rows(postgres_url, f"SELECT count(*) FROM {table}") == [(0,)]
    await sdk.add_items([user("two")])
    assert texts(await talk.get_items()) == ["two"]


async def test_an_administrator_deletes_a_session_with_its_branches(
    talk: AdvancedPostgresSession, postgres_url: str
) -> None:
    execute(postgres_url, "DELETE FROM agent_sessions WHERE session_id = 'talk'")
    for table in ("agent_sessions", "agent_messages", "message_structure"):
        assert rows(postgres_url, f"SELECT count(*) FROM {table}") == [(0,)]


async def test_without_triggers_it_is_said_and_nothing_dangles(
    postgres_server: Server, new_postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """As on a server where the role may not write functions."""
    database = urlsplit(new_postgres_url).path.removeprefix("/")
    administrator = postgres_server.url_of_socket(database)
    execute(administrator, "REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC")
    for _ in range(2):
        talk = AdvancedPostgresSession("talk", url=new_postgres_url, create_tables=True)
        await talk.add_items(turn("one"))
        close_all()
    assert caplog.text.count("no triggers may be made") == 1
    await talk.create_branch_from_turn(2, "side")
    execute(new_postgres_url, "DELETE FROM agent_messages")
    assert await talk.get_items() == []
    async with ConversationStore(new_postgres_url) as store:
        (problem,) = await store.check()
    assert "lost to branches" in problem.detail


async def whole(url: str) -> None:
    """The structure of the database is consistent."""
    async with ConversationStore(url) as store:
        assert await store.check() == []


async def test_kept_turns_are_shown_found_copied_undone_and_restored(
    sdk: SQLAlchemySession, talk: AdvancedPostgresSession, postgres_url: str, tmp_path: Path
) -> None:
    await talk.find_turns_by_content("turn", branch_id="side")
    await sdk.clear_session()
    assert len(await talk.find_turns_by_content("turn", branch_id="side")) == 3
    async with (
        ConversationStore(postgres_url) as store,
        ConversationStore(tmp_path / "copy.db", create=True) as file,
    ):
        assert {found.turn for found in await store.search("turn")} == {1, 2, 3}
        await store.copy_to(file, ["talk"])
        copied = await file.turns("talk", "side")
        assert [turn.turn for turn in copied] == [1, 2, 3, 4]
        await store.undo("talk", "side", 3)
        assert texts(await talk.get_items()) == SIDE[:2]
        await store.restore("talk")
    assert texts(await talk.get_items()) == SIDE
    await talk.switch_to_branch("main")
    await talk.delete_branch("side")
    assert rows(postgres_url, "SELECT count(*) FROM agent_messages") == [(0,)]


async def test_a_role_without_rights_on_the_tables_of_convo(
    talk: AdvancedPostgresSession, postgres_server: Server, postgres_url: str
) -> None:
    database = urlsplit(postgres_url).path.removeprefix("/")
    administrator, role = postgres_server.url_of_socket(database), f"{database}_sdk"
    execute(administrator, f"CREATE ROLE {role} LOGIN")
    try:
        execute(administrator, f"GRANT SELECT, DELETE ON agent_messages TO {role}")
        limited = postgres_server.url_of_socket(database, user=role)
        execute(limited, "DELETE FROM agent_messages WHERE id > 4")
    finally:
        execute(administrator, f"DROP OWNED BY {role}")
        execute(administrator, f"DROP ROLE {role}")
    assert texts(await talk.get_items()) == SIDE


async def test_usage_goes_with_its_turn_and_what_was_deleted_can_be_restored(
    sdk: SQLAlchemySession, talk: AdvancedPostgresSession, postgres_url: str
) -> None:
    await talk.switch_to_branch("main")
    await talk.store_run_usage(result(15))
    async with ConversationStore(postgres_url) as store:
        await store.delete_branches("talk", ["side"])
        for _ in range(4):
            await sdk.pop_item()
        assert await talk.get_turn_usage() == []
        assert rows(postgres_url, "SELECT total_tokens FROM convo_runs") == [(15,)]
        assert await store.check() == []
        await store.restore("talk")
    assert texts(await talk.get_items(branch_id="side")) == SIDE
    assert texts(await talk.get_items(branch_id="main")) == SIDE[:4]
