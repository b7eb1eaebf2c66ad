"""The checks of an answer: what they are, and whether an answer passes them."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from convo.eval_records import CheckResult
from convo.trials.commands import run_command
from convo.trials.matching import Matcher, TooSlowError

Kind = Literal["contains", "equals", "regex", "json-schema", "command", "judge"]

KINDS: tuple[Kind, ...] = ("contains", "equals", "regex", "json-schema", "command", "judge")

TIMEOUT = 30.0
"""The seconds that a command may take if its check says nothing else."""

_SHOWN = 60
"""The characters of a text that a reason quotes."""


class Check(NamedTuple):
    """One check of an answer.

    `value` is the text or the texts of `contains` and `equals`, the pattern of `regex`, the schema
    of `json-schema`, the words of `command`, and the rubric of `judge`. A `negated` check passes
    if it would fail otherwise. `timeout` is for a command, which runs in `folder`. `model` is the
    judge, if it is not that of the others.
    """

    kind: Kind
    value: Any
    ignore_case: bool = False
    negated: bool = False
    timeout: float = TIMEOUT
    model: str | None = None
    folder: Path | None = None


class Judgement(NamedTuple):
    """The verdict of a judge; `passed` is None if it gave none."""

    passed: bool | None
    reason: str


Judge = Callable[[Check], Awaitable[Judgement]]
"""Asks a model whether the answer at hand meets a rubric."""


async def check_answer(
    answer: str, checks: Sequence[Check], matcher: Matcher, judge: Judge | None = None
) -> list[CheckResult]:
    """What became of each check of an answer.

    Commands and judges, which take time and money, are asked only if the others pass.
    """
    done: dict[int, CheckResult] = {}
    by_price = sorted(enumerate(checks), key=lambda one: KINDS.index(one[1].kind))
    for number, check in by_price:
        is_dear = check.kind in ("command", "judge")
        if is_dear and any(one.passed is False for one in done.values()):
            continue
        done[number] = await _checked(answer, check, matcher, judge)
    return [done[number] for number in sorted(done)]


async def _checked(answer: str, check: Check, matcher: Matcher, judge: Judge | None) -> CheckResult:
    passed, reason = await _result(answer, check, matcher, judge)
    if check.negated and passed is not None:
        passed = not passed
        reason = "" if passed else f"the answer passes `{check.kind}`, which it should not"
    return CheckResult(check.kind, passed, "" if passed else reason)


async def _result(
    answer: str, check: Check, matcher: Matcher, judge: Judge | None
) -> tuple[bool | None, str]:
    match check.kind:
        case "contains":
            return _contains(answer, check)
        case "equals":
            return _equals(answer, check)
        case "regex":
            return await _matches(answer, check, matcher)
        case "json-schema":
            return await _fits(answer, check, matcher)
        case "command":
            return await _accepted(answer, check)
        case "judge":
            if judge is None:
                return None, "no judge is there to ask"
            return await judge(check)


def _contains(answer: str, check: Check) -> tuple[bool, str]:
    said = answer.casefold() if check.ignore_case else answer
    wanted = texts(check.value)
    if any((text.casefold() if check.ignore_case else text) in said for text in wanted):
        return True, ""
    return False, f"the answer does not contain {' or '.join(map(quoted, wanted))}"


def _equals(answer: str, check: Check) -> tuple[bool, str]:
    def bare(text: str) -> str:
        stripped = text.strip().replace("\r\n", "\n")
        return stripped.casefold() if check.ignore_case else stripped

    wanted = texts(check.value)
    if bare(answer) in map(bare, wanted):
        return True, ""
    others = " or ".join(quoted(text) for text in wanted)
    return False, f"the answer is {quoted(answer)}, not {others}"


async def _matches(answer: str, check: Check, matcher: Matcher) -> tuple[bool | None, str]:
    try:
        found = await matcher.found(check.value, answer, ignore_case=check.ignore_case)
    except TooSlowError as error:
        return None, f"the pattern {quoted(check.value)} was given up: {error}"
    return found, f"the answer does not match {quoted(check.value)}"


async def _fits(answer: str, check: Check, matcher: Matcher) -> tuple[bool | None, str]:
    try:
        problem = await matcher.schema_problem(check.value, answer)
    except TooSlowError as error:
        return None, f"the schema was given up: {error}"
    except ValueError as error:
        return None, str(error)
    return problem is None, problem or ""


async def _accepted(answer: str, check: Check) -> tuple[bool | None, str]:
    name = check.value[0]
    try:
        ran = await run_command(check.value, answer, limit=check.timeout, folder=check.folder)
    except OSError as error:
        return None, f"`{name}` cannot be run: {error.strerror or error}"
    if ran.code is None:
        return None, f"`{name}` took longer than {check.timeout:g} s, and was ended"
    last = next((line for line in reversed(ran.output.splitlines()) if line.strip()), "")
    said = f": {last.strip()}" if last else ""
    return ran.is_good, f"`{name}` ended with {ran.code}{said}"


def texts(value: str | Sequence[str]) -> Sequence[str]:
    """The text or the texts of a check."""
    return (value,) if isinstance(value, str) else value


def quoted(text: str) -> str:
    """A text as a reason shows it: on one line, and not too long."""
    words = " ".join(text.split())
    return f"'{words if len(words) <= _SHOWN else f'{words[:_SHOWN]}…'}'"
