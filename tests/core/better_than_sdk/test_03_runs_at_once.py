"""Row 3: what a run says and what it costs belongs to the turn that the run itself wrote."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.core.addresses import rows
from tests.core.better_than_sdk.openers import AnySession, OpenOurs, OpenTheirs
from tests.core.better_than_sdk.working import Gate, agent, run, says, totals
from tests.core.talk import texts

pytestmark = pytest.mark.usefixtures("consistent")

ROOT = Path(__file__).parents[3]


async def ask_both_at_once(
    one: AnySession, other: AnySession, *, streamed: bool = False
) -> dict[int, int]:
    """Two runs that both have asked before either is answered, the later one first."""
    slow, fast = Gate(says("About slow", 110)), Gate(says("About fast", 1100))
    slow_run = asyncio.create_task(run(agent(slow.step), "slow", one, streamed=streamed))
    await asyncio.wait_for(slow.reached.wait(), 10)
    fast_run = asyncio.create_task(run(agent(fast.step), "fast", other, streamed=streamed))
    await asyncio.wait_for(fast.reached.wait(), 10)
    for gate, answering, session in ((fast, fast_run, other), (slow, slow_run, one)):
        gate.open()
        await session.store_run_usage(await answering)
    return await totals(one)


async def turns(session: AnySession) -> dict[int, int]:
    """How many items each turn has."""
    by_turn = await session.get_conversation_by_turns()
    return {number: len(items) for number, items in by_turn.items()}


@pytest.mark.parametrize("streamed", [False, True], ids=["run", "streamed"])
async def test_runs_gathered_on_one_session(
    theirs: OpenTheirs, ours: OpenOurs, streamed: bool
) -> None:
    their_session = theirs()
    assert await ask_both_at_once(their_session, their_session, streamed=streamed) == {2: 110}
    assert await turns(their_session) == {1: 1, 2: 3}

    session = ours()
    both = await ask_both_at_once(session, session, streamed=streamed)
    assert both == {1: 110, 2: 1100}
    assert await turns(session) == {1: 2, 2: 2}


async def test_runs_on_two_sessions_on_one_conversation(theirs: OpenTheirs, ours: OpenOurs) -> None:
    """As in two processes, but with every step in its place."""
    one, other = theirs(), theirs()
    assert await ask_both_at_once(one, other) == {2: 110}
    assert await turns(one) == {1: 1, 2: 3}

    one, other = ours(), ours()
    assert await ask_both_at_once(one, other) == {1: 110, 2: 1100}
    assert await turns(one) == {1: 2, 2: 2}


async def test_a_turn_of_two_runs_at_once_can_be_read_back(ours: OpenOurs) -> None:
    """Items stay in the order in which they were said, as the SDK's class has them."""
    session = ours()
    await ask_both_at_once(session, session)
    assert texts(await session.get_items()) == ["slow", "fast", "About fast", "About slow"]


async def test_a_run_whose_turn_was_taken_back_costs_no_other_turn(
    theirs: OpenTheirs, ours: OpenOurs
) -> None:
    async def take_back_and_ask_again(session: AnySession) -> dict[int, int]:
        first = await run(agent(says("About a", 110)), "a", session)
        await session.pop_item()
        await session.pop_item()
        await session.add_items([{"role": "user", "content": "b"}])
        await session.store_run_usage(first)
        return await totals(session)

    assert await take_back_and_ask_again(theirs()) == {1: 110}
    assert await take_back_and_ask_again(ours()) == {}


TALKING = """
import asyncio, os, sys
from agents.extensions.memory import AdvancedSQLiteSession as TheirSession
from agents.testing import ModelStep
from tests.core.addresses import open_session
from tests.core.better_than_sdk.working import agent, run, says

their_path, path = sys.argv[1:]
# Importing the SDK takes seconds: it is done once, for both processes.
one, two = os.pipe(), os.pipe()
child = os.fork()
name, cost, hears, tells = (
    ("one", 100, one[0], two[1]) if child else ("two", 1000, two[0], one[1])
)

async def answer(call):
    # Neither answers before the other was asked too.
    os.write(tells, b".")
    await asyncio.to_thread(os.read, hears, 1)
    return says(f"{name} answers", cost)

async def talk(session):
    for _ in range(15):
        talker = agent(ModelStep.respond(answer))
        await session.store_run_usage(await run(talker, f"{name} asks", session))

async def main():
    await talk(TheirSession(session_id="talk", db_path=their_path))
    async with open_session(path) as session:
        await talk(session)

asyncio.run(main())
if child:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def said_by_turn(path: Path) -> list[tuple[Any, ...]]:
    """Of each turn: how many items it has, by how many speakers, and what it cost."""
    return rows(
        path,
        """
        SELECT count(*), count(DISTINCT m.message_data LIKE '%one a%'),
               max(CASE WHEN m.message_data LIKE '%one a%' THEN 1 ELSE 0 END), max(u.total_tokens)
        FROM message_structure AS s
        JOIN agent_messages AS m ON m.id = s.message_id
        LEFT JOIN turn_usage AS u ON u.user_turn_number = s.user_turn_number
        GROUP BY s.user_turn_number ORDER BY s.user_turn_number
        """,
    )


async def test_runs_in_two_processes(
    theirs: OpenTheirs, ours: OpenOurs, their_path: Path, path: Path
) -> None:
    theirs()
    await ours().get_items()
    command = [sys.executable, "-c", TALKING, their_path, path]
    await asyncio.to_thread(subprocess.run, command, cwd=ROOT, check=True, timeout=60)

    own_turn = [(2, 1, 1, 100), (2, 1, 0, 1000)]
    assert len([turn for turn in said_by_turn(their_path) if turn not in own_turn]) > 0
    assert sorted(said_by_turn(path)) == sorted(own_turn * 15)
