"""Everything sent is valid by the API's own types; the client alone would overlook what is not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from tests.server import Answer, Fault, Request, ToolCall, Usage
from tests.server.steps import Broken, Failed
from tests.server.wire import Frame, until_last_delta
from tests.server.wire_chat import ChatWire
from tests.server.wire_responses import ResponsesWire

EVERYTHING = Answer(
    "The capital is Paris.",
    calls=[ToolCall("get_weather", {"city": "Paris"}), ToolCall("broken", "{not json")],
    reasoning="Which country?",
    refusal="No more.",
    usage=Usage(12, 7, cached=4, reasoning=3),
)
ANSWERS = [
    EVERYTHING,
    Answer(""),
    Answer("x", usage=None),
    Fault.truncated("x"),
    Fault.content_filter(),
]
answers = pytest.mark.parametrize("answer", ANSWERS, ids=repr)
FAILURES = [Fault.failed(after="x"), Fault.error_event(after="x")]


def request(**more: Any) -> Request:
    return Request("POST", "/", {}, {"model": "test-model", "input": "x", **more})


def check(kind: Any, data: object) -> None:
    TypeAdapter(kind).validate_python(data)


def payloads(frames: list[Frame]) -> list[Any]:
    return [json.loads(frame.data) for frame in frames if frame.data != "[DONE]"]


@answers
def test_responses(answer: Answer) -> None:
    check(Response, ResponsesWire(request()).body(answer))
    frames = list(ResponsesWire(request(stream=True)).frames(answer))
    for frame, event in zip(frames, payloads(frames), strict=True):
        assert frame.event == event["type"]
        check(ResponseStreamEvent, event)


@answers
def test_chat_completions(answer: Answer) -> None:
    check(ChatCompletion, ChatWire(request()).body(answer))
    options = {"include_usage": True}
    frames = list(ChatWire(request(stream=True, stream_options=options)).frames(answer))
    assert frames[-1].data == "[DONE]"
    for chunk in payloads(frames):
        check(ChatCompletionChunk, chunk)


@pytest.mark.parametrize("failed", FAILURES, ids=repr)
def test_failures_of_responses(failed: Failed) -> None:
    for event in payloads(list(ResponsesWire(request()).failed_frames(failed))):
        check(ResponseStreamEvent, event)


@pytest.mark.parametrize("wire", [ResponsesWire, ChatWire])
@pytest.mark.parametrize("text", ["", "Par", "The capital"])
def test_a_broken_stream_ends_with_its_text(
    wire: type[ResponsesWire] | type[ChatWire], text: str
) -> None:
    assert Fault.cut_after(text) == Broken("cut", text)
    frames = until_last_delta(wire(request()).frames(Answer(text)))
    deltas = [frame for frame in frames if frame.is_delta]
    assert len(deltas) == len(text.split())
    assert frames[-1].is_delta == bool(text)


def test_a_frame_is_a_server_sent_event() -> None:
    frame = Frame('{"text":"Zürich"}', "response.created")
    assert frame.encoded() == 'event: response.created\ndata: {"text":"Zürich"}\n\n'.encode()
    assert Frame("[DONE]").encoded() == b"data: [DONE]\n\n"
