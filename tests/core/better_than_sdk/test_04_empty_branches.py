"""Row 4: a branch is there from its creation to its deletion, empty or not; `main` always is."""

import pytest

from tests.core.better_than_sdk.openers import AnySession, OpenOurs, OpenTheirs
from tests.core.talk import texts, turn

pytestmark = pytest.mark.usefixtures("consistent")


async def listed(session: AnySession) -> dict[str, tuple[int, bool]]:
    """Of each branch: how many messages it has, and whether it is the current one."""
    return {
        branch["branch_id"]: (branch["message_count"], branch["is_current"])
        for branch in await session.list_branches()
    }


async def test_a_branch_from_the_first_turn_is_listed(theirs: OpenTheirs, ours: OpenOurs) -> None:
    for session, there in (
        (theirs(), {"main": (2, False)}),
        (ours(), {"main": (2, False), "empty": (0, True)}),
    ):
        await session.add_items(turn("a"))
        assert await session.create_branch_from_turn(1, "empty") == "empty"
        assert await session.get_items() == []
        assert await listed(session) == there


async def test_a_branch_from_the_first_turn_can_be_left_and_found_again(
    theirs: OpenTheirs, ours: OpenOurs
) -> None:
    async def leave_and_return(session: AnySession) -> None:
        await session.add_items(turn("a"))
        await session.create_branch_from_turn(1, "empty")
        await session.switch_to_branch("main")
        await session.switch_to_branch("empty")
        await session.add_items(turn("b"))

    with pytest.raises(ValueError, match="Branch 'empty' does not exist"):
        await leave_and_return(theirs())

    session = ours()
    await leave_and_return(session)
    assert texts(await session.get_items()) == ["b", "About b"]
    assert await listed(session) == {"main": (2, False), "empty": (2, True)}


async def test_a_branch_from_the_first_turn_can_be_deleted(
    theirs: OpenTheirs, ours: OpenOurs
) -> None:
    session = theirs()
    await session.add_items(turn("a"))
    await session.create_branch_from_turn(1, "empty")
    with pytest.raises(ValueError, match="Branch 'empty' does not exist"):
        await session.delete_branch("empty", force=True)
    await session.switch_to_branch("main")
    with pytest.raises(ValueError, match="Branch ID 'empty' has already been used"):
        await session.create_branch_from_turn(1, "empty")

    our_session = ours()
    await our_session.add_items(turn("a"))
    await our_session.create_branch_from_turn(1, "empty")
    await our_session.delete_branch("empty", force=True)
    assert await listed(our_session) == {"main": (2, True)}


async def test_main_is_there_when_it_is_popped_empty(theirs: OpenTheirs, ours: OpenOurs) -> None:
    async def pop_main_empty(session: AnySession) -> None:
        await session.add_items(turn("a") + turn("b"))
        await session.create_branch_from_turn(2, "fork")
        await session.switch_to_branch("main")
        while await session.pop_item():
            pass
        await session.switch_to_branch("fork")

    their_session = theirs()
    await pop_main_empty(their_session)
    assert await listed(their_session) == {"fork": (2, True)}
    with pytest.raises(ValueError, match="Branch 'main' does not exist"):
        await their_session.switch_to_branch("main")

    session = ours()
    await pop_main_empty(session)
    assert await listed(session) == {"main": (0, False), "fork": (2, True)}
    await session.switch_to_branch("main")
    assert await listed(session) == {"main": (0, True), "fork": (2, False)}


async def test_main_is_there_in_a_session_that_never_said_anything(
    theirs: OpenTheirs, ours: OpenOurs
) -> None:
    assert await listed(theirs()) == {}
    with pytest.raises(ValueError, match="Branch 'main' does not exist"):
        await theirs().switch_to_branch("main")

    session = ours()
    assert await listed(session) == {"main": (0, True)}
    await session.switch_to_branch("main")


async def test_a_branch_that_is_popped_empty_stays(theirs: OpenTheirs, ours: OpenOurs) -> None:
    for session, there in (
        (theirs(), {"main": (4, True)}),
        (ours(), {"main": (4, True), "fork": (0, False)}),
    ):
        await session.add_items(turn("a") + turn("b"))
        await session.create_branch_from_turn(2, "fork")
        while await session.pop_item():
            pass
        await session.switch_to_branch("main")
        assert await listed(session) == there
