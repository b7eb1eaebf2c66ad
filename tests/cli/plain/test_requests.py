"""A plain question is asked in the very words in which the Agents SDK asks it."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from unittest import mock

import httpx2
import pytest
from agents.models import get_default_model
from agents.models.default_models import get_default_model_settings
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from convo.errors import ModelError
from convo_cli.agent.host import AgentHost
from convo_cli.ask.schema import schema_of
from convo_cli.plain.host import PlainHost
from convo_cli.plain.http import AnswerClient
from convo_cli.plain.needs import needs_sdk
from convo_cli.turn.choice import Api, Content, ModelChoice
from convo_cli.wire.model_defaults import default_model, default_settings
from tests.cli.agent.asking import KEY, both_apis, both_ways
from tests.cli.wire.histories import HISTORIES
from tests.server import OpenAIServer

History = list[dict[str, Any]]

NAMES = [
    "gpt-4.1",
    "gpt-4o-mini",
    "o3",
    "o4-mini-2025-04-16",
    "chatgpt-4o-latest",
    "llama3.2:1b",
    "openai/gpt-5",
    "GPT-5",
    *("gpt-5" + rest for rest in ("", "-2025-08-07", "-mini", "-nano", "-pro", "-codex", "-next")),
    *(
        f"gpt-5.{number}{rest}"
        for number in range(10)
        for rest in (
            *("", "-2026-01-31", "-pro", "-pro-2026-01-31", "-mini", "-nano", "-mini-2026-01-31"),
            *(
                "-codex",
                "-codex-max",
                "-chat-latest",
                "-sol",
                "-terra",
                "-luna",
                "-luna-2026-01-31",
            ),
        )
    ),
    "gpt-5-chat-latest",
    "gpt-50",
]

CONTENTS: st.SearchStrategy[Content] = st.sampled_from(
    [
        "Hello?",
        "caf\udce9",
        [{"type": "input_text", "text": "What is this?"}],
        [
            {"type": "input_text", "text": "And this?"},
            {"type": "input_image", "image_url": "data:image/png;base64,AA=", "detail": "auto"},
            {
                "type": "input_file",
                "filename": "a.pdf",
                "file_data": "data:application/pdf;base64,",
            },
        ],
    ]
)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "temperature": st.sampled_from([0, 0.5]),
        "top_p": st.just(0.9),
        "frequency_penalty": st.just(0.1),
        "presence_penalty": st.just(-0.1),
        "truncation": st.just("auto"),
        "max_tokens": st.just(100),
        "reasoning": st.sampled_from(
            [{"effort": "high"}, {"summary": "auto"}, {"effort": "low", "summary": "detailed"}]
        ),
        "verbosity": st.just("high"),
        "metadata": st.just({"a": "b"}),
        "store": st.booleans(),
        "prompt_cache_retention": st.just("24h"),
        "include_usage": st.booleans(),
        "response_include": st.sampled_from([[], ["reasoning.encrypted_content"]]),
        "top_logprobs": st.just(2),
        "extra_body": st.sampled_from([{}, {"seed": 7}, {"store": False, "top_p": 1}]),
    },
)
CHOICES = st.builds(
    ModelChoice,
    model=st.sampled_from(["test-model", "gpt-5", "deepseek-r1", "m", "gemini-3"]),
    api=st.sampled_from(["chat", "responses"]),
    instructions=st.sampled_from([None, "", "Be brief.", "caf\udce9"]),
    stream=st.booleans(),
    settings=SETTINGS,
    schema=st.sampled_from([None, None, schema_of("name, age int"), {"type": "object"}]),
)


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


@contextmanager
def environment(server: OpenAIServer, **more: str) -> Iterator[None]:
    """One that names the server, with a key and nothing else."""
    given = {"OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": KEY, **more}
    with mock.patch.dict(os.environ, given, clear=True):
        yield


async def sent(
    host: AgentHost | PlainHost,
    server: OpenAIServer,
    choice: ModelChoice,
    history: History,
    content: Content,
) -> list[Mapping[str, Any]]:
    """The bodies of all requests of a turn, the last of which the server may refuse."""
    server.requests.clear()
    async with host:
        with suppress(ModelError):
            await host.run_turn(choice, history, content, lambda _: None)
    return [_unordered(request.data) for request in server.requests]


def _unordered(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The body; what is to be included is a set, which the SDK writes in any order."""
    return body | {"include": sorted(body["include"])} if "include" in body else body


def alike(server: OpenAIServer, choice: ModelChoice, history: History, content: Content) -> None:
    """Assert that both ways send the same."""

    async def both() -> None:
        plain = await sent(PlainHost(), server, choice, history, content)
        assert plain
        assert plain == await sent(AgentHost(), server, choice, history, content)

    with environment(server):
        asyncio.run(both())


NAMED_BY_ITS_REQUEST = {"type": "file_search_call", "id": None, "approval_request_id": ""}


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=HISTORIES, choice=CHOICES, content=CONTENTS)
@example(history=[NAMED_BY_ITS_REQUEST] * 2, choice=ModelChoice(model="test-model"), content="Hi.")
def test_whatever_was_said_before(
    server: OpenAIServer, history: History, choice: ModelChoice, content: Content
) -> None:
    said = [item for item in history if not needs_sdk(choice, [item], {})]
    alike(server, choice, said, content)


@pytest.mark.parametrize("model", NAMES)
def test_the_settings_that_the_sdk_has_for_a_model(model: str) -> None:
    by_sdk = get_default_model_settings(model)
    given = {name: value for name, value in vars(by_sdk).items() if value is not None}
    if by_sdk.reasoning is not None:
        given["reasoning"] = by_sdk.reasoning.model_dump(exclude_unset=True)
    assert default_settings(model) == given


@pytest.mark.parametrize("environ", [{}, {"OPENAI_DEFAULT_MODEL": "GPT-4o"}])
def test_the_model_that_the_sdk_asks_by_itself(environ: dict[str, str]) -> None:
    with mock.patch.dict(os.environ, environ, clear=True):
        assert default_model(os.environ) == get_default_model()


@both_apis
@both_ways
@pytest.mark.parametrize("model", [None, "gpt-4.1", "gpt-5", "openai/gpt-5"])
async def test_what_is_sent_to_openai_itself(
    monkeypatch: pytest.MonkeyPatch, model: str | None, api: Api, stream: bool
) -> None:
    seen: list[tuple[str, Mapping[str, Any]]] = []

    async def refuse(_: AnswerClient, request: httpx2.Request, **how: Any) -> httpx2.Response:
        seen.append((str(request.url), _unordered(json.loads(request.content))))
        return httpx2.Response(400, json={"error": {"message": "No."}}, request=request)

    monkeypatch.setattr(AnswerClient, "send", refuse)
    choice = ModelChoice(model=model, api=api, stream=stream, instructions="Be brief.")
    history = [{"role": "user", "content": "Hi."}, {"role": "assistant", "content": "Hi."}]
    for said in ([], history):
        for host in (PlainHost(), AgentHost()):
            with pytest.raises(ModelError, match="OpenAI refused the request"):
                await host.run_turn(choice, said, "Hello?", lambda _: None)
    first, by_sdk, second, second_by_sdk = seen
    assert (first, second) == (by_sdk, second_by_sdk)
    assert first[0].startswith("https://api.openai.com/v1/")
    assert first[1]["prompt_cache_key"] != second[1]["prompt_cache_key"]
