"""What comes of an answer is the same without the Agents SDK as with it, whatever it is."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from convo.errors import ModelError
from convo.pending.pending import Progress
from convo_cli.agent.host import AgentHost
from convo_cli.plain.host import PlainHost
from convo_cli.turn.choice import Api, ModelChoice
from convo_cli.turn.events import Event, TextDelta, ToolCalled
from tests.cli.agent.asking import KEY, both_apis, both_ways
from tests.server import Answer, Fault, OpenAIServer, Raw, Request, ToolCall, Usage
from tests.server.quirks import QUIRKS, quirky
from tests.server.steps import Step

Shown = tuple[Any, ...]

_MADE_UP = re.compile(r"\b((?:call|chatcmpl|fc|msg|resp|rs)[-_])[0-9a-f]{32}")

_OPTIONS = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Parrot:
    """Gives one answer to all requests, byte for byte the same."""

    def __init__(self) -> None:
        self._step: Step = Answer()
        self._reply: Any = None
        self.server = OpenAIServer(profile="vllm", default=self._answered)

    def gives(self, step: Step) -> None:
        self._step, self._reply = step, None

    def _answered(self, request: Request) -> Any:
        if self._reply is None:
            self._reply = self._step(request) if callable(self._step) else self._step
        return self._reply


@pytest.fixture(scope="module")
def server() -> Iterator[Parrot]:
    parrot = Parrot()
    with parrot.server:
        yield parrot


async def came(host: AgentHost | PlainHost, server: OpenAIServer, api: Api, stream: bool) -> Shown:
    """All that a turn shows, keeps and costs, but for the time that it takes."""
    choice = ModelChoice(
        model="test-model", base_url=server.base_url, api=api, stream=stream, timeout=5
    )
    events: list[Event] = []
    kept: list[Progress] = []

    async def keep(progress: Progress) -> None:
        kept.append(progress)

    outcome: Any = None
    try:
        async with host:
            found = await host.run_turn(choice, [], "Hello?", events.append, on_progress=keep)
        outcome = replace(found, items=_nameless(found.items), run=_timeless(found.run))
    except ModelError as error:
        outcome = str(error), error.hint
    # A piece without a letter shows nothing.
    shown = [event for event in events if event != TextDelta("")]
    return (
        shown,
        outcome,
        [each._replace(items=_nameless(each.items), run=_timeless(each.run)) for each in kept],
    )


def _timeless(run: Any) -> Any:
    return run and run._replace(
        started_at=None,
        duration_s=None,
        first_token_s=None,
        tool_times=None,
        request_entries=_nameless(run.request_entries),
    )


def _nameless(items: Any) -> Any:
    """The items without the ids that the server makes up for each answer."""
    return json.loads(_MADE_UP.sub(r"\1", json.dumps(list(items))))


def alike(server: Parrot, step: Step, api: Api, stream: bool) -> None:
    """Assert that the same comes of an answer in both ways."""

    async def both() -> None:
        plain = await came(PlainHost(), server.server, api, stream)
        assert plain == await came(AgentHost(), server.server, api, stream)

    server.gives(step)
    environ = {"OPENAI_API_KEY": KEY, "NO_PROXY": "127.0.0.1"}
    with (
        mock.patch.dict(os.environ, environ, clear=True),
        # Nobody has to wait for the next try.
        mock.patch("convo_cli.wire.retrying._FIRST_DELAY", 0.001),
        mock.patch("openai._base_client.INITIAL_RETRY_DELAY", 0.001),
    ):
        asyncio.run(both())


def events(*data: Any, done: bool = True) -> Raw:
    """A stream of these events, which may be bare text."""
    lines = [each if isinstance(each, str) else json.dumps(each) for each in data]
    body = "".join(f"data: {line}\n\n" for line in lines) + "data: [DONE]\n\n" * done
    return Raw(200, body, {"content-type": "text/event-stream"})


def whole(body: Any) -> Raw:
    return Raw(200, json.dumps(body), {"content-type": "application/json"})


THOUGHTFUL = Answer("Paris: Zürich is 東.", reasoning="Which one?")


@both_ways
@pytest.mark.parametrize("quirk", QUIRKS)
@pytest.mark.parametrize(
    "said", [THOUGHTFUL, Answer(calls=[ToolCall("f", {"a": 1}, "call_1")])], ids=["said", "called"]
)
def test_each_way_of_a_server(server: Parrot, said: Answer, quirk: str, stream: bool) -> None:
    alike(server, quirky(said, quirk), "chat", stream)


TEXTS = st.sampled_from(["", "a", "Hello ", "<think>hm</think>", "\ud83d", "東"])
FEW = st.sampled_from([None, "stop", "stop", "stop", "length", "content_filter", "tool_calls"])
COUNTED = st.sampled_from(
    [
        None,
        {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12},
        {"prompt_tokens": 9, "completion_tokens": 0, "total_tokens": 9},
        {"total_tokens": 7},
        {
            "prompt_tokens": 9,
            "completion_tokens": 3,
            "total_tokens": 12,
            "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": 1, "other": None},
            "completion_tokens_details": {"reasoning_tokens": 2},
        },
        {
            "prompt_tokens": 9,
            "completion_tokens": 3,
            "total_tokens": 12,
            "prompt_tokens_details": None,
            "cost": 0.5,
        },
    ]
)
CALLS = st.lists(
    st.fixed_dictionaries(
        {"function": st.sampled_from([{"name": "f", "arguments": "{}"}, {"name": "f"}])},
        optional={
            "index": st.integers(0, 1),
            "id": st.sampled_from(["call_1", "call_2", ""]),
            "type": st.sampled_from(["function", "custom"]),
            "extra_content": st.just({"google": {"thought_signature": "signed"}}),
        },
    ),
    max_size=2,
)
CITED = {"type": "url_citation", "start_index": 0, "end_index": 1, "url": "u", "title": "t"}
ANNOTATIONS = st.sampled_from(
    [None, [], [{"type": "url_citation", "url_citation": CITED}], [{"type": "odd"}]]
)
BLOCKS = st.sampled_from(
    [
        None,
        [{"type": "thinking", "thinking": "Hm."}],
        [{"type": "thinking", "signature": "signed"}],
        [{"type": "redacted_thinking", "data": "xyz"}],
    ]
)
LOGPROBS = st.sampled_from(
    [
        None,
        {"content": [{"token": "a", "logprob": -0.5, "bytes": [97], "top_logprobs": []}]},
        {
            "content": [
                {
                    "token": "a",
                    "logprob": -0.5,
                    "bytes": None,
                    "top_logprobs": [{"token": "b", "logprob": -1.0, "bytes": [98]}],
                }
            ]
        },
    ]
)
MESSAGE = {
    "content": st.one_of(TEXTS, st.none()),
    "role": st.just("assistant"),
    "reasoning_content": st.one_of(TEXTS, st.none()),
    "reasoning": st.one_of(TEXTS, st.none()),
    "annotations": ANNOTATIONS,
    "thinking_blocks": BLOCKS,
}
RARELY = {"refusal": st.sampled_from(["", "No."]), "tool_calls": CALLS}
DELTAS = st.one_of(
    st.fixed_dictionaries({}, optional=MESSAGE),
    st.fixed_dictionaries({}, optional=MESSAGE),
    st.fixed_dictionaries({}, optional=MESSAGE | RARELY),
)
CHUNKS = st.fixed_dictionaries(
    {
        "choices": st.lists(
            st.fixed_dictionaries(
                {"delta": DELTAS, "index": st.sampled_from([0, 0, 0, 1])},
                optional={"finish_reason": st.none(), "logprobs": LOGPROBS},
            ),
            max_size=2,
        )
    },
    optional={
        "id": st.sampled_from(["chatcmpl-1", "chatcmpl-2", ""]),
        "model": st.just("another"),
        "usage": COUNTED,
    },
)
ODD = st.sampled_from(
    [
        "{",
        "[]",
        {"error": {"message": "It broke.", "code": 500}},
        {"error": "broken"},
        {"choices": [], "prompt_filter_results": []},
        {"choices": [{"delta": {"audio": {"id": "a"}}, "index": 0}]},
    ]
)
ENDS = st.builds(
    lambda reason, usage: [
        {"id": "e", "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]},
        {"id": "e", "choices": [], "usage": usage},
    ],
    FEW,
    COUNTED,
)
STREAMS = st.builds(
    lambda chunks, odd, end, done: events(*chunks, *odd, *end, done=done),
    st.lists(CHUNKS, max_size=5),
    st.one_of(st.just([]), st.just([]), st.just([]), st.lists(ODD, max_size=1)),
    ENDS,
    st.booleans(),
)


OTHER_CALLS: list[Any] = [
    {"index": 0, "id": "call_1", "type": "custom", "custom": {"name": "g", "input": "a"}},
    {"index": 0, "custom": {"input": "b"}},
    {"index": 1, "id": "call_2", "type": "function", "function": {"name": "f", "arguments": "{}"}},
    {"type": "custom"},
    {"function": {"name": "f", "arguments": "{}"}},
]
"""Calls of other tools than functions, before some of functions."""


def said_by(*deltas: Any) -> Raw:
    """A stream of these deltas, and its end."""
    chunks = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    return events(*chunks, {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})


@_OPTIONS
@given(STREAMS)
@example(said_by(*({"tool_calls": [call]} for call in OTHER_CALLS)))
@example(said_by({"reasoning": "a"}, {"thinking_blocks": [{"thinking": "Hm."}], "content": "b"}))
def test_whatever_is_streamed_as_a_chat(server: Parrot, answer: Raw) -> None:
    alike(server, answer, "chat", True)


COMPLETIONS = st.fixed_dictionaries(
    {
        "choices": st.lists(
            st.fixed_dictionaries(
                {"message": st.fixed_dictionaries({}, optional=MESSAGE | RARELY)},
                optional={"finish_reason": FEW, "logprobs": LOGPROBS, "index": st.just(0)},
            ),
            max_size=1,
        )
    },
    optional={"id": st.just("chatcmpl-1"), "usage": COUNTED, "model": st.just("another")},
)


@_OPTIONS
@given(COMPLETIONS)
@example({"error": {"message": "It broke."}})
@example({"detail": "no such thing"})
@example([])
@example("text")
def test_whatever_comes_whole_as_a_chat(server: Parrot, body: Any) -> None:
    alike(server, whole(body), "chat", False)


def _id(prefix: str) -> st.SearchStrategy[str]:
    return st.sampled_from([f"{prefix}_1", f"{prefix}_2"])


PARTS = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("output_text"), "text": TEXTS},
        optional={"annotations": st.just([]), "logprobs": st.just([]), "odd": st.just(1)},
    ),
    st.fixed_dictionaries(
        {"type": st.just("output_text"), "text": TEXTS}, optional={"annotations": st.just([])}
    ),
    st.just({"type": "refusal", "refusal": "No."}),
)
SAID = st.fixed_dictionaries(
    {
        "type": st.just("message"),
        "role": st.just("assistant"),
        "content": st.one_of(st.lists(PARTS, max_size=2), st.just([])),
        "id": _id("msg"),
    },
    optional={
        "status": st.sampled_from(["completed", "incomplete"]),
        "phase": st.sampled_from([None, "final_answer"]),
        "created_by": st.just("somebody"),
    },
)
THOUGHT = st.fixed_dictionaries(
    {"type": st.just("reasoning"), "id": _id("rs")},
    optional={
        "summary": st.sampled_from([[], [{"type": "summary_text", "text": "Hm."}]]),
        "content": st.sampled_from([[{"type": "reasoning_text", "text": "Aha."}], None]),
        "encrypted_content": st.sampled_from([None, "sealed"]),
        "status": st.none(),
    },
)
CALLED = st.fixed_dictionaries(
    {
        "type": st.just("function_call"),
        "name": st.just("f"),
        "arguments": st.sampled_from(["{}", {"a": 1}]),
        "call_id": st.sampled_from(["call_1", ""]),
        "id": _id("fc"),
    }
)
OUTPUTS = st.builds(
    lambda thought, said, called: [*thought, *said, *called],
    st.lists(THOUGHT, max_size=2),
    st.lists(SAID, max_size=1),
    st.one_of(st.just([]), st.just([]), st.lists(CALLED, max_size=1)),
)
SPENT = st.sampled_from(
    [
        None,
        {"input_tokens": 9, "output_tokens": 3, "total_tokens": 12},
        {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0},
        {
            "input_tokens": 9,
            "output_tokens": 3,
            "total_tokens": 12,
            "input_tokens_details": {"cached_tokens": 2, "cache_write_tokens": 1, "odd": 3},
            "output_tokens_details": {"reasoning_tokens": 2},
        },
        {
            "input_tokens": 9,
            "output_tokens": 3,
            "total_tokens": 12,
            "input_tokens_details": None,
            "output_tokens_details": {"reasoning_tokens": None},
        },
    ]
)
RESPONSES = st.fixed_dictionaries(
    {"output": OUTPUTS, "id": st.just("resp_1"), "usage": SPENT},
    optional={
        "status": st.sampled_from(["completed", "completed", "incomplete", "failed", "cancelled"]),
        "incomplete_details": st.sampled_from(
            [None, None, {"reason": "max_output_tokens"}, {"reason": "content_filter"}]
        ),
        "error": st.sampled_from([None, None, {"code": "server_error", "message": "It broke."}]),
        "model": st.just("another"),
    },
)
PLACE = {"output_index": 0, "content_index": 0, "item_id": "msg_1"}
PIECES = st.one_of(
    st.builds(
        lambda kind, delta: {"type": kind, "delta": delta, **PLACE},
        st.sampled_from(
            [
                "response.output_text.delta",
                "response.reasoning_text.delta",
                "response.reasoning_summary_text.delta",
                "response.refusal.delta",
                "response.brand_new.delta",
            ]
        ),
        TEXTS,
    ),
    st.builds(
        lambda item: {"type": "response.output_item.done", "output_index": 0, "item": item},
        st.one_of(SAID, THOUGHT),
    ),
    st.just({"type": "response.created", "response": {"id": "resp_1", "output": []}}),
)
LAST = st.builds(
    lambda kind, response: {
        "type": f"response.{kind}",
        "response": response if kind == "completed" else response | {"status": kind},
    },
    st.sampled_from(["completed", "completed", "completed", "incomplete", "failed"]),
    RESPONSES,
)
BROKEN = st.sampled_from(
    [
        "{",
        {"type": "error", "code": "server_error", "message": "It broke."},
        {"type": "error", "error": {"message": "It broke.", "code": 500}},
        {"error": {"message": "It broke."}},
    ]
)


@_OPTIONS
@given(
    st.builds(
        lambda pieces, end, done: events(*pieces, *end, done=done),
        st.lists(PIECES, max_size=5),
        st.one_of(
            st.builds(lambda last: [last], LAST),
            st.builds(lambda last: [last], LAST),
            st.lists(BROKEN, max_size=1),
        ),
        st.booleans(),
    )
)
def test_whatever_is_streamed_as_a_response(server: Parrot, answer: Raw) -> None:
    alike(server, answer, "responses", True)


@_OPTIONS
@given(RESPONSES)
@example({"error": {"message": "It broke."}})
@example({"detail": "no such thing"})
@example([])
@example("text")
def test_whatever_comes_whole_as_a_response(server: Parrot, body: Any) -> None:
    alike(server, whole(body), "responses", False)


FAULTS: dict[str, Step] = {
    "a key that is refused": Fault.status(401),
    "a model that is not there": Fault.status(404),
    "a page": Fault.page(404),
    "a page for an answer": Fault.page(200),
    "a long conversation": Fault.status(400, code="context_length_exceeded"),
    "no streams": Fault.status(400, message="Streaming is not supported here."),
    "too many requests": Fault.status(429, headers={"x-should-retry": "false"}),
    "a connection that is cut": Fault.cut_after("Hello"),
    "a connection that is reset": Fault.reset_after("Hello"),
    "an end too early": Fault.end_after("Hello"),
    "half an object": Fault.malformed_json(),
    "half an object later on": Fault.malformed_json("Hello"),
    "a failure": Fault.failed(after="Hello"),
    "an event that tells of an error": Fault.error_event(after="Hello"),
    "the limit of tokens": Fault.truncated("Hello there"),
    "the limit before a word": Fault.truncated(),
    "a filter": Fault.content_filter("Hello"),
    "a refusal": Answer(refusal="I would rather not."),
    "thoughts alone": Answer(reasoning="Hm."),
    "no tokens counted": Answer("Hello there", usage=None),
    "tokens of all kinds": Answer("Hello there", usage=Usage(10, 5, 3, 2)),
}


@both_apis
@both_ways
@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault(server: Parrot, fault: str, api: Api, stream: bool) -> None:
    alike(server, FAULTS[fault], api, stream)


def said(text: Any = "Hi", **fields: Any) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": []}
    message = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed"}
    return {**message, "content": [part], **fields}


def thought(**fields: Any) -> dict[str, Any]:
    return {"type": "reasoning", "id": "rs_1", "summary": [], **fields}


def called(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "id": "call_1", "status": "completed", **fields}


def responded(*output: Any, **fields: Any) -> dict[str, Any]:
    """A response with these items; the fields of the library's own kind are not sent."""
    return {"id": "resp_1", "status": "completed", "output": list(output), "usage": None, **fields}


