"""Row 16: what was deleted was paid for all the same, and convo's ledger says so.

The contract's methods answer as the contract says: the usage of a turn goes with the turn.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from convo import ConversationStore
from tests.core.addresses import Address
from tests.core.better_than_sdk.openers import AnySession, OpenOurs, OpenTheirs
from tests.core.talk import result, turn

pytestmark = pytest.mark.usefixtures("consistent")


async def pop_a_turn(session: AnySession) -> None:
    await session.switch_to_branch("main")
    await session.pop_item()
    await session.pop_item()


async def delete_the_branch(session: AnySession) -> None:
    await session.delete_branch("fork", force=True)


async def clear(session: AnySession) -> None:
    await session.clear_session()
    await session.add_items(turn("again"))


async def talk(session: AnySession) -> None:
    """Three turns on two branches, which cost 1600 tokens."""
    await session.add_items(turn("a"))
    await session.store_run_usage(result(100))
    await session.add_items(turn("b"))
    await session.store_run_usage(result(200))
    await session.create_branch_from_turn(2, "fork")
    await session.add_items(turn("c"))
    await session.store_run_usage(result(1300))


async def known(session: AnySession) -> int | None:
    usage = await session.get_session_usage()
    return None if usage is None else usage["total_tokens"]


@pytest.mark.parametrize(
    ("delete", "left"), [(pop_a_turn, 1400), (delete_the_branch, 300), (clear, None)]
)
async def test_the_sum_of_a_session_survives(
    theirs: OpenTheirs,
    ours: OpenOurs,
    delete: Callable[[AnySession], Awaitable[None]],
    left: int | None,
    path: Address,
) -> None:
    """`left` is what the contract's methods still know of, in both classes."""
    their_session = theirs()
    await talk(their_session)
    assert await known(their_session) == 1600
    await delete(their_session)
    assert await known(their_session) == left

    session = ours()
    await talk(session)
    await delete(session)
    assert await known(session) == left
    async with ConversationStore(path) as store:
        (total,) = await store.usage("talk")
        assert total.tokens.total_tokens == 1600


async def test_a_deleted_branch_stays_in_the_list_of_what_was_spent(
    ours: OpenOurs, path: Address
) -> None:
    """The SDK's class has no such list: `get_session_usage` of the branch is None, as ours is."""
    session = ours()
    await talk(session)
    await session.delete_branch("fork", force=True)
    assert await session.get_session_usage("fork") is None
    async with ConversationStore(path) as store:
        spent = {
            row.branch_id: (row.tokens.total_tokens, row.is_deleted)
            for row in await store.usage("talk", by="branch")
        }
    assert spent == {"main": (300, False), "fork": (1300, True)}


async def test_what_the_sdk_stored_survives_when_we_delete_it(
    theirs: OpenTheirs, ours: OpenOurs, their_path: Path
) -> None:
    """The SDK's class itself erases it, as the first test shows."""
    await talk(theirs())
    session = ours(db_path=their_path)
    await session.delete_branch("fork")
    await session.pop_item()
    await session.pop_item()
    assert await known(session) == 100
    async with ConversationStore(their_path) as store:
        assert (await store.usage("talk"))[0].tokens.total_tokens == 1600
        assert await store.check() == []
