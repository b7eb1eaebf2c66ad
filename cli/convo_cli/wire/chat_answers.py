"""Normalises chat completions of any server to the form that OpenAI uses."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from convo_cli.wire.thinking import parted
from convo_cli.wire.tokens import counted, estimate

JsonObject = dict[str, Any]

_FORMS: Mapping[str, type | tuple[type, ...]] = {
    "content": (str, list),
    "reasoning_content": str,
    "refusal": str,
    "thinking_blocks": list,
    "tool_calls": list,
}
"""The fields of a message that are left out if they have another form."""


def whole_answer(body: JsonObject, request: Mapping[str, Any]) -> tuple[JsonObject, bool]:
    """A completion that was not streamed, normalised, and whether its tokens are an estimate.

    Reasoning is separated from the answer, and a complete answer gets a finish reason.
    """
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        return body, False
    message = choices[0].get("message")
    if not isinstance(message, dict):
        return body, False
    mended = _message(message)
    reason = choices[0].get("finish_reason") or end_reason(mended)
    first = {**choices[0], "index": 0, "message": mended, "finish_reason": reason}
    first["logprobs"] = sound_logprobs(first.get("logprobs"))
    usage = counted(usage_of(body), "chat")
    told = usage or estimate(request, said_in(mended), "chat")
    return {**body, "choices": [first, *choices[1:]], "usage": told}, usage is None


def chunks_of(body: JsonObject) -> Iterator[JsonObject]:
    """A whole completion as the chunks of a stream."""
    head: JsonObject = {name: body[name] for name in ("id", "created", "model") if name in body}
    for choice in body["choices"][:1]:
        message = choice["message"]
        calls = [{**call, "index": at} for at, call in enumerate(message.get("tool_calls") or ())]
        delta = {name: value for name, value in message.items() if value and name != "tool_calls"}
        yield _chunk(head, {**delta, **({"tool_calls": calls} if calls else {})}, None)
        yield _chunk(head, {}, choice["finish_reason"])
    yield {**head, "object": "chat.completion.chunk", "choices": [], "usage": body["usage"]}


def _chunk(head: JsonObject, delta: JsonObject, reason: str | None) -> JsonObject:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return {**head, "object": "chat.completion.chunk", "choices": [choice]}


def usage_of(body: Mapping[str, Any]) -> Any:
    """The usage in a body or a chunk; Groq puts that of a stream into a field of its own."""
    groq = body.get("x_groq")
    return body.get("usage") or (groq.get("usage") if isinstance(groq, Mapping) else None)


def end_reason(message: Mapping[str, Any]) -> str | None:
    """The finish reason of a complete answer that has none; None if there is no answer."""
    if message.get("tool_calls"):
        return "tool_calls"
    return "stop" if message.get("content") or message.get("refusal") else None


def said_in(message: Mapping[str, Any]) -> str:
    """All text that a model wrote in a message."""
    texts = [message.get(name) for name in ("reasoning_content", "reasoning", "content", "refusal")]
    for call in message.get("tool_calls") or ():
        function = call.get("function") or {}
        texts += [function.get("name"), function.get("arguments")]
    return "".join(text for text in texts if isinstance(text, str))


def plain_content(fields: JsonObject) -> JsonObject:
    """A message or a delta with its content as one text, and reasoning in a field of its own."""
    fields = {name: value for name, value in fields.items() if _has_form(name, value)}
    if blocks := fields.get("thinking_blocks"):
        fields["thinking_blocks"] = [block for block in blocks if _is_block(block)]
    if not fields.get("audio"):
        fields.pop("audio", None)
    if fields.get("reasoning") and fields.get("reasoning_content"):
        # Servers that are renaming the field send the same text in both.
        fields = {name: value for name, value in fields.items() if name != "reasoning"}
    content = fields.get("content")
    if not isinstance(content, list):
        return fields
    texts: dict[str, str] = {}
    for part in content:
        if isinstance(part, Mapping):
            name = "reasoning_content" if part.get("type") == "thinking" else "content"
            texts[name] = texts.get(name, "") + _text(part.get("thinking") or part.get("text"))
    return {**fields, "content": texts.get("content"), **texts}


def _has_form(name: str, value: Any) -> bool:
    return value is None or name not in _FORMS or isinstance(value, _FORMS[name])


def _is_block(block: Any) -> bool:
    if not isinstance(block, Mapping):
        return False
    return all(isinstance(block.get(name), str | None) for name in ("thinking", "signature"))


def sound_logprobs(logprobs: Any) -> Any:
    """The log probabilities of a choice; None if they are not those of tokens."""
    tokens = logprobs.get("content") if isinstance(logprobs, Mapping) else None
    return logprobs if isinstance(tokens, list) and all(map(_is_token, tokens)) else None


def _is_token(token: Any) -> bool:
    if not _is_scored(token):
        return False
    tops = token.get("top_logprobs")
    return isinstance(tops, list) and all(map(_is_scored, tops))


def _is_scored(token: Any) -> bool:
    if not isinstance(token, Mapping) or not isinstance(token.get("bytes"), list | None):
        return False
    return isinstance(token.get("token"), str) and isinstance(token.get("logprob"), int | float)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "".join(_text(part.get("text")) for part in value if isinstance(part, Mapping))
    return value if isinstance(value, str) else ""


def as_arguments(value: Any) -> str:
    """The arguments of a call as text; some servers send an object instead."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def as_name(value: Any) -> str:
    """The name of a called function as text."""
    return value if isinstance(value, str) else ""


def _message(message: JsonObject) -> JsonObject:
    made = plain_content(message)
    if isinstance(made.get("content"), str):
        thought, answered = parted(made["content"])
        if answered != made["content"]:
            made = {**made, "content": answered or None}
        if thought:
            made["reasoning_content"] = (made.get("reasoning_content") or "") + thought
    calls = made.get("tool_calls")
    if isinstance(calls, list):
        made = {**made, "tool_calls": [_call(call) for call in calls if _is_call(call)]}
    return made


def _is_call(call: Any) -> bool:
    return isinstance(call, Mapping) and isinstance(call.get("function") or {}, Mapping)


def _call(call: JsonObject) -> JsonObject:
    if call.get("type", "function") not in ("function", None):
        return call
    function = call.get("function") or {}
    arguments = as_arguments(function.get("arguments"))
    name = as_name(function.get("name"))
    mended = {**function, "name": name, "arguments": arguments or "{}"}
    return {**call, "type": "function", "function": mended}