ODD_RESPONSES: dict[str, dict[str, Any]] = {
    "items that are none": responded(None, "odd", said()),
    "a part with another name": responded(said(content=[{"type": "text", "text": "Hi"}])),
    "a number for an id": responded(said(), id=5),
    "reasoning in a text": responded(thought(content="Hm.", summary="Aha."), said()),
    "reasoning in texts": responded(thought(summary=["Hm.", None]), said()),
    "reasoning without a text": responded(thought(summary=[{"text": None}, {}]), said()),
    "a name that is none": responded(called("function_call", name=5, arguments="{}")),
    "no name": responded(called("function_call", arguments="{}")),
    "an unknown item": responded({"type": "brand_new", "id": "new_1"}, said()),
    "tools alone": responded(called("mcp_list_tools", server_label="s", tools=[])),
    "a tool to be approved": responded(
        called("mcp_approval_request", server_label="s", name="f", arguments="{}"), said()
    ),
    "a search": responded(
        called("web_search_call", action={"type": "search", "query": "q"}), said()
    ),
    "a tool of the server": responded(
        called("mcp_call", server_label="s", name="f", arguments="{}", output="o"), said()
    ),
    "an image": responded(called("image_generation_call", result="AAA="), said()),
    "code": responded(
        called("code_interpreter_call", code="1", container_id="c", outputs=None), said()
    ),
    "files": responded(called("file_search_call", queries=["q"], results=None), said()),
}


