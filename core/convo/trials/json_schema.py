"""Checks answers against a JSON Schema. Slow to import."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from jsonschema import exceptions, validators
from referencing import Registry
from referencing.exceptions import Unresolvable

_LONGEST = 200
"""The longest problem that is shown, in characters: it quotes the answer."""

_NEWEST = validators.Draft202012Validator


class NotCheckedError(Exception):
    """The answer cannot be checked against the schema."""


def schema_problem(schema: Mapping[str, Any]) -> str | None:
    """What is wrong with a JSON Schema; None if it is valid."""
    try:
        _validator(schema).check_schema(schema)
    except exceptions.SchemaError as error:
        return _said(error)
    except RecursionError:
        return "it is nested too deeply"
    return None


def answer_problem(schema: Mapping[str, Any], answer: str) -> str | None:
    """Why an answer does not fit a schema; None if it does. Raises `NotCheckedError`."""
    try:
        said = json.loads(answer, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return "the answer is not JSON, and does not fit the schema"
    try:
        # Remote references in a schema are not fetched.
        checker = _validator(schema)(schema, registry=Registry())
        problem = exceptions.best_match(checker.iter_errors(said))
    except Unresolvable as error:
        raise NotCheckedError(
            f"the schema refers to '{error.ref}', which is not in it: the answer was not checked"
        ) from None
    except RecursionError:
        raise NotCheckedError("the answer cannot be checked: its schema has no end") from None
    return None if problem is None else f"the answer does not fit the schema: {_said(problem)}"


def _validator(schema: Mapping[str, Any]) -> Any:
    return validators.validator_for(schema, default=_NEWEST)


def _said(error: exceptions.ValidationError | exceptions.SchemaError) -> str:
    place = _place(error.absolute_path)
    words = " ".join(str(error.message).split())
    said = f"{place}: {words}" if place else words
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"


def _place(path: Iterable[str | int]) -> str:
    """The path of the problem in the answer, such as `tags[0].name`."""
    place = ""
    for step in path:
        place += f"[{step}]" if isinstance(step, int) else f"{'.' if place else ''}{step}"
    return place


def _refuse(constant: str) -> Any:
    raise ValueError(constant)
