"""The index of words on a server: caught up by session, superfluous for a right answer."""

import pytest

from convo import AdvancedPostgresSession, ConversationStore
from convo.postgres import full_text
from convo.postgres.full_text import query_of, vector_of
from convo.search.full_text import WORDS
from tests.core.addresses import execute, rows
from tests.core.talk import assistant, user

INDEXED = "SELECT session_id, message_id FROM convo_indexed_sessions ORDER BY session_id"


@pytest.mark.parametrize(
    ("text", "vector"),
    [
        ("Hello, hello World_2", "'hello':1,2 'world':3 '2':4"),
        ("über 世 界", "'über':1 '世':2 '界':3"),
        ("", ""),
        ("a " * 300, "'#'"),
        ("x" * 3_000, "'#'"),
        (" ".join(map(str, range(20_000))), "'#'"),
    ],
)
def test_the_vector_of_a_text(text: str, vector: str) -> None:
    assert vector_of(text, "#") == vector


def test_the_query_of_a_search() -> None:
    assert query_of([(("a", "b"), True), (("c",), False)]) == "('a' <-> 'b') & ('c' | 'c':*)"
    assert query_of([(("o'", "\\"), True)]) == "('o''' <-> '\\\\')"


async def test_a_search_enters_what_is_new_in_each_session(postgres_url: str) -> None:
    for name in ("one", "two"):
        session = AdvancedPostgresSession(name, url=postgres_url)
        await session.add_items([user(f"hello {name}"), assistant("wonderful")])
    async with ConversationStore(postgres_url, create=True) as store:
        assert [found.session_id for found in await store.search("wonder")] == ["two", "one"]
        before = rows(postgres_url, INDEXED)
        assert [name for name, _ in before] == ["one", "two"]
        await session.add_items([user("Über alles")])
        assert [found.turn for found in await store.search("über", "two", "main")] == [2]
        assert await store.search("über", "one") == []
        assert rows(postgres_url, INDEXED)[0] == before[0]
        await store.shrink(keep_indexes=False)
        assert rows(postgres_url, "SELECT * FROM convo_words") == []
        assert len(await store.search("hello")) == 2


async def test_it_is_caught_up_in_transactions_of_bounded_size(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(full_text, "_MESSAGES", 4)
    session = AdvancedPostgresSession("talk", url=postgres_url)
    await session.add_items([user(f"number {n}") for n in range(10)])
    steps: list[int] = []
    async with ConversationStore(postgres_url, create=True) as store:
        found = await store.search("number", progress=lambda at: steps.append(at.done))
    assert len(found) == 10
    assert steps == [4, 8, 10]


async def test_what_comes_back_is_found_again(postgres_url: str) -> None:
    session = AdvancedPostgresSession("talk", url=postgres_url)
    await session.add_items([user("first"), assistant("yes"), user("second"), assistant("no")])
    async with ConversationStore(postgres_url, create=True) as store:
        assert len(await store.search("second")) == 1
        await store.undo("talk", "main")
        assert await store.search("second") == []
        execute(postgres_url, "DELETE FROM convo_words")
        await store.restore("talk")
        assert len(await store.search("second")) == 1


async def test_without_the_right_to_write_the_messages_are_searched(postgres_url: str) -> None:
    session = AdvancedPostgresSession("talk", url=postgres_url)
    await session.add_items([user("hello")])
    read_only = f"{postgres_url}?options=-cdefault_transaction_read_only%3Don"
    async with ConversationStore(read_only) as store:
        assert len(await store.search("hello")) == 1
    assert rows(postgres_url, "SELECT * FROM convo_words") == []
    assert WORDS.name == "convo_words"
