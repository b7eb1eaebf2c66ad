"""The first turn whose answer fails a check, as recorded or asked again."""

from __future__ import annotations

from typing import Any

import pytest

from convo import ConversationStore, Outcome, Prompt, bisect
from convo.errors import CheckError, ModelError, TurnNotFoundError
from convo.trials.searching import Checked
from tests.core.talk import assistant, run, user


@pytest.fixture
async def talk(store: ConversationStore) -> ConversationStore:
    """Eight turns, the answers of which are wrong from the sixth on."""
    await store.start_session("talk")
    for number in range(1, 9):
        items = [user(f"Q{number}"), assistant("wrong" if number > 5 else f"right {number}")]
        await store.record_turn("talk", "main", items, run())
    return store


async def test_a_command_or_a_function_checks_recorded_answers(talk: ConversationStore) -> None:
    seen: list[Checked] = []
    found = await bisect(talk, "talk", "grep -q right", on_checked=seen.append)
    assert (found.first_bad, found.last_good, tuple(seen)) == (6, 5, found.checked)
    assert [one.turn for one in seen] == [8, 1, 4, 6, 5]
    assert {one.code for one in seen} == {0, 1}
    found = await bisect(talk, "talk", lambda answer: "right" in answer, first=2, last=-2)
    assert (found.first_bad, len(found.checked)) == (6, 5)
    found = await bisect(talk, "talk", "grep -q right", every=True)
    assert [one.state for one in found.checked] == ["good"] * 5 + ["bad"] * 3


async def test_a_command_knows_where_the_answer_is_from(talk: ConversationStore) -> None:
    line = 'test "$CONVO_SESSION/$CONVO_BRANCH" = talk/main && test $CONVO_TURN -lt 3'
    assert (await bisect(talk, "talk", line)).first_bad == 3
    found = await bisect(talk, "talk", 'case "$(cat)" in "right 4") exit 125; esac; exit 1')
    assert (found.first_bad, [one.state for one in found.checked]) == (1, ["bad", "bad"])


@pytest.mark.parametrize(
    ("command", "limit", "message"),
    [
        ("no-such-program-", 60, "the check cannot be run: it ended with 127 \\(.*not found\\)"),
        ("exit 126", 60, "the check cannot be run: it ended with 126"),
        ("exit 255", 60, "the check of turn 8 broke off with 255"),
        ("sleep 60", 0.05, "the check of turn 8 took longer than 0.05 seconds"),
    ],
)
async def test_a_check_that_says_nothing_ends_the_search(
    talk: ConversationStore, command: str, limit: float, message: str
) -> None:
    with pytest.raises(CheckError, match=f"^{message}$"):
        await bisect(talk, "talk", command, limit=limit)


async def test_turns_that_are_not_there(talk: ConversationStore) -> None:
    with pytest.raises(TurnNotFoundError):
        await bisect(talk, "talk", "true", first=9)
    await talk.branch("talk", "main", turn=1, name="empty", expected=None)
    with pytest.raises(TurnNotFoundError, match="has no turns yet"):
        await bisect(talk, "talk", "true", branch_id="empty")


async def asked_again(session: Any, prompt: Prompt) -> Outcome:
    """Answers all but the first three prompts wrongly."""
    answer = "right" if prompt.turn is not None and prompt.turn < 4 else "wrong"
    await session.add_items([user(prompt.input), assistant(answer)])
    return Outcome(answer)


async def test_reruns_are_plain_branches_of_one_turn_each(talk: ConversationStore) -> None:
    found = await bisect(talk, "talk", lambda answer: answer == "right", asker=asked_again)
    assert (found.first_bad, found.last_good) == (4, 3)
    assert [one.turn for one in found.checked] == [8, 4, 2, 3]
    made = {one.branch_id: one.turn for one in found.checked}
    assert [*made] == ["bisect-8", "bisect-4", "bisect-2", "bisect-3"]
    for branch, turn in made.items():
        assert branch is not None
        assert await talk.last_turn("talk", branch) == turn
    assert (await talk.session_head("talk")).branch_id == "main"


async def test_a_model_that_fails_ends_the_search_and_leaves_no_empty_branch(
    talk: ConversationStore,
) -> None:
    async def failing(session: Any, prompt: Prompt) -> Outcome:
        if prompt.turn == 8:
            return await asked_again(session, prompt)
        await session.add_items([user(prompt.input)])
        raise ModelError("no")

    with pytest.raises(ModelError, match="no"):
        await bisect(talk, "talk", lambda answer: answer == "right", asker=failing)
    branches = [branch.branch_id for branch in await talk.branches("talk")]
    assert branches == ["main", "bisect-8"]


async def test_a_turn_whose_model_fails_is_skipped_or_bad(talk: ConversationStore) -> None:
    async def failing(session: Any, prompt: Prompt) -> Outcome:
        if prompt.turn is not None and prompt.turn > 3:
            await session.add_items([user(prompt.input)])
            raise ModelError("too long")
        return await asked_again(session, prompt)

    found = await bisect(talk, "talk", lambda answer: True, asker=failing, on_error="bad")
    assert (found.first_bad, found.last_good) == (4, 3)
    assert {one.output for one in found.checked if one.state == "bad"} == {"too long"}
    found = await bisect(talk, "talk", lambda answer: True, asker=failing, on_error="skip")
    assert (found.first_bad, found.candidates) == (None, ())
    assert {one.turn for one in found.checked if one.state == "skipped"} == {4, 5, 6, 7, 8}
