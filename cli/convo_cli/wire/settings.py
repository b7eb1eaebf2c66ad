"""The model settings, and their values, that a plain question can be sent with.

All others are left to the Agents SDK, which knows more settings, and reports invalid ones.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

_EFFORTS = frozenset({"none", "minimal", "low", "medium", "high", "xhigh", "max"})
_SUMMARIES = frozenset({"auto", "concise", "detailed"})
_OWN_FIELDS = frozenset(
    {"model", "messages", "input", "stream", "stream_options", "tools", "tool_choice", "include"}
)
"""Fields that settings must not overwrite, because they decide the form of the answer."""


def is_known(settings: Mapping[str, Any]) -> bool:
    """Whether all of these can be put into a request unchanged."""
    return all(name in _KNOWN and _KNOWN[name](value) for name, value in settings.items())


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _one_of(*values: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in values


def _is_reasoning(value: Any) -> bool:
    taken = {"effort": _EFFORTS, "summary": _SUMMARIES}
    return (
        isinstance(value, dict)
        and bool(value)
        and value.keys() <= taken.keys()
        and all(isinstance(one, str) and one in taken[name] for name, one in value.items())
    )


def _are_texts(value: Any) -> bool:
    texts = [*value, *value.values()] if isinstance(value, dict) else [None]
    return all(isinstance(text, str) for text in texts)


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _is_body(value: Any) -> bool:
    return isinstance(value, dict) and _OWN_FIELDS.isdisjoint(value)


_KNOWN: Mapping[str, Callable[[Any], bool]] = {
    "temperature": _is_number,
    "top_p": _is_number,
    "frequency_penalty": _is_number,
    "presence_penalty": _is_number,
    "truncation": _one_of("auto", "disabled"),
    "max_tokens": _is_whole,
    "reasoning": _is_reasoning,
    "verbosity": _one_of("low", "medium", "high"),
    "metadata": _are_texts,
    "store": _is_flag,
    "prompt_cache_retention": _one_of("in_memory", "24h"),
    "include_usage": _is_flag,
    "response_include": _is_list_of_texts,
    "top_logprobs": _is_whole,
    "extra_body": _is_body,
}
