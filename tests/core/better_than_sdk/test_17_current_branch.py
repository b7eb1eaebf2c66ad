"""Row 17: which branch is current can be kept beyond the process.

The library starts on `main`, as the SDK's class does, unless it is asked for another branch; the
head is kept for programs by `ConversationStore`. What the command line does with it is tested
with the command line.
"""

from pathlib import Path

import pytest
from agents.extensions.memory import AdvancedSQLiteSession as TheirSession

from convo import ConversationStore, Head
from convo.errors import BranchDeletedError, HeadMovedError
from tests.core.addresses import Address, open_session
from tests.core.better_than_sdk.openers import OpenOurs, OpenTheirs
from tests.core.talk import texts, turn


async def test_a_new_session_is_on_main_unless_it_is_asked_for_another_branch(
    theirs: OpenTheirs, ours: OpenOurs, their_path: Path
) -> None:
    for session in (theirs(), ours()):
        await session.add_items(turn("a") + turn("b"))
        await session.create_branch_from_turn(2, "fork")

    assert texts(await theirs().get_items())[-1] == "About b"
    with pytest.raises(TypeError, match="branch_id"):
        TheirSession(session_id="talk", db_path=their_path, branch_id="fork")

    assert texts(await ours().get_items())[-1] == "About b"
    session = ours(branch_id="fork")
    assert texts(await session.get_items()) == ["a", "About a"]
    await session.add_items(turn("c"))
    assert texts(await ours(branch_id="fork").get_items())[-1] == "About c"
    current = {b["branch_id"]: b["is_current"] for b in await session.list_branches()}
    assert current == {"main": False, "fork": True}


async def test_a_branch_that_is_not_there_is_not_made_by_asking_for_it(ours: OpenOurs) -> None:
    """The SDK's class cannot be asked for one."""
    session = ours(branch_id="nowhere")
    assert await session.get_items() == []
    with pytest.raises(BranchDeletedError, match="nowhere"):
        await session.add_items(turn("a"))
    assert [b["branch_id"] for b in await session.list_branches()] == ["main"]


async def test_the_head_persists(path: Path) -> None:
    """The SDK's class keeps nothing of it in the file, as the first test shows."""
    async with ConversationStore(path, create=True) as store:
        await store.start_session("talk")
        assert await store.head() == Head("talk", "main")
        async with open_session(path) as session:
            await session.add_items(turn("a") + turn("b"))
        await store.branch("talk", "main", turn=2, name="fork", expected="main")

    async with ConversationStore(path) as store:
        assert await store.head() == Head("talk", "fork", "main")
        await store.switch("talk", "main", expected="fork")
        await store.start_session("other")

    async with ConversationStore(path) as store:
        assert await store.head() == Head("other", "main")
        assert await store.session_head("talk") == Head("talk", "main", "fork")
        with pytest.raises(HeadMovedError, match="is now on branch 'main', not 'fork'"):
            await store.switch("talk", "fork", expected="fork")


async def test_the_library_does_not_move_the_head(ours: OpenOurs, path: Address) -> None:
    """Where a program's session stands is its own: two programs do not push each other about."""
    session = ours()
    await session.add_items(turn("a") + turn("b"))
    async with ConversationStore(path) as store:
        await session.create_branch_from_turn(2, "fork")
        assert await store.head() == Head("talk", "main")
        await store.switch("talk", "fork", expected="main")
        await session.delete_branch("fork", force=True)
        assert await store.head() == Head("talk", "main")
