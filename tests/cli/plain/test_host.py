"""A plain turn from the prompt to what is stored, and how it ends where it does not come so far."""

from __future__ import annotations

import asyncio
import gc
import logging
import time

import pytest

from convo.errors import ModelError
from convo.pending.pending import Progress
from convo_cli.plain.host import PlainHost
from convo_cli.turn.choice import Api, ModelChoice, TurnOutcome
from tests.cli.agent.asking import Asker, both_apis, both_ways
from tests.server import Answer, Fault, OpenAIServer


@both_apis
async def test_a_cancelled_turn_hangs_up_at_once_and_keeps_how_far_it_came(
    openai_server: OpenAIServer, api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    arrived = asyncio.Event()
    kept: list[Progress] = []

    async def keep(progress: Progress) -> None:
        kept.append(progress)

    openai_server.script(Answer("word " * 100, pause=0.05))
    choice = ModelChoice(model="test-model", base_url=openai_server.base_url, api=api)
    turn = asyncio.create_task(
        PlainHost().run_turn(choice, [], "Hello?", lambda _: arrived.set(), on_progress=keep)
    )
    await arrived.wait()
    before = time.perf_counter()
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    assert time.perf_counter() - before < 1
    await asyncio.to_thread(openai_server.wait_for_hang_up)
    (progress,) = kept
    assert (progress.items, progress.agent) == ((), "convo")
    assert progress.run is not None
    assert (progress.run.model, progress.run.requests) == ("test-model", 0)
    gc.collect()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_wait_for_another_try_can_be_cancelled(openai_server: OpenAIServer) -> None:
    openai_server.script(Fault.rate_limited(retry_after=60))
    choice = ModelChoice(model="test-model", base_url=openai_server.base_url)
    turn = asyncio.create_task(PlainHost().run_turn(choice, [], "Hello?", lambda _: None))
    await asyncio.to_thread(openai_server.wait_for_requests, 1)
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(turn, 5)


async def test_what_the_caller_raises_stops_the_turn(openai_server: OpenAIServer) -> None:
    def refuse(_: object) -> None:
        raise BrokenPipeError

    openai_server.script(Answer("word " * 100, pause=0.05))
    choice = ModelChoice(model="test-model", base_url=openai_server.base_url)
    with pytest.raises(BrokenPipeError):
        await PlainHost().run_turn(choice, [], "Hello?", refuse)
    await asyncio.to_thread(openai_server.wait_for_hang_up)


@both_apis
@both_ways
async def test_a_failure_that_passes_is_asked_about_again(
    openai_server: OpenAIServer, asker: Asker, api: str, stream: bool
) -> None:
    at_once = {"retry-after-ms": "1"}
    openai_server.script(
        Fault.status(503, headers=at_once), Fault.status(408, headers=at_once), Answer("At last.")
    )
    outcome = await asker.ask(api=api, stream=stream)
    assert (outcome.text, outcome.run.requests) == ("At last.", 1)
    first, second, third = (request.data for request in openai_server.requests)
    assert first == second == third


@pytest.mark.parametrize("headers", [{"x-should-retry": "false"}, {"retry-after": "1000"}])
async def test_a_server_that_says_so_is_not_asked_again(
    openai_server: OpenAIServer, asker: Asker, headers: dict[str, str]
) -> None:
    openai_server.script(Fault.status(503, headers=headers))
    assert "failed (503)" in str(await asker.fail())
    assert len(openai_server.requests) == 1


async def test_the_only_model_of_a_server_is_asked(
    asker: Asker, openai_server: OpenAIServer
) -> None:
    outcome = await asker.ask(model=None)
    assert outcome.run.model == "test-model"
    assert openai_server.requests[-1].data["model"] == "test-model"


async def test_a_host_can_stay_connected(openai_server: OpenAIServer) -> None:
    choice = ModelChoice(model="test-model", base_url=openai_server.base_url)
    host = PlainHost(stays_connected=True)

    async def ask() -> TurnOutcome:
        return await host.run_turn(choice, [], "Hello?", lambda _: None)

    openai_server.script(Answer("One.", usage=None), Answer("Two."))
    assert [(await ask()).run.estimated for _ in range(2)] == [True, False]
    assert openai_server.connections == 1
    openai_server.hang_up()
    await ask()
    assert openai_server.connections == 2
    await host.close()
    await ask()
    assert openai_server.connections == 3
    await host.close()


async def test_the_program_says_who_asks(openai_server: OpenAIServer) -> None:
    await Asker(openai_server.base_url, "plain").ask()
    headers = {name.lower(): value for name, value in openai_server.requests[0].headers.items()}
    assert headers["user-agent"].startswith("convo/")


async def test_models_are_listed(openai_server: OpenAIServer) -> None:
    choice = ModelChoice(model="echo", base_url=openai_server.base_url)
    assert await PlainHost().models(choice) == ["test-model"]
    with pytest.raises(ModelError, match="connection refused"):
        await PlainHost().models(ModelChoice(base_url="http://127.0.0.1:9/v1", timeout=1))
