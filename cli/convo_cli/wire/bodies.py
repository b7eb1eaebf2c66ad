"""Makes the bodies of requests for plain questions.

They have the same fields that the Agents SDK sends for an agent without tools; a test compares the
two.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from convo_cli.wire.answer_form import chat_form, responses_form
from convo_cli.wire.kinds import Item
from convo_cli.wire.messages import messages_of

Body = dict[str, Any]
Settings = Mapping[str, Any]

_PLACEHOLDER = "__fake_id__"

_CHAT = (
    "temperature",
    "top_p",
    "frequency_penalty",
    "presence_penalty",
    "max_tokens",
    "store",
    "verbosity",
    "top_logprobs",
    "prompt_cache_retention",
    "metadata",
)
_RESPONSES = (
    "temperature",
    "top_p",
    "truncation",
    "store",
    "prompt_cache_retention",
    "reasoning",
    "metadata",
)


class Asked(NamedTuple):
    """The contents of a request; `is_openai` is true only for OpenAI's own API.

    `conversation` is the same for all turns of a conversation. The answer has to fit `schema`.
    """

    model: str
    items: Sequence[Item]
    instructions: str | None
    streams: bool
    is_openai: bool
    conversation: str
    schema: Mapping[str, Any] | None = None


def chat_body(asked: Asked, settings: Settings) -> Body:
    """The request for a chat completion."""
    body: Body = {
        "model": asked.model,
        "messages": messages_of(asked.items, asked.model, asked.instructions),
        **_given(settings, _CHAT),
    }
    if asked.is_openai:
        body = {"store": True, **body, "prompt_cache_key": _cache_key(asked.conversation)}
    if asked.streams:
        counted = settings.get("include_usage", True)
        body |= {"stream": True, "stream_options": {"include_usage": counted}}
    effort = (settings.get("reasoning") or {}).get("effort")
    if effort is not None:
        body["reasoning_effort"] = effort
    if "top_logprobs" in body:
        body["logprobs"] = True
    if asked.schema is not None:
        body["response_format"] = chat_form(asked.schema)
    return body


def responses_body(asked: Asked, settings: Settings) -> Body:
    """The request for a response."""
    include = set(settings.get("response_include") or ())
    body: Body = {
        "model": asked.model,
        "input": [_without_placeholder(item) for item in asked.items],
        "tools": [],
        **_given(settings, _RESPONSES),
    }
    if asked.instructions is not None:
        body["instructions"] = asked.instructions
    if "max_tokens" in settings:
        body["max_output_tokens"] = settings["max_tokens"]
    if "top_logprobs" in settings:
        body["top_logprobs"] = settings["top_logprobs"]
        include.add("message.output_text.logprobs")
    text = _given(settings, ("verbosity",))
    if asked.schema is not None:
        text["format"] = responses_form(asked.schema)
    if text:
        body["text"] = text
    if asked.streams:
        body["stream"] = True
    if asked.is_openai:
        body["prompt_cache_key"] = _cache_key(asked.conversation)
    return {**body, "include": sorted(include)}


def _given(settings: Settings, names: Sequence[str]) -> Body:
    return {name: settings[name] for name in names if name in settings}


def _cache_key(conversation: str) -> str:
    """The key by which a server finds requests that begin alike, in the SDK's form."""
    return f"agents-sdk:session:{sha256(conversation.encode()).hexdigest()[:32]}"


def _without_placeholder(item: Item) -> Item:
    if item.get("id") != _PLACEHOLDER:
        return item
    return {key: value for key, value in item.items() if key != "id"}
