"""What each way of a server to fail is called, on both APIs."""

import socket

import pytest

from tests.cli.agent.asking import KEY, Asker, Way, both_apis, both_ways
from tests.server import Fault, OpenAIServer, Raw

AT_ONCE = {"x-should-retry": "false"}
LATER = "try again later, or ask another model"


@both_apis
@both_ways
@pytest.mark.parametrize(
    ("step", "message", "hint"),
    [
        (Fault.status(400), " refused the request (400): This request is not valid.", None),
        (Fault.status(401), " does not accept the API key (401)", "check OPENAI_API_KEY"),
        (Fault.status(403), " refused the request (403): This country is not supported.", None),
        (Fault.status(404), " has no model 'test-model'", "choose another with -m"),
        (
            Fault.status(500, headers=AT_ONCE),
            " failed (500): The server had an error while processing your request.",
            LATER,
        ),
        (Fault.status(503, message="a\x1b[1m\nb", headers=AT_ONCE), " failed (503): a b", LATER),
        (Fault.page(502), " failed (502)", LATER),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Raw) else "",
)
async def test_refusals(
    openai_server: OpenAIServer,
    asker: Asker,
    api: str,
    stream: bool,
    step: Raw,
    message: str,
    hint: str | None,
) -> None:
    openai_server.script(Raw(step.status, step.body, {**step.headers, **AT_ONCE}))
    error = await asker.fail(api=api, stream=stream)
    assert str(error) == asker.base_url + message
    assert error.hint == hint
    assert asker.events == []


async def test_a_server_that_wants_a_key_and_got_none(
    openai_server: OpenAIServer, asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    openai_server.script(Fault.status(401))
    error = await asker.fail()
    assert str(error) == f"{asker.base_url} wants an API key (401)"
    assert error.hint == "set OPENAI_API_KEY"


@pytest.mark.parametrize("value", ["\xf6rg", "org\nX-Odd: 1"])
async def test_an_organisation_that_cannot_be_sent(
    asker: Asker, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", value)
    assert str(await asker.fail()) == "OPENAI_ORG_ID has characters that cannot be sent"


@pytest.mark.parametrize(
    ("step", "message", "hint"),
    [
        (Fault.status(400, code="model_not_found"), "has no model 'test-model'", "choose another"),
        (
            Fault.status(400, code="context_length_exceeded"),
            "the conversation is too long for test-model",
            "branch from an earlier turn",
        ),
        (Fault.page(404), "does not know the address that was asked (404)", "ends in /v1"),
        (
            Raw(404, '{"error": {"code": "DeploymentNotFound", "message": "No deployment."}}', {}),
            "does not know the address that was asked (404): No deployment.",
            "ends in /v1",
        ),
        (
            Fault.status(429, code="insufficient_quota", headers=AT_ONCE),
            "says that your quota is used up (429)",
            "check your plan",
        ),
        (
            Fault.status(429, headers={**AT_ONCE, "retry-after": "20"}),
            "takes no more requests for now (429): Rate limit reached for test-model.",
            "try again in 20 seconds",
        ),
        (
            Raw(422, '{"detail": "no such field"}', {"content-type": "application/json"}),
            "refused the request (422): no such field",
            None,
        ),
        (
            Raw(400, '[{"error": {"message": "bad role"}}]', {"content-type": "application/json"}),
            "refused the request (400): bad role",
            None,
        ),
    ],
)
async def test_refusals_that_say_more(
    openai_server: OpenAIServer, asker: Asker, step: Raw, message: str, hint: str | None
) -> None:
    openai_server.script(step)
    error = await asker.fail()
    assert message in str(error)
    assert (hint or "None") in str(error.hint)


async def test_a_rate_limit_that_passes_is_waited_for(
    openai_server: OpenAIServer, asker: Asker
) -> None:
    openai_server.script(Fault.rate_limited(retry_after=0.01, times=2))
    assert (await asker.ask()).text == "Answer 1 to: Hello?"
    assert len(openai_server.requests) == 3


async def test_a_rate_limit_that_stays_is_reported(
    openai_server: OpenAIServer, asker: Asker
) -> None:
    openai_server.script(Fault.rate_limited(retry_after=0.01, times=3))
    error = await asker.fail()
    assert "takes no more requests for now (429)" in str(error)
    assert error.hint == "try again in 0.01 seconds, or ask another model"


@both_apis
@pytest.mark.parametrize("step", [Fault.cut_after("Par tial"), Fault.reset_after("Par tial")])
async def test_a_connection_that_is_lost(
    openai_server: OpenAIServer, asker: Asker, api: str, step: object
) -> None:
    openai_server.script(step)  # type: ignore[arg-type]
    error = await asker.fail(api=api)
    lost = f"the connection to {asker.base_url} was lost before the answer was complete"
    assert (str(error), error.hint) == (lost, None)
    assert asker.streamed == "Par tial"


@both_apis
async def test_a_stall_ends_with_the_timeout(
    openai_server: OpenAIServer, asker: Asker, api: str
) -> None:
    openai_server.script(Fault.stall("Par tial"))
    error = await asker.fail(api=api, timeout=0.2)
    assert (str(error), error.hint) == (f"{asker.base_url} said nothing for 0.2 s", LATER)
    assert asker.streamed == "Par tial"


async def test_nobody_at_the_address(way: Way) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/v1"
        error = await Asker(url, way).fail()
    assert str(error) == f"cannot reach {url}: connection refused"
    assert error.hint == "is the server running there, and the address right?"


async def test_no_such_host() -> None:
    error = await Asker("http://nobody.invalid/v1").fail()
    assert str(error) == "cannot reach http://nobody.invalid/v1: no such host"


@both_ways
@pytest.mark.parametrize("status", [400, 403, 404, 418, 500])
async def test_a_server_that_repeats_the_key_cannot_make_us_say_it(
    openai_server: OpenAIServer, asker: Asker, stream: bool, status: int
) -> None:
    message = "Incorrect API key {key}, that is {key}!"
    openai_server.script(Fault.status(status, message=message, headers=AT_ONCE))
    error = await asker.fail(stream=stream)
    assert openai_server.requests[0].key == KEY
    assert KEY[:10] not in f"{error} {error.hint}"
    assert error.__cause__ is None
    assert error.__suppress_context__


async def test_a_key_in_the_address_is_not_said(openai_server: OpenAIServer, way: Way) -> None:
    url = openai_server.base_url.replace("http://", "http://me:hunter2@")
    openai_server.script(Fault.status(400, message="hunter2 is wrong"))
    error = await Asker(url, way).fail()
    assert str(error) == f"{openai_server.base_url} refused the request (400): *** is wrong"
