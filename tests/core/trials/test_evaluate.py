"""An eval asks every case by everybody, several at once, and keeps what came of each attempt."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from convo import ConversationStore, Outcome, Prompt, Tokens, evaluate
from convo.errors import ConflictError, NotFoundError, SetError
from convo.sdk import AdvancedSession
from tests.core.talk import texts

CASES = [{"prompt": "Say yes", "contains": "yes"}, {"prompt": "Say no", "equals": "no"}]


class Echo:
    """Answers with the prompt and how many messages came before it; some prompts fail."""

    def __init__(self, *, fails: str = "", holds: Sequence[str] = ()) -> None:
        self.fails = fails
        self.holds = holds
        self.asked: list[str] = []
        self.told: list[str | None] = []

    async def __call__(self, session: AdvancedSession, prompt: Prompt) -> Outcome:
        before = await session.get_items()
        self.asked.append(prompt.text)
        self.told.append(prompt.instructions)
        if prompt.text == self.fails:
            raise OSError("the line is cut")
        if prompt.text in self.holds:
            await asyncio.Event().wait()
        answer = f"{len(before)}: {prompt.text}"
        said: Any = [{"role": "user", "content": prompt.text}]
        await session.add_items([*said, {"role": "assistant", "content": answer}])
        return Outcome(answer, Tokens(1, 10, 0, 5, 0, 15), 0.5, 1.0)


@pytest.fixture
async def store(path: Path) -> AsyncIterator[ConversationStore]:
    async with ConversationStore(path, create=True) as opened:
        yield opened


async def test_every_case_is_a_branch_of_the_session_of_the_run(store: ConversationStore) -> None:
    found = await evaluate(store, CASES, {"echo": Echo()})
    assert [(one.case, one.state, one.branch_id) for one in found.results] == [
        ("say-yes", "passed", "say-yes"),
        ("say-no", "failed", "say-no"),
    ]
    assert not found.passed
    assert found.failures == ["say-no (echo): the answer is '0: Say no', not 'no'"]
    assert found.rate().value == 0.5
    assert texts(await store.history("eval-cases", "say-no")) == ["Say no", "0: Say no"]
    assert found.results[0].tokens.total_tokens == 15
    assert found.results[0].cost == 0.5
    assert found.run.ended_at is not None
    assert await store.check() == []


async def test_several_choices_and_attempts_have_branches_of_their_own(
    store: ConversationStore,
) -> None:
    found = await evaluate(store, CASES[:1], {"a/b": Echo(), "c": Echo()}, repeat=2)
    assert [(one.choice, one.attempt, one.branch_id) for one in found.results] == [
        ("a/b", 1, "say-yes-a-b"),
        ("a/b", 2, "say-yes-a-b-b"),
        ("c", 1, "say-yes-c"),
        ("c", 2, "say-yes-c-b"),
    ]
    assert found.rate("c") == found.rate("a/b")


async def test_prompts_in_a_row_history_and_instructions(store: ConversationStore) -> None:
    echo = Echo()
    said = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "One"},
        {"role": "assistant", "content": "Two"},
        {"role": "user", "content": "Three"},
    ]
    cases = [
        {"prompts": ["One", "Two"], "equals": "2: Two"},
        {"messages": said, "equals": "2: Three"},
    ]
    found = await evaluate(store, cases, echo, jobs=1)
    assert found.passed
    assert [(one.turn, one.tokens.requests) for one in found.results] == [(2, 2), (2, 1)]
    assert sorted(map(str, echo.told)) == ["Be kind.", "None", "None"]


async def test_a_case_asks_a_turn_of_a_branch_again(store: ConversationStore) -> None:
    await store.start_session("talk")
    async with store.session("talk") as session:
        for prompt in ("One", "Two", "Three"):
            await Echo()(session, Prompt(prompt))
    cases = [
        {"turn": 2, "equals": "2: Two"},
        {"session": "talk", "turn": 3, "prompt": "Other", "equals": "4: Other"},
    ]
    found = await evaluate(store, cases, Echo(), session_id="talk")
    assert [(one.state, one.session_id, one.branch_id, one.turn) for one in found.results] == [
        ("passed", "talk", "eval-main-turn-2", 2),
        ("passed", "talk", "eval-other", 3),
    ]
    with pytest.raises(SetError) as error:
        await evaluate(store, [{"turn": 9, "equals": "x"}, *cases], Echo(), session_id="talk")
    assert error.value.lines == ["case 'main-turn-9': no turn 9 on branch 'main': it has turns 1-3"]


async def test_an_attempt_that_fails_stops_no_other_and_leaves_no_branch(
    store: ConversationStore,
) -> None:
    found = await evaluate(store, CASES, Echo(fails="Say yes"), jobs=1)
    assert [(one.state, one.message) for one in found.results] == [
        ("error", "OSError: the line is cut"),
        ("failed", None),
    ]
    assert [one.branch_id for one in await store.branches("eval-cases")] == ["main", "say-no"]


async def test_a_stopped_run_goes_on_with_what_is_left(store: ConversationStore) -> None:
    cases = [{"prompt": f"Say {number}", "contains": "Say"} for number in range(5)]
    echo = Echo(fails="Say 0", holds=("Say 3", "Say 4"))
    # With fewer at once, the two that hold on could keep the others from being asked.
    running = asyncio.create_task(evaluate(store, cases, {"echo": echo}, jobs=5))
    for _ in range(3000):
        runs = await store.evals()
        if running.done() or (runs and runs[0].done == 3):
            break
        await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    (run,) = await store.evals()
    assert (run.done, run.passed, run.ended_at) == (3, 2, None)
    names = {one.branch_id for one in await store.branches("eval-cases")}
    assert names == {"main", "say-1", "say-2"}
    again = Echo()
    found = await evaluate(store, cases, {"echo": again}, resume=True)
    assert (found.run.run, found.passed, len(found.results)) == (run.run, True, 5)
    assert sorted(again.asked) == ["Say 0", "Say 3", "Say 4"]
    once_more = Echo()
    assert (await evaluate(store, cases, {"echo": once_more}, resume=True)).passed
    assert once_more.asked == []


async def test_only_a_run_of_the_same_cases_is_resumed(store: ConversationStore) -> None:
    with pytest.raises(NotFoundError, match="no eval of 'cases' to resume"):
        await evaluate(store, CASES, Echo(), resume=True)
    await evaluate(store, CASES, Echo())
    with pytest.raises(ConflictError, match="had other cases or choices"):
        await evaluate(store, CASES[:1], Echo(), resume=True)


async def test_a_judge_is_asked_on_a_branch_and_its_cost_is_counted_apart(
    store: ConversationStore,
) -> None:
    async def judge(session: AdvancedSession, prompt: Prompt) -> Outcome:
        passes = "true" if "0: Say yes" in prompt.text else "false"
        reply = f'{{"reason": "So it is.", "passes": {passes}}}'
        said: Any = [{"role": "user", "content": prompt.text}]
        await session.add_items([*said, {"role": "assistant", "content": reply}])
        return Outcome(reply, cost=0.25)

    cases = [{"prompt": one["prompt"], "judge": "It says yes."} for one in CASES]
    found = await evaluate(store, cases, {"echo": Echo()}, judge=judge)
    assert [(one.state, one.reason, one.judge_cost) for one in found.results] == [
        ("passed", None, 0.25),
        ("failed", "So it is.", 0.25),
    ]
    names = {one.branch_id for one in await store.branches("eval-cases")}
    assert {"judge-say-yes", "judge-say-no"} < names
    with pytest.raises(SetError, match="no model is there to ask"):
        await evaluate(store, cases, Echo())


async def test_a_judge_without_a_verdict_is_an_error(store: ConversationStore) -> None:
    cases = [{"prompt": "Hi", "judge": "It is kind."}]
    found = await evaluate(store, cases, Echo(), judge=Echo())
    assert [(one.state, one.reason) for one in found.results] == [
        ("error", "the judge gave no verdict: its reply is not JSON")
    ]
