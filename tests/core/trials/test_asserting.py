"""A test says what the answer on a branch has to be."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from convo import Outcome, assert_branch
from convo.errors import NotFoundError
from tests.core.addresses import Address, Session, open_session

TALK: Any = [
    {"role": "user", "content": "The capital of France?"},
    {"role": "assistant", "content": "Paris."},
    {"role": "user", "content": "As JSON?"},
    {"role": "assistant", "content": '{"capital": "Paris"}'},
]


@pytest.fixture
async def session(path: Address) -> AsyncIterator[Session]:
    async with open_session(path, create_tables=True) as opened:
        await opened.add_items(TALK)
        yield opened


async def test_an_answer_that_passes_is_returned(session: Session) -> None:
    assert await assert_branch(session, turn=1, contains="Paris", regex=r"\.$") == "Paris."
    schema = {"required": ["capital"]}
    await assert_branch(session, json_schema=schema, checks=[{"contains": "Bonn", "not": True}])


async def test_the_error_says_where_and_why(session: Session) -> None:
    with pytest.raises(AssertionError) as error:
        await assert_branch(session, turn=1, equals="Bonn", regex="^B")
    assert str(error.value) == (
        "branch 'main', turn 1: the answer is 'Paris.', not 'Bonn'; the answer does not match '^B'"
        "\nthe answer: 'Paris.'"
    )


async def test_the_branch_and_the_turn_have_to_be_there(session: Session) -> None:
    await session.create_branch_from_turn(2, "early")
    await session.switch_to_branch("main")
    await assert_branch(session, branch_id="early", contains="Paris")
    with pytest.raises(NotFoundError, match="no turn 2 on branch 'early': it has turn 1 only"):
        await assert_branch(session, branch_id="early", turn=2, contains="Paris")
    with pytest.raises(NotFoundError, match="no branch 'late'"):
        await assert_branch(session, branch_id="late", contains="Paris")


async def test_something_has_to_be_checked(session: Session) -> None:
    with pytest.raises(ValueError, match="nothing is checked"):
        await assert_branch(session)
    with pytest.raises(ValueError, match="is not a pattern"):
        await assert_branch(session, regex="(")


async def test_a_judge_is_asked(session: Session) -> None:
    async def judge(session: Any, prompt: Any) -> Outcome:
        assert "As JSON?" in prompt.text
        return Outcome('{"reason": "It is no prose.", "passes": false}')

    with pytest.raises(AssertionError, match="turn 2: It is no prose"):
        await assert_branch(session, rubric="It is prose.", judge=judge)