@both_ways
@pytest.mark.parametrize("name", ODD_RESPONSES)
def test_an_odd_response(server: Parrot, name: str, stream: bool) -> None:
    response = ODD_RESPONSES[name]
    ended = {"type": "response.completed", "response": response}
    alike(server, events(ended) if stream else whole(response), "responses", stream)


DELTA = {"type": "response.output_text.delta", "output_index": 0, "content_index": 0}
ENDED: dict[str, Any] = {"type": "response.completed", "response": responded(said())}
ODD_EVENTS: dict[str, list[Any]] = {
    "deltas of nothing": [{**DELTA, "delta": None}, DELTA, {**DELTA, "delta": 5}, ENDED],
    "thoughts of nothing": [{"type": "response.reasoning_text.delta", "delta": None}, ENDED],
    "an index that is none": [{**DELTA, "delta": "Hi", "output_index": [0]}, ENDED],
    "an item that is none": [{"type": "response.output_item.done", "item": None}, ENDED],
    "an end without a response": [{**DELTA, "delta": "Hi"}, {"type": "response.completed"}],
    "a failure after the end": [ENDED, {"type": "error", "message": "Late."}],
    "more than one answer": [ENDED, {**DELTA, "delta": "Hi"}, ENDED],
    "a sign of life": ["", " ", ENDED],
}


