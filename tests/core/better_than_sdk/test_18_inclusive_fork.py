"""Row 18: a branch can take the chosen turn along, so that the newest state can be forked."""

from pathlib import Path

import pytest

from convo import ConversationStore
from tests.core.addresses import rows
from tests.core.better_than_sdk.openers import OpenOurs, OpenTheirs
from tests.core.better_than_sdk.working import LOOK_UP, agent, calls, run, says
from tests.core.talk import texts, turn

pytestmark = pytest.mark.usefixtures("consistent")


async def test_the_newest_state_is_forked(theirs: OpenTheirs, ours: OpenOurs, path: Path) -> None:
    their_session = theirs()
    await their_session.add_items(turn("a") + turn("b"))
    with pytest.raises(TypeError, match="include_turn"):
        await their_session.create_branch_from_turn(2, "fork", include_turn=True)
    with pytest.raises(ValueError, match="Turn 3 does not contain a user message"):
        await their_session.create_branch_from_turn(3, "fork")
    await their_session.create_branch_from_turn(2, "fork")
    assert texts(await their_session.get_items()) == ["a", "About a"]

    session = ours()
    await session.add_items(turn("a") + turn("b"))
    assert await session.create_branch_from_turn(2, "fork", include_turn=True) == "fork"
    assert await session.get_items() == turn("a") + turn("b")
    assert rows(path, "SELECT count(*) FROM agent_messages") == [(4,)]

    await session.add_items(turn("c"))
    assert [t["turn"] for t in await session.get_conversation_turns()] == [1, 2, 3]
    assert await session.get_items(branch_id="main") == turn("a") + turn("b")


async def test_a_turn_in_the_middle_is_taken_along_and_no_later_one(ours: OpenOurs) -> None:
    """With the SDK's class one has to fork from the turn after it, which must be there."""
    session = ours()
    await session.add_items(turn("a") + turn("b") + turn("c"))
    await session.create_branch_from_turn(1, "one", include_turn=True)
    assert await session.get_items() == turn("a")
    await session.switch_to_branch("main")
    await session.create_branch_from_turn(1, "none")
    assert await session.get_items() == []


async def test_a_turn_is_taken_along_with_all_that_a_run_said_in_it(ours: OpenOurs) -> None:
    """The SDK's class has no such fork."""
    session = ours()
    worker = agent(calls(LOOK_UP, 110), says("It is nice.", 220), says("Bye.", 50))
    await run(worker, "Paris?", session)
    whole = await session.get_items()
    assert len(whole) == 4
    await session.create_branch_from_turn(1, "fork", include_turn=True)
    assert await session.get_items() == whole
    await run(worker, "Thanks", session)
    assert [item.get("type") for item in (await session.get_items())[:4]] == [
        item.get("type") for item in whole
    ]


async def test_the_store_forks_after_a_turn(ours: OpenOurs, path: Path) -> None:
    """What `convo branch` does by default goes by the same fork."""
    session = ours()
    await session.add_items(turn("a") + turn("b"))
    async with ConversationStore(path) as store:
        assert await store.branch("talk", "main", after=2, name="fork", expected="main") == "fork"
        assert await store.history("talk", "fork") == turn("a") + turn("b")
