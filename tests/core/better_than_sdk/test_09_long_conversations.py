"""Row 9: what is done to the end of a conversation costs the same however long that is.

Instructions of SQLite are counted, in a conversation of 100 turns and in one of 1,000. What they
take of real time is measured by the benchmarks.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.core.better_than_sdk.counting import Steps, about
from tests.core.better_than_sdk.openers import AnySession, OpenOurs, OpenTheirs
from tests.core.talk import assistant, call, output, result, user

pytestmark = pytest.mark.sqlite_only("it counts the steps of SQLite")

Operation = Callable[[AnySession], Awaitable[Any]]


def turn_of_four(number: int) -> list[dict[str, Any]]:
    answer = assistant(f"answer {number}")
    return [user(f"question {number}"), call("look_up"), output("look_up"), answer]


AT_THE_END: dict[str, Operation] = {
    "append": lambda session: session.add_items(turn_of_four(0)),
    "pop": lambda session: session.pop_item(),
    "limited read": lambda session: session.get_items(limit=20),
}
"""What the SDK's class does in a time that grows with the conversation, besides opening it."""

FLAT_IN_BOTH: dict[str, Operation] = {
    "usage of a run": lambda session: session.store_run_usage(result(110)),
    "usage of a turn": lambda session: session.get_turn_usage(7),
}


async def costs_by_length(
    steps: Steps, opened: OpenOurs | OpenTheirs, operation: Operation
) -> tuple[int, int]:
    costs = []
    for turns in (100, 1000):
        session = opened(f"{turns} turns")
        await session.add_items([item for number in range(turns) for item in turn_of_four(number)])
        # Once for what is only done at first.
        await operation(session)
        costs.append(await steps.of(lambda session=session: operation(session)))
    short, long = costs
    return short, long


@pytest.mark.parametrize("name", AT_THE_END)
async def test_the_end_costs_the_same_in_a_long_conversation(
    theirs: OpenTheirs, ours: OpenOurs, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    steps = Steps(monkeypatch)
    short, long = await costs_by_length(steps, theirs, AT_THE_END[name])
    assert long > 5 * short

    our_short, our_long = await costs_by_length(steps, ours, AT_THE_END[name])
    assert our_long == about(our_short)
    assert our_long < long / 20


@pytest.mark.parametrize("name", FLAT_IN_BOTH)
async def test_usage_costs_the_same_in_a_long_conversation(
    ours: OpenOurs, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """As it does with the SDK's class."""
    steps = Steps(monkeypatch)
    short, long = await costs_by_length(steps, ours, FLAT_IN_BOTH[name])
    assert long == about(short)


async def test_opening_costs_the_same_in_a_long_conversation(
    theirs: OpenTheirs, ours: OpenOurs, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = Steps(monkeypatch)

    async def costs(opened: OpenOurs | OpenTheirs) -> tuple[int, int]:
        """Of opening a session and reading its newest item, which is when ours is really opened."""
        found = []
        for turns in (100, 1000):
            items = [item for number in range(turns) for item in turn_of_four(number)]
            await opened(f"{turns} turns").add_items(items)
            found.append(await steps.of(lambda turns=turns: opened(f"{turns} turns")))
        return found[0], found[1]

    short, long = await costs(theirs)
    assert long > 5 * short
    our_short, our_long = await costs(ours)
    assert our_long == about(our_short)
    assert our_long < long / 20


async def test_deleting_a_short_branch_of_a_long_conversation(
    theirs: OpenTheirs, ours: OpenOurs, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = Steps(monkeypatch)

    async def costs(opened: OpenOurs | OpenTheirs) -> tuple[int, int]:
        found = []
        for turns in (100, 1000):
            session = opened(f"{turns} turns")
            items = [item for number in range(turns) for item in turn_of_four(number)]
            await session.add_items(items)
            await session.create_branch_from_turn(3, "fork")
            await session.add_items(turn_of_four(0))
            await session.switch_to_branch("main")
            found.append(await steps.of(lambda session=session: session.delete_branch("fork")))
        short, long = found
        return short, long

    short, long = await costs(theirs)
    assert long > 5 * short
    our_short, our_long = await costs(ours)
    assert our_long == about(our_short)
    assert our_long < long / 20


async def test_listing_branches_takes_half_the_instructions(
    theirs: OpenTheirs, ours: OpenOurs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts what is on each, so it grows with both; ours must not grow faster than that."""
    steps = Steps(monkeypatch)
    short, long = await costs_by_length(steps, theirs, lambda session: session.list_branches())
    assert long > 5 * short
    our_short, our_long = await costs_by_length(
        steps, ours, lambda session: session.list_branches()
    )
    assert our_long < 11 * our_short
    assert our_long < long / 2