@pytest.mark.parametrize("name", ODD_EVENTS)
def test_odd_events_of_a_response(server: Parrot, name: str) -> None:
    alike(server, events(*ODD_EVENTS[name]), "responses", stream=True)


def test_a_search_is_shown(server: Parrot) -> None:
    server.gives(whole(ODD_RESPONSES["a tool of the server"]))
    shown, outcome, _ = asyncio.run(came(PlainHost(), server.server, "responses", stream=False))
    assert (shown, outcome.text) == ([ToolCalled("f", "{}"), TextDelta("Hi")], "Hi")


def test_a_search_alone_is_no_answer(server: Parrot) -> None:
    server.gives(whole(responded(called("web_search_call", action={}))))
    _, outcome, _ = asyncio.run(came(PlainHost(), server.server, "responses", stream=False))
    assert "answered with nothing" in outcome[0]


@both_apis
@both_ways
@pytest.mark.parametrize("status", [200, 400])
def test_odd_characters_in_headers(server: Parrot, status: int, api: Api, stream: bool) -> None:
    body = {"error": {"message": "No."}}
    step = Raw(status, json.dumps(body), {"content-type": "application/json", "x-odd": "\xe4"})
    alike(server, step, api, stream)
    _, outcome, _ = asyncio.run(came(PlainHost(), server.server, api, stream))
    assert "No." in outcome[0]


