"""What a run says, and what it cost, stays on the branch on which the run was asked."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from agents import Agent, Runner, RunState, Usage, function_tool
from agents.extensions.memory import AdvancedSQLiteSession as TheirSession
from agents.testing import ModelStep, ScriptedModel, assistant_message, function_call

from convo import ConversationStore, UsageHooks
from convo.errors import BranchDeletedError
from tests.core.addresses import Address, Session, open_session, rows
from tests.core.talk import turn, user

Change = Callable[[Any], Awaitable[object]]

CHANGES: dict[str, Change] = {
    "switch": lambda session: session.switch_to_branch("side"),
    "fork": lambda session: session.create_branch_from_turn(2),
    "inclusive fork": lambda session: session.create_branch_from_turn(2, include_turn=True),
    "fork by content": lambda session: session.create_branch_from_content("Paris"),
}


def usage(total: int) -> Usage:
    return Usage(requests=1, input_tokens=total - 5, output_tokens=5, total_tokens=total)


def agent(change: Change | None, session: Any, *, approval: bool = False) -> Agent:
    """One that calls a tool, which does something to the branches of its session."""

    @function_tool(needs_approval=approval)
    async def look_up() -> str:
        """Look something up."""
        if change is not None:
            await change(session)
        return "nice"

    steps = [
        ModelStep(output=[function_call("look_up", {}, call_id="c1")], usage=usage(110)),
        ModelStep(output=[assistant_message("Nice.")], usage=usage(220)),
    ]
    return Agent(name="Assistant", model=ScriptedModel(steps), tools=[look_up])


@pytest.fixture
async def session(path: Address) -> AsyncIterator[Session]:
    """A turn on `main`, and a branch beside it."""
    async with open_session(path, create_tables=True) as opened:
        await opened.add_items(turn("before"))
        await opened.create_branch_from_turn(1, "side", include_turn=True)
        await opened.switch_to_branch("main")
        yield opened
    async with ConversationStore(path) as store:
        assert await store.check() == []


WHOLE = ["user", "assistant", "user", "function_call", "function_call_output", "assistant"]


async def kinds(session: Any, branch: str) -> list[str]:
    items = await session.get_items(branch_id=branch)
    return [item.get("role") or item["type"] for item in items]


def spent(path: Address) -> list[tuple[Any, ...]]:
    """The ledger: branch, turn and tokens of each run."""
    sql = "SELECT branch_id, user_turn_number, total_tokens FROM convo_runs ORDER BY 1"
    return rows(path, sql)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("hooked", [True, False], ids=["hooks", "call"])
async def test_a_run_whose_tool_changes_the_branch(
    session: Session, answered: Any, change: str, hooked: bool, path: Address
) -> None:
    hooks = UsageHooks(session) if hooked else None
    talker = agent(CHANGES[change], session)
    result = await answered(talker, "Paris?", session=session, hooks=hooks)
    if not hooked:
        await session.store_run_usage(result)
    assert await kinds(session, "main") == WHOLE
    assert spent(path) == [("main", 2, 330)]
    current = next(row for row in await session.list_branches() if row["is_current"])
    assert current["branch_id"] != "main"
    assert [turn["user_turn_number"] for turn in await session.get_turn_usage()] == []
    # Where the session is now, a run can go on.
    assert "function_call_output" not in await kinds(session, current["branch_id"])
    await answered(agent(None, session), "And?", session=session)
    assert (await kinds(session, current["branch_id"]))[-4:] == WHOLE[-4:]


@pytest.mark.sqlite_only("the SDK's class with branches has files only")
async def test_the_sdk_puts_the_rest_of_the_run_on_the_new_branch(path: Address) -> None:
    session = TheirSession(session_id="talk", db_path=path, create_tables=True)
    await session.add_items(turn("before"))
    await Runner.run(agent(CHANGES["fork"], session), "Paris?", session=session)
    assert await kinds(session, "main") == WHOLE[:3]
    session.close()


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("elsewhere", ["same state", "from JSON", "another instance"])
@pytest.mark.parametrize("hooked", [True, False], ids=["hooks", "call"])
async def test_a_run_that_is_resumed_after_the_branch_was_changed(
    session: Session, answered: Any, change: str, elsewhere: str, hooked: bool, path: Address
) -> None:
    talker = agent(None, session, approval=True)
    paused = await answered(talker, "Paris?", session=session)
    await session.store_run_usage(paused)
    await CHANGES[change](session)
    state, current = paused.to_state(), session
    if elsewhere != "same state":
        state = await RunState.from_json(talker, state.to_json())
    if elsewhere == "another instance":
        current = open_session(path, branch_id=session._file.current.branch_id)
    for item in state.get_interruptions():
        state.approve(item)
    hooks = UsageHooks(current) if hooked else None
    result = await answered(talker, state, session=current, hooks=hooks)
    if not hooked:
        await current.store_run_usage(result)
    assert await kinds(session, "main") == WHOLE
    assert spent(path) == [("main", 2, 330)]
    assert "function_call_output" not in await kinds(session, current._file.current.branch_id)
    await current.close()


async def test_one_call_is_answered_on_two_branches(session: Session) -> None:
    """A fork of a turn that waits: once it is answered where it was asked, the fork has its own."""
    talker = agent(None, session, approval=True)
    talker.model._steps.append(talker.model._steps[-1])  # type: ignore[union-attr]
    paused = await Runner.run(talker, "Paris?", session=session)
    saved = paused.to_state().to_json()
    fork = await session.create_branch_from_turn(2, include_turn=True)
    for branch in ("main", fork):
        state = await RunState.from_json(talker, saved)
        state.approve(state.get_interruptions()[0])
        await Runner.run(talker, state, session=session)
        assert await kinds(session, branch) == WHOLE


async def test_a_run_whose_branch_is_renamed_goes_along(
    session: Session, answered: Any, path: Address
) -> None:
    await session.switch_to_branch("side")

    async def rename(_: Any) -> None:
        async with ConversationStore(path) as store:
            await store.rename_branch("talk", "side", "beside")

    await answered(agent(rename, session), "Paris?", session=session, hooks=UsageHooks(session))
    assert await kinds(session, "beside") == WHOLE
    assert spent(path) == [("beside", 2, 330)]
    await session.switch_to_branch("main")


@pytest.mark.parametrize("by", ["the run", "another"])
async def test_a_run_whose_branch_is_deleted_fails_and_stores_nothing(
    session: Session, answered: Any, path: Address, by: str
) -> None:
    await session.switch_to_branch("side")

    async def delete(own: Any) -> None:
        other = open_session(path)
        await (own if by == "the run" else other).delete_branch("side", force=True)
        await other.close()

    talker = agent(delete, session)
    with pytest.raises(BranchDeletedError, match="'side'"):
        await answered(talker, "Paris?", session=session, hooks=UsageHooks(session))
    assert [row["branch_id"] for row in await session.list_branches()] == ["main"]
    assert await kinds(session, "main") == WHOLE[:2]
    assert spent(path) == [("side", 2, 110)]
    await session.switch_to_branch("main")


@pytest.mark.parametrize("way", ["delete", "pop"])
async def test_an_output_whose_call_is_gone_is_not_stored(
    session: Session, answered: Any, way: str
) -> None:
    await session.switch_to_branch("side")
    talker = agent(None, session, approval=True)
    state = (await answered(talker, "Paris?", session=session)).to_state()
    if way == "delete":
        await session.delete_branch("side", force=True)
    else:
        await session.pop_item()
    state = await RunState.from_json(talker, state.to_json())
    state.approve(state.get_interruptions()[0])
    with pytest.raises(BranchDeletedError, match="no longer has the call 'c1' on any branch"):
        await answered(talker, state, session=session)
    assert await kinds(session, "main") == WHOLE[:2]
    await session.switch_to_branch("main")


async def test_a_run_that_was_read_on_one_branch_is_asked_there(
    session: Session,
) -> None:
    context = Context()
    await session.get_items(wrapper=context)
    await session.switch_to_branch("side")
    await session.add_items([user("Paris?")], wrapper=context)
    assert await kinds(session, "main") == WHOLE[:3]
    assert len(await session.get_items(wrapper=context)) == 3
    assert await session.pop_item(wrapper=context) == user("Paris?")
    assert await kinds(session, "side") == WHOLE[:2]


async def test_a_run_of_a_session_that_was_cleared_is_on_the_new_main(
    session: Session,
) -> None:
    context = Context()
    await session.add_items([user("Paris?")], wrapper=context)
    await session.clear_session()
    await session.add_items(turn("again"), wrapper=context)
    assert await kinds(session, "main") == WHOLE[:2]


class Context:
    """Stands for the run context that the SDK passes along."""

    def __init__(self) -> None:
        self.usage = Usage()
