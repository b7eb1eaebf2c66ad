"""What each fault becomes in the Agents SDK; the program's error messages are built on this."""

from __future__ import annotations

import json

import openai
import pytest
from agents import ModelBehaviorError, ModelRefusalError

from tests.server import Answer, Fault, OpenAIServer
from tests.server.driver import PLAIN, STREAMED, WAYS, Way, ask
from tests.server.steps import Step

every_way = pytest.mark.parametrize("way", WAYS, ids=str)
streamed = pytest.mark.parametrize("way", STREAMED, ids=str)
plain = pytest.mark.parametrize("way", PLAIN, ids=str)
RESPONSES_STREAMED, CHAT_STREAMED = STREAMED
TEXT = "response.output_text.delta"


async def fails_after(
    server: OpenAIServer,
    way: Way,
    expected: type[Exception],
    message: str,
    patience: float = 10.0,
) -> str:
    """The text that was streamed before the turn failed in the expected way."""
    deltas: dict[str, list[str]] = {}
    with pytest.raises(expected, match=message):
        await ask(server, way, patience=patience, deltas=deltas)
    return "".join(deltas.get(TEXT, []))


@every_way
@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (400, openai.BadRequestError, None),
        (401, openai.AuthenticationError, "invalid_api_key"),
        (403, openai.PermissionDeniedError, "unsupported_country"),
        (404, openai.NotFoundError, "model_not_found"),
        (429, openai.RateLimitError, "rate_limit_exceeded"),
        (500, openai.InternalServerError, None),
        (503, openai.InternalServerError, None),
    ],
)
async def test_a_status_has_its_error(
    openai_server: OpenAIServer,
    way: Way,
    status: int,
    error: type[openai.APIStatusError],
    code: str | None,
) -> None:
    openai_server.script(Fault.status(status))
    with pytest.raises(error) as raised:
        await ask(openai_server, way)
    assert (raised.value.status_code, raised.value.code) == (status, code)


async def test_an_error_names_the_model_and_gives_the_key_away(openai_server: OpenAIServer) -> None:
    openai_server.script(Fault.status(404), Fault.status(401))
    with pytest.raises(openai.NotFoundError, match="The model `test-model` does not exist"):
        await ask(openai_server, WAYS[0])
    with pytest.raises(openai.AuthenticationError, match="Incorrect API key provided: sk-test"):
        await ask(openai_server, WAYS[0])


async def test_code_and_message_of_a_status_can_be_chosen(openai_server: OpenAIServer) -> None:
    openai_server.script(Fault.status(429, code="insufficient_quota", message="Pay first."))
    with pytest.raises(openai.RateLimitError, match=r"429 - Pay first\.") as raised:
        await ask(openai_server, WAYS[0])
    assert raised.value.code == "insufficient_quota"


@every_way
async def test_a_rate_limit_passes_when_retried(openai_server: OpenAIServer, way: Way) -> None:
    openai_server.script(Fault.rate_limited(retry_after=0.01, times=2), Answer("Paris."))
    assert (await ask(openai_server, way, retries=2)).text == "Paris."
    assert len(openai_server.requests) == 3


@every_way
async def test_a_web_page_with_an_error_status(openai_server: OpenAIServer, way: Way) -> None:
    openai_server.script(Fault.page(502))
    with pytest.raises(openai.InternalServerError, match="Error code: 502"):
        await ask(openai_server, way)


@every_way
@pytest.mark.parametrize("fault", [Fault.cut_after("Par"), Fault.reset_after("Par")], ids=repr)
async def test_a_lost_connection(openai_server: OpenAIServer, way: Way, fault: Step) -> None:
    openai_server.script(fault)
    text = await fails_after(openai_server, way, openai.APIConnectionError, "Connection error")
    assert text == ("Par" if way.streamed else "")