def chunks(**fields: Any) -> Raw:
    """A stream whose first chunk has these fields in its delta."""
    odd = {"index": 0, "delta": fields}
    last = {"index": 0, "delta": {"content": "Yes."}, "finish_reason": "stop"}
    return events({"choices": [odd]}, {"choices": [last]})


MISSHAPEN: list[dict[str, Any]] = [
    {"content": 5},
    {"content": {"text": "No."}},
    {"reasoning_content": ["No."]},
    {"refusal": True},
    {"tool_calls": {"index": 0}},
    {"thinking_blocks": {"type": "thinking"}},
    {"thinking_blocks": [{"type": "thinking", "thinking": 5}]},
    {"audio": {}},
]


def outcome_of(server: Parrot, api: Api) -> Any:
    """The outcome of a turn that is streamed without the SDK."""
    choice = ModelChoice(model="test-model", base_url=server.server.base_url, api=api)
    with mock.patch.dict(os.environ, {"NO_PROXY": "127.0.0.1"}, clear=True):
        return asyncio.run(PlainHost().run_turn(choice, [], "Hello?", lambda _: None))


@pytest.mark.parametrize("fields", MISSHAPEN, ids=json.dumps)
def test_a_field_of_another_form_is_left_out(server: Parrot, fields: dict[str, Any]) -> None:
    alike(server, chunks(**fields), "chat", stream=True)
    outcome = outcome_of(server, "chat")
    assert outcome.text == "Yes."


