"""Which fields the two APIs know, taken from the types of OpenAI's own library."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from openai.types.chat import (
    ChatCompletionAssistantMessageParam,
    ChatCompletionDeveloperMessageParam,
    ChatCompletionFunctionMessageParam,
    ChatCompletionSystemMessageParam,
    ChatCompletionToolMessageParam,
    ChatCompletionUserMessageParam,
)
from openai.types.chat.completion_create_params import CompletionCreateParamsBase
from openai.types.responses.response_create_params import ResponseCreateParamsBase
from openai.types.responses.response_input_item_param import ResponseInputItemParam

_STREAM = frozenset({"stream"})
"""Added by the variants of both types for requests that are streamed."""

MESSAGES: Mapping[str, type] = {
    "assistant": ChatCompletionAssistantMessageParam,
    "developer": ChatCompletionDeveloperMessageParam,
    "function": ChatCompletionFunctionMessageParam,
    "system": ChatCompletionSystemMessageParam,
    "tool": ChatCompletionToolMessageParam,
    "user": ChatCompletionUserMessageParam,
}


@cache
def responses_fields() -> frozenset[str]:
    """The fields of a request for a response."""
    return frozenset(get_type_hints(ResponseCreateParamsBase)) | _STREAM


@cache
def chat_fields() -> frozenset[str]:
    """The fields of a request for a chat completion."""
    return frozenset(get_type_hints(CompletionCreateParamsBase)) | _STREAM


@cache
def message_fields(role: str) -> frozenset[str]:
    """The fields of a chat message."""
    return frozenset(get_type_hints(MESSAGES[role]))


@cache
def item_fields() -> Mapping[str, frozenset[str]]:
    """The fields of each type of input item; a message has those of all its three forms."""
    found: dict[str, frozenset[str]] = {}
    for param in get_args(ResponseInputItemParam):
        hints = get_type_hints(param)
        for name in _literals(hints["type"]):
            found[name] = found.get(name, frozenset()) | frozenset(hints)
    return found


def _literals(hint: Any) -> Iterator[str]:
    """The strings of a Literal, however deeply wrapped."""
    if isinstance(hint, str):
        yield hint
    elif get_origin(hint) is not None:
        for inner in get_args(hint):
            yield from _literals(inner)
