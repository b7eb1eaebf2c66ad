import asyncio
import logging
from types import SimpleNamespace

import pytest
from agents import Agent, Runner, Usage
from agents.testing import ModelStep, ScriptedModel, assistant_message

from convo import ConversationStore
from tests.core.addresses import Address, Session, execute, open_session, rows
from tests.core.talk import result, run, turn


async def totals(session: Session, branch_id: str = "main") -> dict[int, int]:
    return {
        usage["user_turn_number"]: usage["total_tokens"]
        for usage in await session.get_turn_usage(branch_id=branch_id)
    }


async def spent(path: Address) -> int:
    async with ConversationStore(path) as store:
        (row,) = await store.usage("talk")
        return row.tokens.total_tokens


async def test_usage_lands_on_the_last_turn(session: Session) -> None:
    await session.add_items(turn("a") + turn("b"))
    await session.store_run_usage(result(110))
    assert await totals(session) == {2: 110}
    usage = await session.get_turn_usage(2)
    assert usage["requests"] == 1
    assert usage["input_tokens"] == 105
    assert usage["output_tokens"] == 5


async def test_nothing_is_stored_without_a_turn(session: Session) -> None:
    await session.store_run_usage(result(110))
    assert await session.get_session_usage() is None
    assert await session.get_turn_usage() == []
    assert await session.get_turn_usage(1) == {}


async def test_a_second_run_in_a_turn_is_added(session: Session, path: Address) -> None:
    await session.add_items(turn("a"))
    await session.store_run_usage(result(110))
    await session.store_run_usage(result(220))
    assert await totals(session) == {1: 330}
    assert await spent(path) == 330


async def test_a_resumed_run_replaces_its_beginning(session: Session, path: Address) -> None:
    await session.add_items(turn("a"))
    await session.store_run_usage(result(110))
    await session.store_run_usage(result(50))
    await session.store_run_usage(result(110, 220))
    assert await totals(session) == {1: 380}
    assert await spent(path) == 380


async def test_details_are_summed(session: Session) -> None:
    await session.add_items(turn("a"))
    nested = {"cached_tokens": 3, "audio": {"seconds": 2}, "note": "x"}
    for request in ("r1", "r2"):
        usage = SimpleNamespace(
            requests=1,
            input_tokens=10,
            output_tokens=5,
            total_tokens=15,
            input_tokens_details=SimpleNamespace(**nested),
            output_tokens_details=None,
            request_usage_entries=[
                SimpleNamespace(input_tokens=10, output_tokens=5, total_tokens=15)
            ],
        )
        await session.store_run_usage(
            SimpleNamespace(
                context_wrapper=SimpleNamespace(usage=usage),
                raw_responses=[SimpleNamespace(response_id=request)],
            )
        )
    usage = await session.get_turn_usage(1)
    assert usage["input_tokens_details"] == {
        "cached_tokens": 6,
        "audio": {"seconds": 4},
        "note": "x",
    }
    assert usage["output_tokens_details"] is None


