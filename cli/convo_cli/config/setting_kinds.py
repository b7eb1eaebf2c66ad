"""The settings of a model, and the types of their values."""

from collections.abc import Mapping
from typing import Any, Literal

from convo.errors import joined
from convo.names import closest

Kind = Literal[
    "number", "whole number", "true or false", "text", "list", "object", "text or object"
]

KINDS: Mapping[str, Kind] = {
    "temperature": "number",
    "top_p": "number",
    "frequency_penalty": "number",
    "presence_penalty": "number",
    "tool_choice": "text or object",
    "parallel_tool_calls": "true or false",
    "truncation": "text",
    "max_tokens": "whole number",
    "reasoning": "object",
    "verbosity": "text",
    "metadata": "object",
    "store": "true or false",
    "prompt_cache_retention": "text",
    "include_usage": "true or false",
    "response_include": "list",
    "top_logprobs": "whole number",
    "extra_query": "object",
    "extra_body": "object",
    "extra_headers": "object",
    "extra_args": "object",
    "retry": "object",
    "context_management": "list",
    "prompt_cache_options": "object",
    "preserve_raw_usage": "true or false",
    "timeout": "number",
}
"""The settings of the SDK, by name; written down here because asking it takes seconds."""

_PYTHON: Mapping[str, tuple[type, ...]] = {
    "number": (int, float),
    "whole number": (int,),
    "true or false": (bool,),
    "text": (str,),
    "list": (list,),
    "object": (dict,),
    "text or object": (str, dict),
}


def is_one(value: Any, kind: Kind) -> bool:
    """Whether a value is one of the kind."""
    # To Python, true is a number.
    is_flag = isinstance(value, bool)
    return isinstance(value, _PYTHON[kind]) and is_flag == (kind == "true or false")


def no_setting(name: str) -> tuple[str, str]:
    """The message and the hint for an unknown setting."""
    close = closest(name, KINDS)
    hint = f"there are {', '.join(KINDS)}" if close is None else f"did you mean {close}?"
    return f"there is no model setting {name!r}", hint


def mistake(name: str, value: Any) -> str | None:
    """What is wrong with a setting or its value; None if it is valid."""
    kind = KINDS.get(name)
    if kind is None:
        return joined(*no_setting(name))
    if is_one(value, kind):
        return None
    return f"the setting {name} is {with_article(kind)}, not {value!r}"


def with_article(kind: Kind) -> str:
    """The kind in words."""
    if kind in {"text", "text or object", "true or false"}:
        return kind
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def merged(settings: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a model overridden by others; nested settings are merged one by one."""
    both = dict(settings)
    for name, value in over.items():
        below = both.get(name)
        inside = isinstance(value, Mapping) and isinstance(below, Mapping)
        both[name] = {**below, **value} if inside else value  # type: ignore[dict-item]
    return both
