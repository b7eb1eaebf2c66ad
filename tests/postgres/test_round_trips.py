"""How many times an operation waits for the server, counted at the socket, BEGIN and COMMIT too."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from convo import AdvancedPostgresSession, ConversationStore, RunRecord
from tests.core.talk import assistant, call, output, result, turn, user
from tests.postgres.proxy import Proxy

TURN = [user("What?"), call("look"), output("look"), assistant("That.")]

Session = AdvancedPostgresSession
OPERATIONS: dict[str, tuple[Callable[[Session], Awaitable[Any]], int]] = {
    "append a question": (lambda talk: talk.add_items([user("What?")]), 2),
    "append a turn": (lambda talk: talk.add_items(TURN), 2),
    "append many items": (lambda talk: talk.add_items([user(str(n)) for n in range(300)]), 2),
    "store usage": (lambda talk: talk.store_run_usage(result(15)), 2),
    "read the newest": (lambda talk: talk.get_items(20), 1),
    "read all": (lambda talk: talk.get_items(), 1),
    "pop": (lambda talk: talk.pop_item(), 2),
    "branch": (lambda talk: talk.create_branch_from_turn(2, "side"), 5),
}


@pytest.fixture
async def talk(proxied: tuple[Proxy, str]) -> AsyncIterator[Session]:
    """A session through the proxy that has been written to and read before."""
    async with Session("talk", url=proxied[1]) as opened:
        for number in range(3):
            await opened.add_items(turn(f"turn {number}"))
            await opened.store_run_usage(result(15))
        await opened.get_items()
        yield opened


@pytest.mark.parametrize("name", OPERATIONS)
async def test_an_operation_takes_few(talk: Session, proxied: tuple[Proxy, str], name: str) -> None:
    operation, most = OPERATIONS[name]
    trips = await counted(proxied[0], operation(talk))
    assert 0 < len(trips) <= most, "\n\n".join(";".join(trip) for trip in trips)


async def test_a_stored_turn_takes_few(proxied: tuple[Proxy, str]) -> None:
    proxy, url = proxied
    run = RunRecord("model", 1, 10, 5, 15)
    async with ConversationStore(url) as store:
        await store.start_session("talk")
        await store.record_turn("talk", "main", TURN, run)
        trips = await counted(proxy, store.record_turn("talk", "main", TURN, run))
    assert 0 < len(trips) <= 3


async def test_another_session_of_the_process_takes_no_more(proxied: tuple[Proxy, str]) -> None:
    """What is known of the tables is kept with the connections."""
    proxy, url = proxied
    async with Session("talk", url=url) as talk:
        await talk.get_items()
    async with Session("other", url=url) as other:
        assert 0 < len(await counted(proxy, other.get_items())) <= 2


async def counted(proxy: Proxy, operation: Awaitable[Any]) -> list[list[str]]:
    """The round trips of an operation."""
    proxy.settle()
    proxy.forget()
    await operation
    proxy.settle()
    return proxy.trips