async def test_a_failure_is_logged_and_not_raised(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    await session.add_items(turn("a"))
    with caplog.at_level(logging.ERROR):
        await session.store_run_usage(SimpleNamespace(context_wrapper=None))
    assert "usage of a run in session 'talk' could not be stored" in caplog.text


async def test_runs_at_once_keep_their_own_turns(session: Session, path: Address) -> None:
    async def answer(text: str, total: int, pause: float) -> ModelStep:
        await asyncio.sleep(pause)
        return ModelStep(
            output=[assistant_message(text)],
            usage=Usage(requests=1, input_tokens=total, output_tokens=0, total_tokens=total),
        )

    def asking(text: str, total: int, pause: float) -> Agent:
        step = ModelStep.respond(lambda _: answer(text, total, pause))
        return Agent(name="A", model=ScriptedModel([step]))

    slow, fast = asking("slow", 110, 0.2), asking("fast", 1100, 0.0)
    results = await asyncio.gather(
        Runner.run(slow, "slow?", session=session), Runner.run(fast, "fast?", session=session)
    )
    for finished in results:
        await session.store_run_usage(finished)

    asked = {t["content"]: t["turn"] for t in await session.get_conversation_turns()}
    assert await totals(session) == {asked["slow?"]: 110, asked["fast?"]: 1100}
    assert rows(
        path,
        "SELECT user_turn_number, count(*) FROM message_structure GROUP BY 1 ORDER BY 1",
    ) == [(1, 2), (2, 2)]


async def test_popping_a_turn_drops_its_usage_but_not_what_was_spent(
    session: Session, path: Address
) -> None:
    await session.add_items(turn("a"))
    await session.store_run_usage(result(110))
    await session.pop_item()
    assert await totals(session) == {1: 110}
    await session.pop_item()
    assert await totals(session) == {}
    assert await spent(path) == 110


async def test_deleting_a_branch_drops_its_usage_but_not_what_was_spent(
    session: Session, path: Address
) -> None:
    await session.add_items(turn("a") + turn("b"))
    await session.create_branch_from_turn(2, "fork")
    await session.add_items(turn("c"))
    await session.store_run_usage(result(110))
    assert await totals(session, "fork") == {2: 110}
    await session.delete_branch("fork", force=True)
    assert await session.get_session_usage() is None
    assert await spent(path) == 110


async def test_usage_of_a_new_turn_with_an_old_number(session: Session, path: Address) -> None:
    for total in (110, 220):
        await session.add_items(turn("a"))
        await session.store_run_usage(result(total))
        if total == 110:
            await session.clear_session()
    assert await totals(session) == {1: 220}
    assert await spent(path) == 330


async def test_a_run_from_before_a_clear_is_not_of_the_turn_after_it(
    session: Session, path: Address
) -> None:
    await session.add_items(turn("a"))
    async with open_session(path) as other:
        await other.clear_session()
        await other.add_items(turn("b"))
        await session.store_run_usage(result(110))
        assert await totals(other) == {}
        await session.store_run_usage(result(220))
        assert await totals(other) == {1: 220}


async def test_usage_by_branch_or_of_all(session: Session) -> None:
    await session.add_items(turn("a"))
    await session.store_run_usage(result(100))
    await session.create_branch_from_turn(1, "fork")
    await session.add_items(turn("b"))
    await session.store_run_usage(result(50))
    for branch_id, total, count in (
        ("main", 100, 1),
        ("fork", 50, 1),
        (None, 150, 2),
        ("", 150, 2),
    ):
        usage = await session.get_session_usage(branch_id)
        assert usage is not None
        assert (usage["total_tokens"], usage["total_turns"]) == (total, count)
    assert await session.get_session_usage("nowhere") is None


async def test_the_sum_is_as_new_as_the_database(session: Session, path: Address) -> None:
    async def total() -> int:
        usage = await session.get_session_usage()
        assert usage is not None
        found = usage["total_tokens"]
        usage["total_tokens"] = 0
        return found

    await session.add_items(turn("a"))
    await session.store_run_usage(result(100))
    assert [await total(), await total()] == [100, 100]
    await session.store_run_usage(result(50))
    assert [await total(), await total()] == [150, 150]
    async with open_session(path, "talk") as other:
        await other.store_run_usage(result(30))
    assert [await total(), await total()] == [180, 180]
    execute(path, "UPDATE turn_usage SET total_tokens = 7")
    assert [await total(), await total()] == [7, 7]


async def test_the_ledger_has_a_row_a_turn(store: ConversationStore) -> None:
    await store.start_session("talk")
    await store.record_turn("talk", "main", turn("a"), run(15))
    await store.branch("talk", "main", turn=1, name="fork", expected="main")
    await store.record_turn("talk", "fork", turn("b"), run(30))
    await store.delete_branches("talk", ["fork"], force=True)
    found = await store.usage("talk", by="turn")
    assert [
        (row.branch_id, row.is_deleted, row.turn, row.text, row.tokens.total_tokens)
        for row in found
    ] == [("main", False, 1, "a", 15), ("fork", True, 1, None, 30)]
    assert (found[0].tokens.cached_tokens, found[0].tokens.reasoning_tokens) == (1, 2)
