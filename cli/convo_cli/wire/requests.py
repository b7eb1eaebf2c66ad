"""The last step before a request is sent: it is made valid, without what the server refused."""

from collections.abc import Iterator
from typing import Any

from convo_cli.wire.call_ids import CallIds
from convo_cli.wire.kinds import Item
from convo_cli.wire.legal import legal, legal_arguments
from convo_cli.wire.refusals import SEALED, THOUGHTS, Refusals
from convo_cli.wire.responses import for_responses, without_stored

Body = dict[str, Any]


def chat_request(body: Body, refusals: Refusals) -> Body:
    """The request for a chat completion, without lone surrogates, and with arguments in JSON.

    Servers report the usage of a stream only on request, with a field that some refuse.
    """
    made: Body = legal(body)
    if refusals.stream_options or made.get("stream_options") == {"include_usage": False}:
        made.pop("stream_options", None)
    for call in _calls(made.get("messages")):
        function = call.get("function")
        if isinstance(function, dict):
            function["arguments"] = legal_arguments(function.get("arguments"))
    if refusals.thoughts:
        _drop_thoughts(made.get("messages"))
    if refusals.no_thoughts:
        _add_thoughts(made.get("messages"))
    if refusals.long_ids:
        _shorten_ids(made.get("messages"))
    return made


def responses_request(body: Body, refusals: Refusals) -> Body:
    """The request for a response, with whole items if the server cannot look them up.

    A server that stores nothing is asked for the encrypted content of reasoning, which is sent back
    to it.
    """
    made: Body = legal(body)
    is_stored = made.get("store") is not False
    if not refusals.sealing and (refusals.stored_items or not is_stored):
        include = list(made.get("include") or ())
        made["include"] = include if SEALED in include else [*include, SEALED]
    if isinstance(made.get("input"), list):
        made["input"] = _input(made["input"], is_stored, refusals)
    return made


def taken_ids(body: Body) -> Iterator[str]:
    """The ids of the calls in a request."""
    items = body.get("input")
    calls = [*_calls(body.get("messages")), *(items if isinstance(items, list) else ())]
    for call in calls:
        for name in ("id", "call_id"):
            if isinstance(call, dict) and isinstance(call.get(name), str):
                yield call[name]


def _input(items: list[Item], is_stored: bool, refusals: Refusals) -> list[Item]:
    if refusals.stored_items or refusals.sealed_reasoning:
        return without_stored(items, keeps_encrypted=not refusals.sealed_reasoning)
    return items if is_stored else for_responses(items, is_stored=False)


def _drop_thoughts(messages: Any) -> None:
    for message in messages if isinstance(messages, list) else ():
        for name in THOUGHTS:
            message.pop(name, None)


def _add_thoughts(messages: Any) -> None:
    """Give a space as reasoning to the model's messages that have none.

    DeepSeek refuses messages without reasoning, or with an empty text.
    """
    for message in messages if isinstance(messages, list) else ():
        if message.get("role") == "assistant" and not message.get("reasoning_content"):
            message["reasoning_content"] = " "


def _shorten_ids(messages: Any) -> None:
    """Give all calls ids in the form that every server accepts."""
    ids = CallIds()
    own: dict[str, str] = {}
    for call in _calls(messages):
        own[call["id"]] = call["id"] = ids.short(call["id"])
    for message in messages if isinstance(messages, list) else ():
        if message.get("role") == "tool":
            given = message["tool_call_id"]
            message["tool_call_id"] = own.get(given, given)


def _calls(messages: Any) -> Iterator[Item]:
    for message in messages if isinstance(messages, list) else ():
        calls = message.get("tool_calls") if isinstance(message, dict) else None
        for call in calls if isinstance(calls, list) else ():
            if isinstance(call, dict):
                yield call
