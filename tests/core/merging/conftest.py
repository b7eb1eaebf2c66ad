import pytest

from convo import ConversationStore
from tests.core.talk import assistant, call, output, run, turn, user


@pytest.fixture
async def talk(store: ConversationStore) -> ConversationStore:
    """Three turns on main; `side` shares the first and has two of its own, one with a tool."""
    await store.start_session("talk")
    for question in ("one", "two", "three"):
        await store.record_turn("talk", "main", turn(question), run())
    await store.branch("talk", "main", after=1, name="side", expected="main")
    reasoning = {"type": "reasoning", "id": "rs_1", "summary": []}
    tools = [user("side two"), reasoning, call("look"), output("look"), assistant("Seen.")]
    await store.record_turn("talk", "side", tools, run(30))
    await store.record_turn("talk", "side", turn("side three"), run(60))
    await store.switch("talk", "main", expected="side")
    return store
