"""Checks an answer against the JSON Schema that was asked for. Slow to import."""

from collections.abc import Mapping
from typing import Any

from convo.errors import ModelError
from convo.trials.json_schema import NotCheckedError, answer_problem
from convo_cli.turn.choice import TurnOutcome
from convo_cli.turn.errors import AnswerFormError


def check_answer(schema: Mapping[str, Any], outcome: TurnOutcome) -> None:
    """Validate the answer against the schema.

    Raises `AnswerFormError`, or ModelError for an answer that was cut off.
    """
    if outcome.is_cut:
        raise ModelError(
            "the answer was cut off at the limit of tokens before it had the form of the schema",
            hint="allow it more with -o max_tokens=N",
        )
    try:
        problem = answer_problem(schema, outcome.text)
    except NotCheckedError as error:
        raise AnswerFormError(str(error)) from None
    if problem is not None:
        raise AnswerFormError(problem)
