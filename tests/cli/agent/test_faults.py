"""What an error out of the SDK says about the model, and what is no fault of a model at all."""

import json
from types import SimpleNamespace
from typing import Any

import httpx2
import openai
import pytest
from agents import (
    InputGuardrailTripwireTriggered,
    MaxTurnsExceeded,
    ModelBehaviorError,
    OutputGuardrailTripwireTriggered,
    UserError,
)
from agents.exceptions import ToolInputGuardrailTripwireTriggered

from convo.errors import ModelError
from convo_cli.agent.faults import model_error, translated
from convo_cli.turn.asked import Asked
from tests.cli.agent.asking import KEY, Asker, both_ways

ASKED = Asked(model="m", base_url="http://here/v1", timeout=9.0, max_turns=3, secrets=(KEY,))
REQUEST = httpx2.Request("POST", "http://here/v1/responses")
GUARDRAIL = SimpleNamespace(get_name=lambda: "no_maths")
TRIPPED: Any = SimpleNamespace(guardrail=GUARDRAIL)
TOOL_GUARDRAIL: Any = GUARDRAIL
NO_MATTER: Any = None


def _connection_error(cause: Exception) -> openai.APIConnectionError:
    error = openai.APIConnectionError(request=REQUEST)
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (MaxTurnsExceeded("Max turns (3) exceeded"), "the agent was not done after 3 requests"),
        (
            InputGuardrailTripwireTriggered(TRIPPED),
            "the guardrail no_maths kept this question from the model",
        ),
        (OutputGuardrailTripwireTriggered(TRIPPED), "the guardrail no_maths kept the answer back"),
        (
            ToolInputGuardrailTripwireTriggered(TOOL_GUARDRAIL, NO_MATTER),
            "the guardrail no_maths kept a call from a tool",
        ),
        (UserError("no such tool"), "the agent cannot run: no such tool"),
        (ModelBehaviorError("odd"), "the model did not do as agreed: odd"),
        (openai.OpenAIError("odd"), "the agent cannot run: odd"),
        (openai.APITimeoutError(REQUEST), "http://here/v1 said nothing for 9 s"),
        (
            _connection_error(httpx2.ConnectTimeout("")),
            "cannot reach http://here/v1: no answer",
        ),
        (
            _connection_error(httpx2.ReadError("")),
            "the connection to http://here/v1 was lost before the answer was complete",
        ),
        (
            _connection_error(httpx2.TooManyRedirects("20 redirects")),
            "cannot talk to http://here/v1: 20 redirects",
        ),
        (
            _connection_error(httpx2.LocalProtocolError(f"Illegal header value {KEY}")),
            "cannot talk to http://here/v1: Illegal header value ***",
        ),
    ],
)
def test_what_an_error_says(error: Exception, message: str) -> None:
    found = model_error(error, ASKED)
    assert found is not None
    assert str(found).startswith(message)


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        (Asked(base_url="http://here/v1", model="litellm/x"), "http://here/v1"),
        (Asked(model="gpt-5"), "OpenAI"),
        (Asked(model="litellm/x"), "the provider of litellm/x"),
    ],
)
def test_who_was_asked(asked: Asked, where: str) -> None:
    assert asked.where == where


def test_secrets_are_not_in_the_representation() -> None:
    assert KEY not in repr(ASKED)


def test_the_cause_stays_attached() -> None:
    with pytest.raises(ModelError) as caught, translated(ASKED):
        raise UserError("odd")
    assert isinstance(caught.value.__cause__, UserError)


@pytest.mark.parametrize("error", [KeyError("x"), ValueError("x"), OSError("x"), ImportError("x")])
def test_an_error_of_our_own_code_stays_what_it_is(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, translated(ASKED):
        raise error
    assert caught.value is error


@both_ways
async def test_a_bug_of_ours_below_the_sdk_stays_what_it_is(
    monkeypatch: pytest.MonkeyPatch, stream: bool
) -> None:
    def broken(*_: object) -> str:
        raise KeyError("ours")

    monkeypatch.setattr("convo_cli.plain.echo.answer", broken)
    with pytest.raises(KeyError, match="ours"):
        await Asker("").ask(model="echo", stream=stream)


@both_ways
async def test_a_bug_in_what_shows_the_events_stays_what_it_is(
    asker: Asker, monkeypatch: pytest.MonkeyPatch, stream: bool
) -> None:
    class Broken(list[Any]):
        def append(self, event: object) -> None:
            json.loads("{")

    asker.events = Broken()
    with pytest.raises(json.JSONDecodeError):
        await asker.ask(stream=stream)
