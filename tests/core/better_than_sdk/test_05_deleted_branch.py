"""Row 5: a session that is on a branch which another one deleted does not bring it back."""

from pathlib import Path

import pytest

from convo.errors import BranchDeletedError
from tests.core.addresses import rows
from tests.core.better_than_sdk.openers import AnySession, OpenOurs, OpenTheirs
from tests.core.better_than_sdk.working import agent, run, says
from tests.core.talk import assistant, texts, turn

pytestmark = pytest.mark.usefixtures("consistent")

COUNTS = "SELECT (SELECT count(*) FROM agent_messages), (SELECT count(*) FROM message_structure)"


async def leave_on_a_deleted_branch(staying: AnySession, deleting: AnySession) -> None:
    await staying.add_items(turn("a") + turn("b"))
    await staying.create_branch_from_turn(2, "b")
    await deleting.delete_branch("b")


async def names(session: AnySession) -> list[str]:
    return [branch["branch_id"] for branch in await session.list_branches()]


async def test_an_append_does_not_revive_the_branch(
    theirs: OpenTheirs, ours: OpenOurs, path: Path
) -> None:
    their_session = theirs()
    await leave_on_a_deleted_branch(their_session, theirs())
    await their_session.add_items([assistant("orphan")])
    assert sorted(await names(their_session)) == ["b", "main"]
    assert texts(await their_session.get_items()) == ["orphan"]

    session = ours()
    await leave_on_a_deleted_branch(session, ours())
    before = rows(path, COUNTS)
    with pytest.raises(BranchDeletedError, match="the branch 'b' of session 'talk' has been del"):
        await session.add_items([assistant("orphan")])
    assert rows(path, COUNTS) == before
    assert await names(session) == ["main"]
    await session.switch_to_branch("main")
    await session.add_items(turn("c"))
    assert texts(await session.get_items()) == ["a", "About a", "b", "About b", "c", "About c"]


async def test_a_run_does_not_revive_the_branch(theirs: OpenTheirs, ours: OpenOurs) -> None:
    their_session = theirs()
    await leave_on_a_deleted_branch(their_session, theirs())
    await run(agent(says("Hi.", 110)), "Hello", their_session)
    assert sorted(await names(their_session)) == ["b", "main"]

    session = ours()
    await leave_on_a_deleted_branch(session, ours())
    talker = agent(says("Hi.", 110))
    with pytest.raises(BranchDeletedError):
        await run(talker, "Hello", session)
    assert await names(session) == ["main"]
    assert talker.model.remaining_steps == 1  # type: ignore[union-attr]


async def test_the_error_is_one_that_users_of_the_sdk_catch(ours: OpenOurs) -> None:
    """What a session is told of a branch that is not there has always been a `ValueError`."""
    session = ours()
    await leave_on_a_deleted_branch(session, ours())
    for write in (
        session.pop_item(),
        session.create_branch_from_turn(1),
        session.add_items(turn("")),
    ):
        with pytest.raises(ValueError, match="'b'"):
            await write
    assert await session.get_items() == []