NAMELESS: list[Any] = [{"name": 5, "arguments": "{}"}, {"arguments": "{}"}, None]


@pytest.mark.parametrize("function", NAMELESS, ids=json.dumps)
def test_a_call_without_a_name(server: Parrot, function: Any) -> None:
    calls = [{"index": 0, "id": "call_1", "type": "function", "function": function}]
    message = {"role": "assistant", "content": "Hm.", "tool_calls": calls}
    choice = {"index": 0, "delta": message, "finish_reason": "stop"}
    alike(server, events({"choices": [choice]}), "chat", stream=True)
    alike(server, chunks(tool_calls=calls), "chat", stream=True)
    alike(server, whole({"choices": [{"message": message}]}), "chat", stream=False)


def test_a_text_in_the_place_of_a_message(server: Parrot) -> None:
    alike(server, whole({"choices": [{"message": "Hi."}]}), "chat", stream=False)


@pytest.mark.parametrize("logprobs", [[1], {"content": [{"token": "Yes."}]}], ids=json.dumps)
def test_log_probabilities_of_another_form_are_left_out(server: Parrot, logprobs: Any) -> None:
    choice = {"index": 0, "delta": {"content": "Yes."}, "finish_reason": "stop"}
    alike(server, events({"choices": [{**choice, "logprobs": logprobs}]}), "chat", stream=True)
    outcome = outcome_of(server, "chat")
    assert outcome.text == "Yes."


@pytest.mark.parametrize(
    "details", [[1], {"reasoning_tokens": float("nan")}, {"reasoning_tokens": 10**30}], ids=str
)
def test_details_of_usage_that_are_no_counts_are_left_out(server: Parrot, details: Any) -> None:
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "completion_tokens_details": details}
    choice = {"index": 0, "delta": {"content": "Yes."}, "finish_reason": "stop"}
    alike(server, events({"choices": [choice], "usage": usage}), "chat", stream=True)
    outcome = outcome_of(server, "chat")
    assert (outcome.run.total_tokens, outcome.run.output_details) == (3, {"reasoning_tokens": 0})


def test_more_tokens_than_a_database_can_add_up_are_estimated(server: Parrot) -> None:
    usage = {"prompt_tokens": 2**63, "completion_tokens": 2**63, "total_tokens": 2**64}
    choice = {"index": 0, "delta": {"content": "Yes."}, "finish_reason": "stop"}
    alike(server, events({"choices": [choice], "usage": usage}), "chat", stream=True)
    outcome = outcome_of(server, "chat")
    assert outcome.run.estimated


def test_a_text_of_a_response_that_is_no_text_is_empty(server: Parrot) -> None:
    parts: list[Any] = [
        {"type": "output_text", "text": one, "annotations": []} for one in (5, "Yes.")
    ]
    message = {"type": "message", "id": "msg_1", "role": "assistant", "content": parts}
    response = {"id": "resp_1", "status": "completed", "output": [message]}
    server.gives(events({"type": "response.completed", "response": response}, done=False))
    outcome = outcome_of(server, "responses")
    assert outcome.text == "Yes."
