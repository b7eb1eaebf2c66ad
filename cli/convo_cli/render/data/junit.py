"""Writes results as JUnit XML, which continuous integration reads."""

import re
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from convo.eval_records import EvalResult, EvalRun

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML may have, not even escaped."""


def junit(run: EvalRun, results: Sequence[EvalResult]) -> Iterator[str]:
    """The results as XML, a suite for each choice and a test for each attempt."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f"<testsuites{_counts(results)} name={_quoted(run.name)}>\n"
    for number, choice in enumerate(run.choices):
        own = [one for one in results if one.choice == choice]
        yield (
            f"  <testsuite{_counts(own)} name={_quoted(f'{run.name}: {choice}')} "
            f'id="{number}" package={_quoted(run.name)} hostname="localhost" skipped="0" '
            f"timestamp={_quoted(run.created_at.removesuffix('Z') or '1970-01-01T00:00:00')}>\n"
        )
        for one in own:
            yield from _test(run, one)
        yield "  </testsuite>\n"
    yield "</testsuites>\n"


def _test(run: EvalRun, one: EvalResult) -> Iterator[str]:
    name = one.case if run.repeat == 1 else f"{one.case} [{one.attempt}]"
    attributes = (
        f"name={_quoted(name)} classname={_quoted(f'{run.name}.{one.choice}')} "
        f'time="{one.seconds:.3f}"'
    )
    if one.passed:
        yield f"    <testcase {attributes}/>\n"
        return
    kind = "failure" if one.state == "failed" else "error"
    checks = [check for check in one.checks if check.passed is not True]
    lines = [f"{check.kind}: {check.reason}" for check in checks] or [one.reason or ""]
    if one.branch_id is not None:
        lines.append(f"the answer: session {one.session_id}, branch {one.branch_id}")
    what = checks[0].kind if checks else "model"
    said = escape(_legal("\n".join(lines)))
    message = _quoted(one.reason or one.state)
    yield f"    <testcase {attributes}>\n"
    yield f"      <{kind} type={_quoted(what)} message={message}>{said}</{kind}>\n"
    yield "    </testcase>\n"


def _counts(results: Sequence[EvalResult]) -> str:
    failures = sum(one.state == "failed" for one in results)
    errors = sum(one.state == "error" for one in results)
    seconds = sum(one.seconds for one in results)
    return f' tests="{len(results)}" failures="{failures}" errors="{errors}" time="{seconds:.3f}"'


def _quoted(text: str) -> str:
    return quoteattr(_legal(text))


def _legal(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