async def test_a_stream_that_only_ends_fails_through_responses(openai_server: OpenAIServer) -> None:
    openai_server.script(Fault.end_after("Par"))
    missing = "did not produce a final response"
    text = await fails_after(openai_server, RESPONSES_STREAMED, ModelBehaviorError, missing)
    assert text == "Par"


async def test_a_stream_that_only_ends_passes_for_whole_through_chat(
    openai_server: OpenAIServer,
) -> None:
    openai_server.script(Fault.end_after("Par"))
    outcome = await ask(openai_server, CHAT_STREAMED)
    assert (outcome.text, outcome.usage.total_tokens) == ("Par", 0)


@every_way
async def test_a_stall_runs_into_the_clients_timeout(openai_server: OpenAIServer, way: Way) -> None:
    openai_server.script(Fault.stall())
    text = await fails_after(openai_server, way, openai.APITimeoutError, "timed out", 0.4)
    assert text == ""
    openai_server.wait_for_hang_up()


@streamed
async def test_a_stall_after_some_text(openai_server: OpenAIServer, way: Way) -> None:
    openai_server.script(Fault.stall(after="Par"))
    text = await fails_after(openai_server, way, openai.APITimeoutError, "timed out", 0.4)
    assert text == "Par"


@every_way
async def test_malformed_json(openai_server: OpenAIServer, way: Way) -> None:
    openai_server.script(Fault.malformed_json(after="Par"))
    text = await fails_after(openai_server, way, json.JSONDecodeError, "line 1 column")
    assert text == ("Par" if way.streamed else "")


@pytest.mark.parametrize("way", [RESPONSES_STREAMED, PLAIN[0]], ids=str)
async def test_a_response_that_failed(openai_server: OpenAIServer, way: Way) -> None:
    openai_server.script(Fault.failed(message="It broke.", after="Par"))
    text = await fails_after(openai_server, way, ModelBehaviorError, r"failed.*It broke\.")
    assert text == ("Par" if way.streamed else "")


async def test_an_error_among_the_chunks_of_a_chat(openai_server: OpenAIServer) -> None:
    openai_server.script(Fault.failed(message="It broke.", after="Par"))
    assert await fails_after(openai_server, CHAT_STREAMED, openai.APIError, "It broke") == "Par"


async def test_an_error_in_the_body_of_a_chat(openai_server: OpenAIServer) -> None:
    openai_server.script(Fault.failed(message="It broke."))
    await fails_after(openai_server, PLAIN[1], ModelBehaviorError, "no choices.*It broke")


@plain
async def test_an_error_event_without_streaming_is_a_status(
    openai_server: OpenAIServer, way: Way
) -> None:
    openai_server.script(Fault.error_event(message="It broke."))
    await fails_after(openai_server, way, openai.InternalServerError, "500 - It broke")


async def test_an_error_event(openai_server: OpenAIServer) -> None:
    openai_server.script(Fault.error_event(message="It broke.", after="Par"))
    text = await fails_after(openai_server, RESPONSES_STREAMED, ModelBehaviorError, "It broke")
    assert text == "Par"


@every_way
async def test_no_tokens_left_before_the_first_word(openai_server: OpenAIServer, way: Way) -> None:
    openai_server.script(Fault.truncated())
    await fails_after(openai_server, way, ModelBehaviorError, "max_output_tokens|'length'")


@every_way
async def test_no_tokens_left_in_the_middle(openai_server: OpenAIServer, way: Way) -> None:
    openai_server.script(Fault.truncated(after="Par"))
    if way.api == "responses":
        await fails_after(openai_server, way, ModelBehaviorError, "max_output_tokens")
    else:
        assert (await ask(openai_server, way)).text == "Par"


@every_way
async def test_a_content_filter(openai_server: OpenAIServer, way: Way) -> None:
    openai_server.script(Fault.content_filter())
    error = ModelBehaviorError if way.api == "responses" else ModelRefusalError
    await fails_after(openai_server, way, error, "content.filter")
