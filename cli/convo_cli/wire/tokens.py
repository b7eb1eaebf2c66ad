"""The usage of an answer: as the server reported it, or else an estimate."""

import json
from collections.abc import Mapping
from typing import Any, Literal

_BYTES_PER_TOKEN = 4
_MOST_TOKENS = 2**53
"""Larger counts are damaged: sums of them do not fit into a database."""

_DETAILS = frozenset(
    {
        "prompt_tokens_details",
        "completion_tokens_details",
        "input_tokens_details",
        "output_tokens_details",
    }
)

_NAMES = {
    "chat": ("prompt_tokens", "completion_tokens"),
    "responses": ("input_tokens", "output_tokens"),
}
_SENT = ("instructions", "input", "messages", "tools")
_WORDS = frozenset({"text", "content", "instructions", "arguments", "output", "input", "refusal"})


def estimated_tokens(*texts: str) -> int:
    """An estimate of the tokens in these texts: their UTF-8 bytes divided by four, rounded up."""
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
    return -(-size // _BYTES_PER_TOKEN)


def text_of_tokens(text: str, count: int) -> str:
    """The beginning of a text, about `count` tokens long."""
    return text.encode("utf-8", "replace")[: count * _BYTES_PER_TOKEN].decode("utf-8", "ignore")


def counted(usage: Any, api: Literal["chat", "responses"]) -> dict[str, Any] | None:
    """The usage with all three numbers; None if the server reported none."""
    if not isinstance(usage, Mapping):
        return None
    names = (*_NAMES[api], "total_tokens")
    read, written, total = (_number(usage.get(name)) for name in names)
    if not (read or written or total):
        return None
    if written is None:
        written = max((total or 0) - (read or 0), 0)
    if read is None:
        read = max((total or 0) - written, 0)
    made = {**usage, names[0]: read, names[1]: written, names[2]: total or read + written}
    for name in made.keys() & _DETAILS:
        made[name] = _numbers(made[name]) if isinstance(made[name], Mapping) else None
    return _detailed(made) if api == "responses" else made


def estimate(
    request: Mapping[str, Any], said: str, api: Literal["chat", "responses"]
) -> dict[str, Any]:
    """An estimated usage for a request and its answer."""
    read = estimated_tokens(*_words({name: request[name] for name in _SENT if name in request}))
    written = estimated_tokens(said)
    first, second = _NAMES[api]
    made = {first: read, second: written, "total_tokens": read + written}
    return _detailed(made) if api == "responses" else made


def _detailed(usage: dict[str, Any]) -> dict[str, Any]:
    """The usage with the details that OpenAI's Responses API always has, and others omit."""
    known = {
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": 0},
    }
    given = {name: usage[name] for name in known if isinstance(usage.get(name), Mapping)}
    return {**usage, **{name: {**each, **given.get(name, {})} for name, each in known.items()}}


def _number(value: Any) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 <= value <= _MOST_TOKENS else None


def _numbers(details: Mapping[str, Any]) -> dict[str, Any]:
    """The details that are counts of tokens."""
    numbers = {name: _number(one) for name, one in details.items()}
    return {name: one for name, one in numbers.items() if one is not None}


def _words(value: Any, name: str = "") -> list[str]:
    """The texts that a model is sent, without images and files."""
    if isinstance(value, str):
        return [value] if name in _WORDS or not name else []
    if isinstance(value, list):
        return [word for one in value for word in _words(one, name)]
    if not isinstance(value, Mapping):
        return []
    if name == "tools":
        return [json.dumps(value, ensure_ascii=False)]
    return [word for key, one in value.items() for word in _words(one, key)]
