"""Model settings as they are given on the command line: `-o temperature=0.2`."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from convo_cli.agent.errors import ChoiceError

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


def model_settings(given: Iterable[str]) -> dict[str, Any]:
    """What `KEY=VALUE` strings come to; `reasoning.effort=low` is a value inside of a setting.

    A value is JSON, or else text. Raises ChoiceError.
    """
    settings: dict[str, Any] = {}
    for option in given:
        key, equals, value = option.partition("=")
        if not equals or not key:
            raise ChoiceError(f"the setting {option!r} has no value", hint="a setting is KEY=VALUE")
        name, *inside = key.strip().split(".")
        kind = _kind(name)
        if inside:
            _put_inside(settings, name, kind, inside, _parsed(value))
        else:
            settings[name] = _checked(name, kind, value)
    return settings


def _kind(name: str) -> Kind:
    kind = KINDS.get(name)
    if kind is None:
        # Loaded here because only a mistake needs it.
        from difflib import get_close_matches

        close = get_close_matches(name, KINDS, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(KINDS)}"
        raise ChoiceError(f"there is no model setting {name!r}", hint=hint)
    return kind


def _checked(name: str, kind: Kind, value: str) -> Any:
    if kind == "text":
        return value
    parsed = _parsed(value)
    if not _is_one(parsed, kind):
        raise ChoiceError(f"the setting {name} is {_with_article(kind)}, not {value!r}")
    return parsed


def check_setting(name: str, value: Any) -> None:
    """Raise ChoiceError unless a value that is no text any more is one of the setting."""
    kind = _kind(name)
    if not _is_one(value, kind):
        raise ChoiceError(f"the setting {name} is {_with_article(kind)}, not {value!r}")


def _is_one(value: Any, kind: Kind) -> bool:
    # To Python, true is a number.
    is_flag = isinstance(value, bool)
    return isinstance(value, _PYTHON[kind]) and is_flag == (kind == "true or false")


def _put_inside(
    settings: dict[str, Any], name: str, kind: Kind, inside: list[str], value: Any
) -> None:
    if "object" not in kind:
        raise ChoiceError(f"the setting {name} is {_with_article(kind)}: nothing is inside of it")
    place = settings.setdefault(name, {})
    *outer, last = inside
    for key in outer:
        place = place.setdefault(key, {}) if isinstance(place, dict) else None
    if not isinstance(place, dict):
        raise ChoiceError(f"the setting {name}.{'.'.join(inside)} is given in two ways")
    place[last] = value


def _parsed(value: str) -> Any:
    try:
        return json.loads(value, parse_constant=_refuse)
    except ValueError:
        return value


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _with_article(kind: Kind) -> str:
    if kind in {"text", "text or object", "true or false"}:
        return kind
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
