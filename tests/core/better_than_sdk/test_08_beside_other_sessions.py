"""Row 8: what a session costs does not depend on what else is in the file."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.core.better_than_sdk.counting import Steps, about
from tests.core.better_than_sdk.openers import AnySession, OpenOurs, OpenTheirs
from tests.core.talk import result, turn

pytestmark = pytest.mark.sqlite_only("it counts the steps of SQLite")

TALK = [item for number in range(5) for item in turn(f"question {number}")]
OTHERS = 50

Operation = Callable[[AnySession], Awaitable[Any]]

READS: dict[str, Operation] = {
    "get_items": lambda session: session.get_items(),
    "get_items(3)": lambda session: session.get_items(limit=3),
    "list_branches": lambda session: session.list_branches(),
    "get_conversation_turns": lambda session: session.get_conversation_turns(),
    "find_turns_by_content": lambda session: session.find_turns_by_content("3"),
    "get_conversation_by_turns": lambda session: session.get_conversation_by_turns(),
    "get_tool_usage": lambda session: session.get_tool_usage(),
    "get_session_usage": lambda session: session.get_session_usage(),
    "get_turn_usage": lambda session: session.get_turn_usage(),
    "switch_to_branch": lambda session: session.switch_to_branch("main"),
}
WRITES: dict[str, Operation] = {
    "add_items": lambda session: session.add_items(turn("more")),
    "store_run_usage": lambda session: session.store_run_usage(result(110)),
    "pop_item": lambda session: session.pop_item(),
    "create_branch_from_turn": lambda session: session.create_branch_from_turn(3, "fork"),
    "delete_branch": lambda session: session.delete_branch("fork", force=True),
    "clear_session": lambda session: session.clear_session(),
}


async def fill_beside(opened: OpenOurs | OpenTheirs) -> None:
    for number in range(OTHERS):
        await opened(f"other {number}").add_items(TALK * 4)


async def costs(
    steps: Steps, session: AnySession, operations: dict[str, Operation]
) -> dict[str, int]:
    return {
        name: await steps.of(lambda operation=operation: operation(session))
        for name, operation in operations.items()
    }


async def test_reads_cost_the_same_beside_other_sessions(
    theirs: OpenTheirs, ours: OpenOurs, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = Steps(monkeypatch)
    their_session = theirs()
    await their_session.add_items(TALK)
    alone = await steps.of(their_session.get_items)
    await fill_beside(theirs)
    assert await steps.of(their_session.get_items) > 20 * alone

    session = ours()
    await session.add_items(TALK)
    await session.store_run_usage(result(110))
    await costs(steps, session, READS)
    alone_by_name = await costs(steps, session, READS)
    await fill_beside(ours)
    assert await costs(steps, session, READS) == about(alone_by_name)


async def test_writes_cost_the_same_beside_other_sessions(
    ours: OpenOurs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of the SDK's class do too: it is its reads that are not limited to the session."""
    steps = Steps(monkeypatch)
    alone = ours("alone", db_path=":memory:")
    beside = ours("beside")
    await fill_beside(ours)
    for session in (alone, beside):
        await session.add_items(TALK)
        await session.store_run_usage(result(110))
    by_name = await costs(steps, alone, WRITES)
    assert all(by_name.values())
    assert await costs(steps, beside, WRITES) == about(by_name)


async def test_opening_costs_the_same_beside_other_sessions(
    ours: OpenOurs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of the SDK's class does too."""
    steps = Steps(monkeypatch)

    async def open_and_read() -> None:
        async with ours() as session:
            assert len(await session.get_items(limit=3)) == 3

    async with ours() as session:
        await session.add_items(TALK)
    alone = await steps.of(open_and_read)
    for number in range(OTHERS):
        async with ours(f"other {number}") as other:
            await other.add_items(TALK * 4)
    assert await steps.of(open_and_read) == about(alone)
