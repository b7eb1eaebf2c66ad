"""Redirects: followed at the server that was named, and not to another one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.agent.asking import KEY, Asker, both_apis, both_ways
from tests.server import Answer, OpenAIServer, Raw


@pytest.fixture
def other() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


def to(url: str, status: int = 307) -> Raw:
    return Raw(status, "", {"Location": url})


@both_apis
@both_ways
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_nothing_is_sent_on_to_another_server(
    asker: Asker,
    openai_server: OpenAIServer,
    other: OpenAIServer,
    status: int,
    api: str,
    stream: bool,
) -> None:
    there = f"{other.base_url}/chat/completions"
    openai_server.script(to(there, status))
    error = await asker.fail(api=api, stream=stream)
    assert str(error).endswith(f" sends the question on to {there} ({status})")
    assert error.hint == "name that server with --base-url if it is the one to ask"
    assert (len(openai_server.requests), other.requests) == (1, [])


async def test_a_redirect_within_the_server_is_followed(
    asker: Asker, openai_server: OpenAIServer
) -> None:
    openai_server.script(to("/v1/chat/completions"), Answer("Hello."))
    assert (await asker.ask()).text == "Hello."
    assert [request.key for request in openai_server.requests] == [KEY, KEY]


@pytest.mark.parametrize("where", ["//evil.example/v1", "http://[", "file:///etc/passwd"])
async def test_odd_places_are_not_gone_to(
    asker: Asker, openai_server: OpenAIServer, where: str
) -> None:
    openai_server.script(to(where))
    assert "sends the question on to" in str(await asker.fail())
    assert len(openai_server.requests) == 1
