"""Where a server has its API, and what stands before it."""

import socket

import pytest

from convo_cli.turn.events import Noticed
from convo_cli.wire.places import in_v1, is_loopback, proxy_of
from tests.cli.agent.asking import Asker, both_apis, both_ways
from tests.server import OpenAIServer

PATHS = {
    "/chat/completions": "/v1/chat/completions",
    "/models": "/v1/models",
    "/openai/responses": "/openai/v1/responses",
    "/v1/models": None,
    "/v1beta/openai/chat/completions": None,
    "/api/v3/chat/completions": None,
    "/health": None,
}


@pytest.mark.parametrize("path", PATHS)
def test_a_path_below_v1(path: str) -> None:
    assert in_v1(path) == PATHS[path]


@pytest.mark.parametrize("host", ["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine(host: str) -> None:
    assert is_loopback(host)
    assert not is_loopback(f"{host}.example.org")


def dead_end() -> str:
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


@both_apis
@both_ways
@pytest.mark.parametrize("model", ["test-model", None])
async def test_the_api_is_found_below_v1_and_said_once(
    openai_server: OpenAIServer, asker: Asker, api: str, stream: bool, model: str | None
) -> None:
    root = openai_server.base_url.removesuffix("/v1")
    await asker.ask(base_url=root, api=api, stream=stream, model=model)
    said = [event.text for event in asker.events if isinstance(event, Noticed)]
    assert said == [f"the server has its API at {root}/v1, which is asked"]


async def test_this_machine_is_asked_without_a_proxy(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HTTP_PROXY", f"http://{dead_end()}")
    monkeypatch.setenv("ALL_PROXY", f"http://{dead_end()}")
    assert (await asker.ask()).text


@both_ways
async def test_a_dead_proxy_is_named_and_not_the_server(
    asker: Asker, monkeypatch: pytest.MonkeyPatch, stream: bool
) -> None:
    proxy = dead_end()
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:secret@{proxy}")
    url = "https://models.invalid/v1"
    assert proxy_of(url) == (f"http://{proxy}", "HTTPS_PROXY")
    error = await asker.fail(base_url=url, stream=stream)
    assert str(error) == f"cannot reach {url} through the proxy http://{proxy}: connection refused"
    assert error.hint == (
        "HTTPS_PROXY names the proxy, and NO_PROXY the servers that are asked without it"
    )


async def test_https_to_a_server_that_speaks_http(
    openai_server: OpenAIServer, asker: Asker
) -> None:
    url = openai_server.base_url.replace("http://", "https://")
    error = await asker.fail(base_url=url)
    assert str(error) == f"cannot reach {url}: that server speaks http, not https"
