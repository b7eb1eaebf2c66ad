"""Servers that do not know `stream_options` can be streamed from."""

import json
from typing import Any

import pytest

from convo_cli.agent.host import AgentHost
from convo_cli.turn.choice import ModelChoice
from tests.cli.agent.asking import Asker, both_ways
from tests.server import Answer, Fault, OpenAIServer


@pytest.mark.parametrize("profile", ["azure-2024", "mistral"])
async def test_a_server_that_refuses_them_is_asked_without(profile: str) -> None:
    with OpenAIServer(profile=profile) as server:
        choice = ModelChoice(model="test-model", base_url=server.base_url)
        async with AgentHost() as host:
            answers = [await host.run_turn(choice, [], "Hello?", lambda _: None) for _ in "12"]
        sent = ["stream_options" in request.data for request in server.requests]
        assert sent == [True, False, False]
        assert len(server.refused) == 1
        assert [answer.text for answer in answers] == ["Answer 1 to: Hello?"] * 2


async def test_what_one_server_refuses_another_is_sent(openai_server: OpenAIServer) -> None:
    with OpenAIServer(profile="azure-2024") as other:
        await Asker(other.base_url).ask()
    await Asker(openai_server.base_url).ask()
    assert openai_server.requests[0].data["stream_options"] == {"include_usage": True}


@both_ways
async def test_the_setting_leaves_them_out(
    openai_server: OpenAIServer, asker: Asker, stream: bool
) -> None:
    outcome = await asker.ask(settings={"include_usage": False}, stream=stream)
    assert "stream_options" not in openai_server.requests[0].data
    assert outcome.run.estimated == stream


async def test_another_refusal_is_not_answered_by_asking_again(
    openai_server: OpenAIServer, asker: Asker
) -> None:
    openai_server.script(Fault.status(400, message="no such thing"), Answer("never"))
    assert str(await asker.fail()).endswith("(400): no such thing")
    assert openai_server.pending == 1


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "Unknown parameter: 'stream_options'.", "param": "stream_options"}},
        {"error": {"message": "Bad field", "param": "stream_options"}},
        {"error": 'json: unknown field "stream_options"'},
        {"detail": [{"loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"}]},
        {"message": "include_usage is not supported"},
    ],
    ids=json.dumps,
)
async def test_however_the_refusal_says_so(
    openai_server: OpenAIServer, asker: Asker, body: dict[str, Any]
) -> None:
    openai_server.script(Fault.json(400, body), Answer("Paris."))
    assert (await asker.ask()).text == "Paris."
    assert "stream_options" not in openai_server.requests[1].data


async def test_it_is_tried_once(openai_server: OpenAIServer, asker: Asker) -> None:
    refused = Fault.status(400, message="Unknown parameter: 'stream_options'.")
    openai_server.script(refused, refused)
    assert str(await asker.fail()).endswith("Unknown parameter: 'stream_options'.")
    assert len(openai_server.requests) == 2
