"""The server itself: what it records, what it refuses, how it closes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, IncompleteRead, RemoteDisconnected
from typing import Any
from urllib.parse import urlsplit

import pytest
from openai import APIConnectionError, OpenAI

from tests.server import Answer, Fault, OpenAIServer, Request
from tests.server.steps import Step


@pytest.fixture
def client(openai_server: OpenAIServer) -> Iterator[OpenAI]:
    with OpenAI(base_url=openai_server.base_url, api_key="sk-test", max_retries=0) as client:
        yield client


def chat(client: OpenAI, *texts: str, **options: Any) -> Any:
    messages = [{"role": "user", "content": text} for text in texts]
    create: Any = client.chat.completions.create
    return create(model="test-model", messages=messages, **options)


def connect(server: OpenAIServer) -> closing[HTTPConnection]:
    return closing(HTTPConnection(urlsplit(server.base_url).netloc))


def post(server: OpenAIServer, path: str, body: str) -> int:
    with connect(server) as connection:
        connection.request("POST", path, body)
        return connection.getresponse().status


def test_models_are_listed() -> None:
    with (
        OpenAIServer(models=["a", "b"]) as server,
        OpenAI(base_url=server.base_url, api_key="sk-test") as client,
    ):
        assert [model.id for model in client.models.list()] == ["a", "b"]


def test_requests_are_recorded(openai_server: OpenAIServer, client: OpenAI) -> None:
    client.responses.create(model="test-model", input="Hello?", instructions="Be brief.")
    (request,) = openai_server.requests
    assert (request.method, request.path, request.key) == ("POST", "/v1/responses", "sk-test")
    assert request.headers["content-type"] == "application/json"
    assert request.data == {"model": "test-model", "input": "Hello?", "instructions": "Be brief."}
    assert request.user_texts == ["Hello?"]


def test_the_default_answer_counts_user_messages(client: OpenAI) -> None:
    answer = chat(client, "One?", "Two?").choices[0].message.content
    parts = [{"type": "input_text", "text": "Three?"}]
    items: Any = [{"role": "user", "content": "x"}, {"role": "user", "content": parts}]
    assert answer == "Answer 2 to: Two?"
    assert client.responses.create(model="m", input=items).output_text == "Answer 2 to: Three?"


def test_ids_are_never_used_twice(client: OpenAI) -> None:
    responses = [client.responses.create(model="m", input="x") for _ in range(2)]
    chats = [chat(client, "x") for _ in range(2)]
    ids = [x.id for x in [*responses, *chats]] + [response.output[0].id for response in responses]
    assert len(set(ids)) == 6
    assert [i.split("_")[0].split("-")[0] for i in ids] == [
        "resp",
        "resp",
        "chatcmpl",
        "chatcmpl",
        "msg",
        "msg",
    ]


def test_a_response_stream_is_numbered_and_has_one_id(client: OpenAI) -> None:
    events = list(client.responses.create(model="m", input="x", stream=True))
    items = {event.item_id for event in events if event.type == "response.output_text.delta"}
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert events[0].type == "response.created"
    assert events[-1].type == "response.completed"
    assert items == {events[-1].response.output[0].id}
    assert events[0].response.id == events[-1].response.id


def test_a_chat_stream_has_usage_only_if_asked(client: OpenAI) -> None:
    without = list(chat(client, "x", stream=True))
    asked = list(chat(client, "x", stream=True, stream_options={"include_usage": True}))
    assert [chunk.usage for chunk in without] == [None] * len(without)
    assert without[-1].choices[0].finish_reason == "stop"
    assert asked[-1].choices == []
    assert asked[-1].usage.total_tokens == 15
    assert asked[-2].choices[0].finish_reason == "stop"


def test_requests_that_make_no_sense_use_up_no_step(openai_server: OpenAIServer) -> None:
    openai_server.script(Answer("Paris."))
    assert post(openai_server, "/v1/responses", "{not json") == 400
    assert post(openai_server, "/v1/responses", '{"model": "m"}') == 400
    assert post(openai_server, "/v1/nowhere", "{}") == 404
    assert openai_server.pending == 1


def test_one_connection_serves_several_requests(openai_server: OpenAIServer) -> None:
    body = '{"model": "m", "input": "x", "stream": true}'
    with connect(openai_server) as connection:
        for _ in range(3):
            connection.request("POST", "/v1/responses", body)
            assert b"response.completed" in connection.getresponse().read()
    assert len(openai_server.requests) == 3


@pytest.mark.parametrize("fault", [Fault.stall(), Fault.stall(after="Par")], ids=repr)
def test_closing_ends_a_stall_at_once(fault: Step) -> None:
    threads = threading.active_count()
    server = OpenAIServer()
    server.script(fault)
    errors: list[BaseException] = []
    with OpenAI(base_url=server.base_url, api_key="sk-test", max_retries=0, timeout=5) as client:
        asking = threading.Thread(target=_expect_error, args=(client, errors), daemon=True)
        asking.start()
        server.wait_for_requests(1)
        started = time.monotonic()
        server.close()
        assert time.monotonic() - started < 1
        asking.join(1)
    assert server.hang_ups == []
    assert [type(error) for error in errors] == [APIConnectionError]
    assert threading.active_count() == threads


def _expect_error(client: OpenAI, errors: list[BaseException]) -> None:
    try:
        for _ in chat(client, "x", stream=True):
            continue
    except APIConnectionError as error:
        errors.append(error)


def test_a_client_that_leaves_is_noticed(openai_server: OpenAIServer, client: OpenAI) -> None:
    openai_server.script(Answer(["a", "b", "c"], pause=30))
    stream = chat(client, "x", stream=True)
    next(iter(stream))
    assert openai_server.hang_ups == []
    stream.close()
    openai_server.wait_for_hang_up()
    assert openai_server.hang_ups == openai_server.requests


@pytest.mark.parametrize(
    ("fault", "error"),
    [(Fault.cut_after("Par"), IncompleteRead), (Fault.reset_after("Par"), ConnectionResetError)],
)
def test_a_cut_and_a_reset_differ_on_the_wire(
    openai_server: OpenAIServer, fault: Step, error: type[Exception]
) -> None:
    openai_server.script(fault)
    with connect(openai_server) as connection:
        connection.request("POST", "/v1/responses", '{"model": "m", "input": "x", "stream": true}')
        answer = connection.getresponse()
        with pytest.raises(error):
            answer.read()


def test_waiting_for_a_request_that_never_comes(openai_server: OpenAIServer) -> None:
    with pytest.raises(TimeoutError, match="1 requests"):
        openai_server.wait_for_requests(1, timeout=0.01)


def test_an_error_in_a_test_s_own_step_is_raised_on_leaving() -> None:
    def broken(_: Request) -> Answer:
        raise LookupError("a mistake in the test")

    server = OpenAIServer()
    server.script(broken)
    with pytest.raises(RemoteDisconnected):
        post(server, "/v1/responses", '{"model": "m", "input": "x"}')
    with pytest.raises(ExceptionGroup) as raised, server:
        pass
    assert raised.group_contains(LookupError, match="a mistake in the test")
