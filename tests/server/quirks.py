"""Ways in which servers answer otherwise than OpenAI: a plain answer, put into each of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from tests.server.received import Request
from tests.server.steps import Answer, Raw
from tests.server.wire_chat import ChatWire

JsonObject = dict[str, Any]
Chunks = list[JsonObject]

_COUNTED = {"include_usage": True}
_STREAM = {"content-type": "text/event-stream"}


def quirky(answer: Answer, *quirks: str) -> Callable[[Request], Raw]:
    """A step that gives this answer in those ways, streamed or not as it is asked for."""
    return partial(_answered, quirks, answer)


def _answered(quirks: tuple[str, ...], answer: Answer, request: Request) -> Raw:
    other = "one JSON body" if request.streamed else "a stream for a whole answer"
    if request.streamed == (other in quirks):
        body = ChatWire(request).body(answer)
        for quirk in quirks:
            body = WHOLE.get(quirk, _same)(body)
        return Raw(200, json.dumps(body, indent=1), {"content-type": "application/json"})
    if not request.streamed:
        # Nobody has asked for the usage of a stream that nobody has asked for.
        request = replace(request, body={**request.data, "stream_options": _COUNTED})
    data = [frame.data for frame in ChatWire(request).frames(answer) if frame.data != "[DONE]"]
    chunks = [json.loads(each) for each in data]
    for quirk in quirks:
        chunks = CHUNKS.get(quirk, _same)(chunks)
    events = [f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n" for chunk in chunks]
    events.append("data: [DONE]\n\n")
    for quirk in quirks:
        events = STREAM.get(quirk, _same)(events)
    return Raw(200, "".join(events), _STREAM)


def _same(value: Any) -> Any:
    return value


def _choices(chunks: Chunks) -> Iterator[JsonObject]:
    return (choice for chunk in chunks for choice in chunk["choices"])


def _deltas(chunks: Chunks) -> Iterator[JsonObject]:
    return (choice["delta"] for choice in _choices(chunks))


def _calls(chunks: Chunks) -> Iterator[JsonObject]:
    return (call for delta in _deltas(chunks) for call in delta.get("tool_calls", ()))


def _no_reason(chunks: Chunks) -> Chunks:
    for choice in _choices(chunks):
        choice["finish_reason"] = None
    return chunks


def _no_index(chunks: Chunks) -> Chunks:
    for call in _calls(chunks):
        del call["index"]
    return chunks


def _one_index(chunks: Chunks) -> Chunks:
    for call in _calls(chunks):
        call["index"] = 0
    return chunks


def _no_ids(chunks: Chunks) -> Chunks:
    for call in _calls(chunks):
        call.pop("id", None)
    return chunks


def _neither(chunks: Chunks) -> Chunks:
    return _no_ids(_no_index(chunks))


def _tags(chunks: Chunks) -> Chunks:
    """What is thought as text between tags, of which every piece has three characters."""
    thought = "".join(delta.pop("reasoning_content", "") for delta in _deltas(chunks))
    text = f"\n<think>\n{thought}</think>\n\n"
    pieces = [text[at : at + 3] for at in range(0, len(text), 3)]
    tagged = [_content(chunks[0], piece) for piece in pieces]
    return [chunks[0], *tagged, *chunks[1:]]


def _content(like: JsonObject, piece: str) -> JsonObject:
    choice = {"index": 0, "delta": {"content": piece}, "finish_reason": None}
    return {**like, "choices": [choice]}


def _filter_results(chunks: Chunks) -> Chunks:
    results = [{"prompt_index": 0, "content_filter_results": {"hate": {"filtered": False}}}]
    first = {"id": "", "object": "", "created": 0, "model": "", "choices": []}
    for choice in _choices(chunks):
        choice["content_filter_results"] = {}
    return [{**first, "prompt_filter_results": results}, *chunks]


def _no_role(chunks: Chunks) -> Chunks:
    for delta in _deltas(chunks):
        delta.pop("role", None)
    return chunks


def _usage_everywhere(chunks: Chunks) -> Chunks:
    counted = chunks[-1].get("usage") or {}
    for at, chunk in enumerate(chunks[:-1], 1):
        chunk["usage"] = {**counted, "completion_tokens": at, "total_tokens": 10 + at}
    return chunks


def _reasoning(chunks: Chunks) -> Chunks:
    for delta in _deltas(chunks):
        if "reasoning_content" in delta:
            delta["reasoning"] = delta.pop("reasoning_content")
    return chunks


def _parts(chunks: Chunks) -> Chunks:
    for delta in _deltas(chunks):
        if delta.get("content"):
            delta["content"] = [{"type": "text", "text": delta["content"]}]
        if "reasoning_content" in delta:
            said = [{"type": "text", "text": delta.pop("reasoning_content")}]
            delta["content"] = [{"type": "thinking", "thinking": said}]
    return chunks


def _messages(chunks: Chunks) -> Chunks:
    for choice in _choices(chunks):
        choice["message"] = choice.pop("delta")
    return chunks


def _groq(chunks: Chunks) -> Chunks:
    usage = chunks.pop().get("usage")
    chunks[-1]["x_groq"] = {"usage": usage}
    return chunks


def _objects(chunks: Chunks) -> Chunks:
    """Each call in one piece, with its arguments as an object."""
    whole: dict[int, JsonObject] = {}
    for delta in _deltas(chunks):
        for call in delta.pop("tool_calls", ()):
            known = whole.setdefault(call["index"], call)
            if known is not call:
                known["function"]["arguments"] += call["function"]["arguments"]
    for call in whole.values():
        call["function"]["arguments"] = json.loads(call["function"]["arguments"])
    if whole:
        next(_deltas(chunks))["tool_calls"] = list(whole.values())
    return chunks


def _whole_tags(body: JsonObject) -> JsonObject:
    message = body["choices"][0]["message"]
    thought = message.pop("reasoning_content", "")
    message["content"] = f"<think>\n{thought}</think>\n\n{message['content'] or ''}"
    return body


def _whole_reasoning(body: JsonObject) -> JsonObject:
    message = body["choices"][0]["message"]
    if "reasoning_content" in message:
        message["reasoning"] = message.pop("reasoning_content")
    return body


def _whole_parts(body: JsonObject) -> JsonObject:
    message = body["choices"][0]["message"]
    said = [{"type": "text", "text": message.pop("reasoning_content", "")}]
    text = {"type": "text", "text": message["content"] or ""}
    message["content"] = [{"type": "thinking", "thinking": said}, text]
    return body


def _whole_no_ids(body: JsonObject) -> JsonObject:
    for call in body["choices"][0]["message"].get("tool_calls", ()):
        del call["id"]
    return body


def _whole_objects(body: JsonObject) -> JsonObject:
    for call in body["choices"][0]["message"].get("tool_calls", ()):
        call["function"]["arguments"] = json.loads(call["function"]["arguments"])
    return body


def _whole_no_reason(body: JsonObject) -> JsonObject:
    del body["choices"][0]["finish_reason"]
    return body


CHUNKS: dict[str, Callable[[Chunks], Chunks]] = {
    "no finish_reason": _no_reason,
    "calls without an index": _no_index,
    "calls with one index": _one_index,
    "calls without an id": _no_ids,
    "calls without either": _neither,
    "thinking in tags": _tags,
    "a first chunk without choices": _filter_results,
    "no role": _no_role,
    "usage in every chunk": _usage_everywhere,
    "reasoning in its own field": _reasoning,
    "content in parts": _parts,
    "messages for deltas": _messages,
    "usage beside the answer": _groq,
    "arguments as an object": _objects,
}
WHOLE: dict[str, Callable[[JsonObject], JsonObject]] = {
    "no finish_reason": _whole_no_reason,
    "calls without an id": _whole_no_ids,
    "calls without either": _whole_no_ids,
    "thinking in tags": _whole_tags,
    "reasoning in its own field": _whole_reasoning,
    "content in parts": _whole_parts,
    "arguments as an object": _whole_objects,
}
STREAM: dict[str, Callable[[list[str]], list[str]]] = {
    "comments": lambda events: [f": OPENROUTER PROCESSING\n\n{event}" for event in events],
    "CRLF": lambda events: [event.replace("\n", "\r\n") for event in events],
    "no [DONE]": lambda events: events[:-1],
    "no blank line at its end": lambda events: [*events[:-1], events[-1].rstrip("\r\n")],
}
QUIRKS = (
    *CHUNKS,
    *STREAM,
    "one JSON body",
    "a stream for a whole answer",
)
"""All of them, by name."""
