"""Adds up the details of tokens, which are those that a model's provider reports, by name."""

from collections.abc import Mapping
from typing import Any


def added(one: Any, other: Any) -> Any:
    """Add up two details: numbers, or tables key by key; of others, the first that is not None."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return {key: added(one.get(key), other.get(key)) for key in dict.fromkeys([*one, *other])}
    if is_number(one) and is_number(other):
        return one + other
    return other if one is None else one


def numbers(details: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers among the details, nested ones included."""
    return {
        name: numbers(value) if isinstance(value, Mapping) else value
        for name, value in details.items()
        if isinstance(value, Mapping) or is_number(value)
    }


def is_number(value: Any) -> bool:
    """Whether a value is a number; true and false, which Python counts as numbers, are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)
