"""Checks an answer of a branch in a test."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from convo.errors import joined
from convo.history import transcript
from convo.history.transcript import TranscriptTurn
from convo.items.decoding import Unreadable
from convo.sdk import AdvancedSession, AdvancedSQLiteSession
from convo.storage.transaction import Transaction
from convo.store import lookup
from convo.trials.asking import Asker, Prompt, asked
from convo.trials.checks import Check, Judgement, check_answer, quoted
from convo.trials.given_checks import check_of
from convo.trials.judging import SCHEMA, judgement_of, question
from convo.trials.matching import Matcher
from convo.trials.replay import prompt_of


async def assert_branch(
    session: AdvancedSession,
    *,
    branch_id: str | None = None,
    turn: int = -1,
    contains: str | Sequence[str] | None = None,
    equals: str | Sequence[str] | None = None,
    regex: str | None = None,
    json_schema: Mapping[str, Any] | str | None = None,
    command: str | Sequence[str] | None = None,
    rubric: str | None = None,
    judge: Asker | None = None,
    checks: Sequence[Mapping[str, Any] | Check] = (),
    folder: Path | None = None,
) -> str:
    """Check the answer of a turn of a branch, and return it.

    Args:
        session: The session.
        branch_id: The branch; by default the one that the session is on.
        turn: The turn; -1 is the last.
        contains: A text that the answer contains, or several.
        equals: What the answer is, or one of several such texts, whatever blanks are around it.
        regex: A pattern that matches somewhere in the answer.
        json_schema: A JSON Schema that the answer fits, or the name of a file with one.
        command: A command that gets the answer on stdin, and ends with 0 if it is good.
        rubric: What the answer has to be in the judgement of `judge`.
        judge: Who judges; see `convo.asker`. What it is asked is not stored.
        checks: More checks, in the form that a set of cases has them.
        folder: The folder of named files, in which the command runs.

    Returns:
        The answer.

    Raises:
        AssertionError: The answer fails a check; the message has every reason, and the answer.
        ValueError: Nothing is checked, a check is malformed, or a rubric has no `judge`.
        NotFoundError: The branch or the turn is missing.
    """
    __tracebackhide__ = True
    given = {
        "contains": contains,
        "equals": equals,
        "regex": regex,
        "json-schema": json_schema,
        "command": command,
        "judge": rubric,
    }
    wanted = [{kind: value} for kind, value in given.items() if value is not None]
    all_checks = _checks([*wanted, *checks], folder)
    number, found = await _turn(session, branch_id, turn)
    prompt = prompt_of(found)
    answer = prompt.answer or ""

    async def judged(check: Check) -> Judgement:
        if judge is None:
            raise ValueError("a rubric needs a `judge`")
        return await _judged(judge, check.value, prompt.text, answer)

    async with Matcher() as matcher:
        results = await check_answer(answer, all_checks, matcher, judged)
    wrong = [one.reason for one in results if one.passed is not True]
    if wrong:
        place = f"branch '{branch_id or session.branch_id}', turn {number}"
        raise AssertionError(f"{place}: {joined(*wrong)}\nthe answer: {quoted(answer)}")
    return answer


def _checks(given: Sequence[Mapping[str, Any] | Check], folder: Path | None) -> list[Check]:
    if not given:
        raise ValueError("nothing is checked: give `contains`, `regex` or another check")
    return [one if isinstance(one, Check) else check_of(one, folder) for one in given]


async def _turn(
    session: AdvancedSession, branch_id: str | None, turn: int
) -> tuple[int, TranscriptTurn]:
    """A turn, and its number. Raises a `NotFoundError` that says which there are."""

    def find(tx: Transaction, branch: str) -> tuple[int, TranscriptTurn]:
        lookup.require_branch(tx, session.session_id, branch)
        number = lookup.turn_numbered(tx, session.session_id, branch, turn)
        unreadable = Unreadable(logging.getLogger("convo"))
        found = transcript.read(tx, session.session_id, branch, number, number, unreadable)
        return number, next(iter(found))

    return await session._read(find, branch_id)


async def _judged(judge: Asker, rubric: str, prompt: str, answer: str) -> Judgement:
    async with AdvancedSQLiteSession(session_id="judge", create_tables=True) as session:
        reply = await asked(judge, session, Prompt(question(rubric, prompt, answer), schema=SCHEMA))
    if reply.error is not None:
        return Judgement(None, f"the judge gave no verdict: {reply.error}")
    return judgement_of(reply.text)
