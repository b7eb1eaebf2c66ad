"""Answers and errors, in a form in which those of the two classes can be compared."""

import json
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

_KINDS = (TypeError, RuntimeError, ValueError)


@dataclass(frozen=True)
class Error:
    """An error, by the class that the contract documents for it."""

    kind: str
    message: str


def plain(value: Any) -> Any:
    """A value as JSON has it: tuples are lists, and the keys of objects are strings."""
    return json.loads(json.dumps(value))


def same(one: Any, other: Any) -> bool:
    """Whether two outcomes are the same error or the same JSON; an order of keys is none."""
    return _text(one) == _text(other)


def _text(outcome: Any) -> str:
    # As text, 1 is not 1.0, nor is it true.
    return repr(outcome) if isinstance(outcome, Error) else json.dumps(outcome, sort_keys=True)


async def outcome(call: Awaitable[Any]) -> Any:
    """What a call answers, as JSON has it, or the error that it raises."""
    try:
        return plain(await call)
    except _KINDS as error:
        kind = next(kind.__name__ for kind in _KINDS if isinstance(error, kind))
        return Error(kind, str(error))
