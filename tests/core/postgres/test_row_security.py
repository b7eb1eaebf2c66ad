"""A role that row level security lets see some sessions only, as a tenant of a shared database."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from agents.extensions.memory import SQLAlchemySession

from convo import AdvancedPostgresSession, ConversationStore
from convo.errors import DatabaseUnavailableError
from convo.postgres import full_text
from convo.postgres.pools import close_all
from convo.postgres.script import script
from tests.core.addresses import execute, rows
from tests.core.postgres.sharing import engine_for
from tests.core.talk import result, run, texts, turn, user
from tests.postgres.server import Server

DOCUMENTED = Path(__file__).parents[3] / "docs" / "postgres.md"


@pytest.fixture
def tenant(postgres_server: Server, new_postgres_url: str) -> Iterator[str]:
    """The address for a role to whom the policies of docs/postgres.md apply."""
    database = urlsplit(new_postgres_url).path.removeprefix("/")
    role = f"{database}_ann"
    administrator = postgres_server.url_of_socket(database)
    execute(administrator, f"CREATE ROLE {role} LOGIN PASSWORD '{postgres_server.password}'")
    try:
        execute(new_postgres_url, script("public", role))
        (policies,) = re.findall(r"```sql\n(DO .+?)```", DOCUMENTED.read_text(), re.DOTALL)
        execute(new_postgres_url, policies)
        yield postgres_server.url(database, user=role)
        close_all()
    finally:
        execute(administrator, f"DROP OWNED BY {role}")
        execute(administrator, f"DROP ROLE {role}")


@pytest.fixture
def name(tenant: str) -> str:
    """The name of a session of the tenant."""
    return f"{urlsplit(tenant).username}/talk"


@pytest.fixture
async def other(new_postgres_url: str) -> AdvancedPostgresSession:
    """A session of somebody else, written by the owner of the tables."""
    other = AdvancedPostgresSession("bob/talk", url=new_postgres_url)
    await other.add_items(turn("of bob"))
    return other


async def test_it_writes_branches_searches_and_restores_its_own(
    tenant: str, name: str, other: AdvancedPostgresSession
) -> None:
    talk = AdvancedPostgresSession(name, url=tenant)
    for number in range(1, 4):
        await talk.add_items(turn(f"turn {number}"))
        await talk.store_run_usage(result(15))
    await talk.create_branch_from_turn(2, "side")
    await talk.add_items(turn("aside"))
    assert texts(await talk.get_items()) == texts([*turn("turn 1"), *turn("aside")])
    async with ConversationStore(tenant) as store:
        assert [one.session_id for one in await store.sessions()] == [name]
        assert {found.session_id for found in await store.search("of bob OR turn")} <= {name}
        assert len(await store.search("aside")) == 2
        await store.record_turn(name, "side", turn("more"), run(15))
        await store.undo(name, "side")
        await store.restore(name)
        await store.delete_branches(name, ["side"])
        await store.restore(name)
        await store.delete_session(name)
        assert await store.sessions() == []
        await store.restore_session(name)
        assert await store.check() == []
    side: list[Any] = [*turn("turn 1"), *turn("aside"), *turn("more")]
    assert texts(await talk.get_items(branch_id="side")) == texts(side)
    assert texts(await other.get_items()) == texts(turn("of bob"))


async def test_what_the_sdk_pops_stays_on_the_branch(
    tenant: str, name: str, other: AdvancedPostgresSession
) -> None:
    talk = AdvancedPostgresSession(name, url=tenant)
    for number in range(1, 4):
        await talk.add_items(turn(f"turn {number}"))
    await talk.create_branch_from_turn(3, "side")
    engine = engine_for(tenant)
    sdk = SQLAlchemySession(name, engine=engine)
    popped: list[Any] = [await sdk.pop_item() for _ in range(4)]
    await engine.dispose()
    assert texts(popped)[::-1] == texts([*turn("turn 2"), *turn("turn 3")])
    assert texts(await talk.get_items()) == texts([*turn("turn 1"), *turn("turn 2")])
    assert texts(await talk.get_items(branch_id="main")) == texts(turn("turn 1"))
    query = "SELECT count(*) FROM agent_messages WHERE session_id = 'convo:kept'"
    assert rows(tenant, query) == [(2,)]
    await talk.clear_session()
    assert rows(tenant, query) == [(0,)]


async def test_a_session_of_somebody_else_is_not_there_and_cannot_be_written(
    tenant: str, other: AdvancedPostgresSession
) -> None:
    intruder = AdvancedPostgresSession("bob/talk", url=tenant)
    assert await intruder.get_items() == []
    with pytest.raises(DatabaseUnavailableError, match="row-level security"):
        await intruder.add_items([user("hello")])
    assert texts(await other.get_items()) == texts(turn("of bob"))


async def test_a_search_of_one_leaves_the_index_of_the_others(
    tenant: str,
    name: str,
    other: AdvancedPostgresSession,
    new_postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with ConversationStore(new_postgres_url) as owner:
        assert len(await owner.search("bob")) == 2
    # Then what is behind is found in more than one step, between which the index is tidied up.
    monkeypatch.setattr(full_text, "_LENGTH", 1)
    await AdvancedPostgresSession(name, url=tenant).add_items(turn("of ann"))
    async with ConversationStore(tenant) as store, ConversationStore(new_postgres_url) as owner:
        assert len(await store.search("ann")) == 2
        assert await store.search("bob") == []
        assert len(await owner.search("bob")) == 2
