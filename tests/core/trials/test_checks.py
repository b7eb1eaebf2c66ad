"""What passes each kind of check, and what is said of an answer that does not."""

import sys
from pathlib import Path
from typing import Any

import pytest

from convo.trials.checks import Check, Judgement, check_answer
from convo.trials.given_checks import check_of
from convo.trials.matching import Matcher, TooSlowError

PYTHON = sys.executable


async def checked(answer: str, *given: dict[str, Any], judge: Any = None) -> list[Any]:
    async with Matcher() as matcher:
        found = await check_answer(answer, [check_of(one) for one in given], matcher, judge)
    return [(one.passed, one.reason) for one in found]


@pytest.mark.parametrize(
    ("answer", "check"),
    [
        ("It is Paris.", {"contains": "Paris"}),
        ("It is Paris.", {"contains": ["Rome", "Paris"]}),
        ("PARIS", {"contains": "paris", "ignore_case": True}),
        ("Bonn", {"contains": "Paris", "not": True}),
        (" yes\n", {"equals": "yes"}),
        ("a\r\nb", {"equals": "a\nb"}),
        ("Yes", {"equals": ["no", "yes"], "ignore_case": True}),
        ("a 12 b", {"regex": r"\b\d+\b"}),
        ("aXb", {"regex": "(?<=A)x", "ignore_case": True}),
        ('{"age": 3}', {"json-schema": {"required": ["age"]}}),
        ("ok", {"command": [PYTHON, "-c", "import sys; sys.exit(sys.stdin.read() != 'ok')"]}),
    ],
)
async def test_an_answer_that_passes(answer: str, check: dict[str, Any]) -> None:
    assert await checked(answer, check) == [(True, "")]


@pytest.mark.parametrize(
    ("answer", "check", "reason"),
    [
        ("Bonn", {"contains": ["Rome", "Paris"]}, "does not contain 'Rome' or 'Paris'"),
        ("Paris", {"contains": "Paris", "not": True}, "the answer passes `contains`, which it"),
        ("Bonn\n", {"equals": ["a", "b"]}, "the answer is 'Bonn', not 'a' or 'b'"),
        ("x", {"regex": "^y"}, "the answer does not match '^y'"),
        ("no", {"json-schema": {}}, "the answer is not JSON, and does not fit the schema"),
        ('{"a": "x"}', {"json-schema": {"properties": {"a": {"type": "integer"}}}}, "a: 'x' is"),
        ("x", {"command": [PYTHON, "-c", "print('bad'); exit(3)"]}, "ended with 3: bad"),
    ],
)
async def test_an_answer_that_fails(answer: str, check: dict[str, Any], reason: str) -> None:
    ((passed, said),) = await checked(answer, check)
    assert passed is False
    assert reason in said


async def test_what_no_command_can_do_is_no_failure_of_the_answer(tmp_path: Path) -> None:
    program = tmp_path / "check"
    program.write_text("#!/bin/no/such/interpreter\n")
    program.chmod(0o755)
    ((passed, said),) = await checked("x", {"command": [str(program)]})
    assert (passed, "cannot be run" in said) == (None, True)
    ((passed, said),) = await checked("x", {"command": "sleep 60", "timeout": 0.1})
    assert (passed, "took longer than 0.1 s" in said) == (None, True)


async def test_hostile_patterns_are_given_up_and_the_next_ones_are_matched() -> None:
    async with Matcher(longest=0.3) as matcher:
        with pytest.raises(TooSlowError):
            await matcher.found("(a+)+$", "a" * 50 + "b", ignore_case=False)
        assert await matcher.found("b$", "ab", ignore_case=False)
        with pytest.raises(TooSlowError):
            await matcher.schema_problem({"pattern": "^(a+)+$"}, f'"{"a" * 50}b"')
        assert await matcher.schema_problem({"pattern": "b$"}, '"ab"') is None


async def test_commands_and_judges_are_asked_only_about_what_passes_the_rest() -> None:
    async def judge(check: Check) -> Judgement:
        raise AssertionError("nobody should be asked")

    found = await checked("x", {"judge": "It is good."}, {"contains": "y"}, judge=judge)
    assert found == [(False, "the answer does not contain 'y'")]


async def test_a_judge_passes_and_fails_and_gives_no_verdict() -> None:
    async def judge(check: Check) -> Judgement:
        return {"good": Judgement(True, "fine"), "bad": Judgement(False, "it is short")}.get(
            check.value, Judgement(None, "no verdict")
        )

    rubrics = [{"judge": rubric} for rubric in ("good", "neither")]
    assert await checked("x", *rubrics, judge=judge) == [(True, ""), (None, "no verdict")]
    assert await checked("x", {"judge": "bad"}, judge=judge) == [(False, "it is short")]
    assert await checked("x", {"judge": "bad", "not": True}, judge=judge) == [(True, "")]
