"""One database, used by convo and by the SDK's own `SQLAlchemySession` in turn and at once."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
from agents.extensions.memory import SQLAlchemySession
from sqlalchemy.ext.asyncio import AsyncEngine

from convo import AdvancedPostgresSession, ConversationStore
from tests.core.addresses import execute, rows
from tests.core.postgres.sharing import ANSWERS, engine_for, turn_named, write
from tests.core.talk import texts, turn, user


@pytest.fixture
async def alchemy(postgres_url: str) -> AsyncIterator[AsyncEngine]:
    engine = engine_for(postgres_url)
    yield engine
    await engine.dispose()


async def test_both_read_what_either_has_written(alchemy: AsyncEngine, postgres_url: str) -> None:
    sdk = SQLAlchemySession("talk", engine=alchemy)
    talk = AdvancedPostgresSession("talk", engine=alchemy)
    for number in range(3):
        await sdk.add_items(turn_named(f"sdk {number}"))
        await talk.add_items(turn_named(f"convo {number}"))
        assert await sdk.get_items() == await talk.get_items()
        assert await sdk.get_items(3) == await talk.get_items(3)
    assert await sdk.pop_item() == turn_named("convo 2")[-1]
    assert await talk.pop_item() == turn_named("convo 2")[-2]
    assert await sdk.get_items() == await talk.get_items()
    assert [one["content"] for one in await talk.get_conversation_turns()] == [
        f"{who} {number}" for number in range(3) for who in ("sdk", "convo")
    ]
    await sound(postgres_url)


async def test_the_tables_of_the_sdk_are_completed(new_postgres_url: str) -> None:
    engine = engine_for(new_postgres_url)
    sdk = SQLAlchemySession("talk", engine=engine, create_tables=True)
    await sdk.add_items(turn_named("before"))
    before = rows(new_postgres_url, "SELECT * FROM agent_messages ORDER BY id")
    talk = AdvancedPostgresSession("talk", engine=engine, create_tables=True)
    assert await talk.get_items() == turn_named("before")
    await talk.add_items(turn_named("after"))
    assert await sdk.get_items() == turn_named("before") + turn_named("after")
    assert rows(new_postgres_url, "SELECT * FROM agent_messages ORDER BY id")[:4] == before
    await engine.dispose()


async def test_tables_of_other_names_in_another_schema(new_postgres_url: str) -> None:
    execute(new_postgres_url, "CREATE SCHEMA team")
    names = {"sessions_table": "talks", "messages_table": "lines", "create_tables": True}
    settings = {"server_settings": {"search_path": "team"}}
    engine = engine_for(new_postgres_url, connect_args=settings)
    sdk = SQLAlchemySession("talk", engine=engine, **names)  # type: ignore[arg-type]
    await sdk.add_items(turn_named("one"))
    talk = AdvancedPostgresSession("talk", engine=engine, **names)  # type: ignore[arg-type]
    await talk.add_items(turn_named("two"))
    assert await sdk.get_items() == await talk.get_items()
    assert rows(new_postgres_url, "SELECT count(*) FROM team.lines") == [(2 + 2 * ANSWERS,)]
    await engine.dispose()


@pytest.mark.parametrize(
    ("convo", "sdk", "turns"), [(4, 4, 3), (16, 2, 2), (2, 16, 2)], ids=["4+4", "16+2", "2+16"]
)
async def test_writers_of_both_on_one_session_at_once(
    alchemy: AsyncEngine, postgres_url: str, convo: int, sdk: int, turns: int
) -> None:
    """From the first write on, for which nobody waits: the session is not there yet."""
    kinds = ["convo"] * convo + ["sdk"] * sdk
    await asyncio.gather(
        *(write(postgres_url, kind, "talk", f"{kind}{n}", turns) for n, kind in enumerate(kinds))
    )
    await all_is_there(alchemy, postgres_url, {f"{kind}{n}": turns for n, kind in enumerate(kinds)})


async def test_writers_in_processes_of_their_own(alchemy: AsyncEngine, postgres_url: str) -> None:
    writers = {"convo": "convo", "sdk": "sdk"}
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.core.postgres.sharing"),
            *(postgres_url, kind, "talk", name, "8"),
        )
        for name, kind in writers.items()
    ]
    assert [await process.wait() for process in processes] == [0, 0]
    await all_is_there(alchemy, postgres_url, dict.fromkeys(writers, 8))


async def test_both_read_one_order_though_their_time_zones_differ(postgres_url: str) -> None:
    """The SDK's rows have the local time of the client's time zone."""
    engines = [
        engine_for(postgres_url, connect_args={"server_settings": {"timezone": zone}})
        for zone in ("Pacific/Kiritimati", "UTC")
    ]
    far, near = (SQLAlchemySession("talk", engine=engine) for engine in engines)
    talk = AdvancedPostgresSession("talk", url=postgres_url)
    await far.add_items(turn("one"))
    await talk.add_items(turn("two"))
    assert texts(await near.get_items()) == texts(await talk.get_items())
    await far.add_items(turn("three"))
    await talk.add_items(turn("four"))
    expected = [text for name in ("one", "two", "three", "four") for text in texts(turn(name))]
    assert texts(await near.get_items()) == texts(await talk.get_items()) == expected
    for engine in engines:
        await engine.dispose()


async def test_adopted_by_id_though_times_are_in_another_order(postgres_url: str) -> None:
    execute(postgres_url, "INSERT INTO agent_sessions (session_id) VALUES ('talk')")
    for text, time in (("one", "2030-01-01"), ("two", "2020-01-01")):
        execute(
            postgres_url,
            "INSERT INTO agent_messages (session_id, message_data, created_at) "
            "VALUES ('talk', ?, ?::timestamp)",
            f'{{"role": "user", "content": "{text}"}}',
            time,
        )
    talk = AdvancedPostgresSession("talk", url=postgres_url)
    assert texts(await talk.get_items()) == ["one", "two"]
    await talk.add_items([user("three")])
    assert texts(await talk.get_items()) == ["one", "two", "three"]
    (newest,) = rows(postgres_url, "SELECT created_at FROM agent_messages ORDER BY id DESC LIMIT 1")
    assert newest == ("2030-01-01 00:00:00",)


async def test_rows_that_are_not_json_and_texts_as_the_sdk_writes_them(
    alchemy: AsyncEngine, postgres_url: str
) -> None:
    sdk = SQLAlchemySession("talk", engine=alchemy, ensure_ascii=False)
    await sdk.add_items([user("ä 😀")])
    execute(
        postgres_url,
        "INSERT INTO agent_messages (session_id, message_data) VALUES ('talk', '{broken')",
    )
    talk = AdvancedPostgresSession("talk", url=postgres_url)
    await talk.add_items([user("next")])
    assert texts(await talk.get_items()) == texts(await sdk.get_items()) == ["ä 😀", "next"]
    stored = [
        data
        for (data,) in rows(postgres_url, "SELECT message_data FROM agent_messages ORDER BY id")
    ]
    assert stored[:2] == ['{"role":"user","content":"ä 😀"}', "{broken"]
    assert await talk.pop_item() == user("next")
    assert await sdk.pop_item() == user("ä 😀")
    assert await talk.get_items() == await sdk.get_items() == []


@pytest.mark.parametrize("sessions", [1, 32])
async def test_32_clients(postgres_url: str, sessions: int) -> None:
    """Each with connections of its own, as on another host: the pool of each has another size."""
    clients = [
        AdvancedPostgresSession(f"talk {n % sessions}", url=postgres_url, pool_size=n + 1)
        for n in range(32)
    ]

    async def client(n: int) -> None:
        for number in range(2):
            await clients[n].add_items(turn_named(f"{n}-{number}"))

    await asyncio.gather(*map(client, range(32)))
    per_session = 2 * 32 // sessions
    said = Counter[str]()
    for n in range(sessions):
        turns = await clients[n].get_conversation_turns()
        assert [one["turn"] for one in turns] == list(range(1, per_session + 1))
        said.update(one["full_content"] for one in turns)
    assert said == Counter(f"{n}-{number}" for n in range(32) for number in range(2))
    await sound(postgres_url)


async def all_is_there(engine: AsyncEngine, url: str, writers: dict[str, int]) -> None:
    """Both classes read the same whole turns, each once, those of a writer in its order."""
    talk = AdvancedPostgresSession("talk", url=url)
    items: list[Any] = await talk.get_items()
    assert items == await SQLAlchemySession("talk", engine=engine).get_items()
    names = texts(items)[:: ANSWERS + 1]
    assert items == [item for name in names for item in turn_named(name)]
    for writer, turns in writers.items():
        own = [name for name in names if name.startswith(f"{writer}-")]
        assert own == [f"{writer}-{number}" for number in range(turns)]
    assert len(names) == sum(writers.values())
    await sound(url)


async def sound(url: str) -> None:
    """The structure is consistent: no number stands twice, every message is on a branch."""
    async with ConversationStore(url) as store:
        assert await store.check() == []


async def test_a_session_from_the_url_and_arguments_that_the_sdk_takes(postgres_url: str) -> None:
    given: Any = {
        "url": postgres_url.replace("postgresql:", "postgresql+asyncpg:"),
        "engine_kwargs": {"connect_args": {"server_settings": {"application_name": "ours"}}},
        "session_settings": {"limit": 2},
    }
    sdk = SQLAlchemySession.from_url("talk", **given)
    talk = AdvancedPostgresSession.from_url("talk", **given)
    await sdk.add_items(turn_named("one"))
    assert await talk.get_items() == await sdk.get_items() == turn_named("one")[-2:]
    query = "SELECT count(*) > 1 FROM pg_stat_activity WHERE application_name = 'ours'"
    assert rows(postgres_url, query) == [(True,)]
    await sdk.engine.dispose()
