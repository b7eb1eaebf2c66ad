from pathlib import Path

import pytest

from convo import ConversationStore
from tests.core.talk import assistant, call, output, run, turn, user


@pytest.fixture
async def talk(tmp_path: Path) -> ConversationStore:
    """Four turns on main, the second with two tools; a fork of the first two, with one more."""
    store = ConversationStore(tmp_path / "talk.db", create=True)
    async with store:
        await store.start_session("talk")
        for count, question in enumerate(("one", "two", "three", "four"), 1):
            items = turn(question)
            if question == "two":
                tools = [call("z"), output("z"), call("a"), output("a")]
                items = [user("two"), *tools, assistant("About two")]
            await store.record_turn("talk", "main", items, run(15 * count))
        await store.branch("talk", "main", turn=3, name="fork", expected="main")
        await store.record_turn("talk", "fork", turn("other"), run(150))
    return store


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
async def test_the_newest_turns_are_the_end_of_all(talk: ConversationStore, count: int) -> None:
    async with talk:
        everything = await talk.turns("talk", "main")
        assert [info.turn for info in everything] == [1, 2, 3, 4]
        assert everything[1].tools == ("a", "z")
        assert await talk.turns("talk", "main", count) == everything[-count:]


async def test_of_a_fork_too(talk: ConversationStore) -> None:
    async with talk:
        shared, own = await talk.turns("talk", "fork", 2)
    assert (shared.text, shared.tools, own.text) == ("two", ("a", "z"), "other")
    assert shared.tokens is not None
    assert own.tokens is not None
    assert (shared.tokens.total_tokens, own.tokens.total_tokens) == (30, 150)
