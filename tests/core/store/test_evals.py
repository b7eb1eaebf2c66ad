"""Evals are kept, and follow the sessions and branches that their answers are on."""

from pathlib import Path

import pytest

from convo.errors import NotFoundError
from convo.eval_records import CheckResult, EvalResult, EvalRun
from convo.store import ConversationStore
from convo.usage_records import Tokens

RESULT = EvalResult(
    position=1,
    case="france",
    digest="d",
    choice="echo",
    attempt=1,
    state="failed",
    session_id="eval-capitals",
    branch_id="france",
    turn=1,
    checks=(CheckResult("contains", False, "the answer does not contain 'Paris'"),),
    tokens=Tokens(1, 10, 2, 5, 0, 15, True),
    cost=0.25,
    seconds=1.5,
)


async def _begun(store: ConversationStore) -> EvalRun:
    run = await store.begin_eval(
        "capitals", path=None, digest="d", choices=["echo"], cases=2, repeat=1
    )
    await store.begin_branches("eval-capitals", ["france"])
    await store.enter_eval_result(run.run, RESULT)
    return run


async def test_a_run_and_its_results_are_read_as_entered(path: Path) -> None:
    async with ConversationStore(path, create=True) as store:
        run = await _begun(store)
        assert run.session_id == "eval-capitals"
        assert (run.wanted, run.ended_at) == (2, None)
        assert await store.eval_results(run.run) == [RESULT]
        assert [(one.done, one.passed) for one in await store.evals()] == [(1, 0)]
        ended = await store.end_eval(run.run)
        assert ended.ended_at is not None


async def test_an_attempt_that_is_made_again_takes_the_place_of_the_first(path: Path) -> None:
    async with ConversationStore(path, create=True) as store:
        run = await _begun(store)
        again = RESULT._replace(state="passed", checks=())
        await store.enter_eval_result(run.run, again)
        assert await store.eval_results(run.run) == [again]


async def test_a_second_run_has_a_session_of_its_own(path: Path) -> None:
    async with ConversationStore(path, create=True) as store:
        await _begun(store)
        second = await store.begin_eval(
            "capitals", path=None, digest="d", choices=["echo"], cases=2, repeat=1
        )
        assert second.session_id == "eval-capitals-2"


async def test_results_follow_renames_deletes_and_restores(path: Path) -> None:
    async def place() -> tuple[str | None, str | None, int | None]:
        (result,) = await store.eval_results(1)
        return result.session_id, result.branch_id, result.turn

    async with ConversationStore(path, create=True) as store:
        await _begun(store)
        await store.rename_session("eval-capitals", "towns")
        await store.rename_branch("towns", "france", "paris")
        assert await place() == ("towns", "paris", 1)
        await store.delete_session("towns")
        assert await place() == (None, None, None)
        await store.restore_session("towns")
        assert await place() == ("towns", "paris", 1)
        await store.delete_session("towns")
        await store.purge_removed()
        assert await place() == (None, None, None)
        assert (await store.eval_run(1)).session_id is None


async def test_branches_that_begin_with_the_session_are_sound(path: Path) -> None:
    async with ConversationStore(path, create=True) as store:
        await _begun(store)
        assert await store.begin_branches("eval-capitals", ["france", "main"]) == [
            "france-b",
            "main-b",
        ]
        async with store.session("eval-capitals", "france-b") as session:
            await session.add_items([{"role": "user", "content": "Hello"}])
        found = {one.branch_id: one.user_turns for one in await store.branches("eval-capitals")}
        assert found == {"main": 0, "france": 0, "france-b": 1, "main-b": 0}
        assert await store.check() == []


async def test_an_unknown_run_is_named_with_the_newest(path: Path) -> None:
    async with ConversationStore(path, create=True) as store:
        await _begun(store)
        with pytest.raises(NotFoundError, match="there is no eval 9") as found:
            await store.eval_results(9)
        assert found.value.hint == "the newest is 1"
