"""Translates errors of a run into one-line messages, with a hint about what to do.

Only errors of the SDK, of the libraries below it and of an agent's code are translated. An error in
convo's own code is raised unchanged, and reported as a bug.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx2
import openai
from agents import exceptions as sdk
from pydantic import ValidationError

from convo.errors import ModelError
from convo_cli.agent.answer_faults import (
    broken_agent,
    broken_stream,
    misbehaviour,
    refusal,
    too_many_requests,
    tripped_guardrail,
)
from convo_cli.agent.code_errors import mistake, own_place
from convo_cli.agent.exits import AgentExitError
from convo_cli.plain import faults
from convo_cli.plain.answer_faults import bad_answer, cut_answer, failed_answer, malformed
from convo_cli.plain.faults import cannot_stream, said, top_module
from convo_cli.plain.http_faults import broken_connection, error_status, silence
from convo_cli.turn.asked import Asked, Fault
from convo_cli.turn.choice import ROUTED_ELSEWHERE
from convo_cli.wire.ends import BadAnswerError, CutAnswerError, FailedAnswerError

_LIBRARIES = frozenset(
    {
        "agents",
        "openai",
        "pydantic",
        "pydantic_core",
        "httpx2",
        "httpcore2",
        "h11",
        "anyio",
        "json",
        "litellm",
        "any_llm",
        "httpx",
        "httpcore",
        "aiohttp",
    }
)
"""Packages whose unexpected errors mean that they could not process what a server sent."""

_TOLD_BY_LIBRARIES = (sdk.AgentsException, openai.OpenAIError)
"""Errors whose class says what happened, whichever code raised them."""

_MCP = "mcp"
_STARTED_AGAIN = "the next turn starts it again"
_GIVE_CONTEXT = "if it needs a context, give it with --context FILE.py:NAME or --context JSON"


class ServerFailedError(ModelError):
    """An MCP server of the agent has gone."""


@contextmanager
def translated(asked: Asked) -> Iterator[None]:
    """As for a plain question, with the errors of the SDK and of the agent's code."""
    try:
        with faults.translated(asked, model_error):
            yield
    except (SystemExit, KeyboardInterrupt) as error:
        raise _ended(error, asked) from error


def model_error(error: Exception, asked: Asked) -> ModelError | None:
    """The ModelError for an error of the model or the agent; None for any other error."""
    if isinstance(error, AgentExitError):
        return _ended(error, asked)
    if asked.has_agent and not isinstance(error, _TOLD_BY_LIBRARIES) and own_place(error):
        hint = _GIVE_CONTEXT if _misses_context(error, asked) else None
        return said(f"the agent failed: {mistake(error)}", hint, asked)
    for kind, describe in _FAULTS:
        if isinstance(error, kind):
            message, hint = describe(error, asked)
            return said(message, cannot_stream(message, asked) or hint, asked)
    if isinstance(error, ImportError) and (asked.model or "").startswith(ROUTED_ELSEWHERE):
        return said(*_not_installed(asked), asked)
    if top_module(error) == _MCP:
        whose = " of the agent" if asked.has_agent else ""
        failed = said(f"an MCP server{whose} failed: {mistake(error)}", _STARTED_AGAIN, asked)
        return ServerFailedError(str(failed), hint=failed.hint)
    if top_module(error) in _LIBRARIES:
        return said(*malformed(error, asked), asked)
    return None


def _ended(error: BaseException, asked: Asked) -> ModelError:
    return said(f"the agent ended itself: {mistake(error)}", None, asked)


def _misses_context(error: Exception, asked: Asked) -> bool:
    """Whether the code may have failed because it needs a context and was given none."""
    return not asked.has_context and "'NoneType' object" in str(error)


def _not_installed(asked: Asked) -> Fault:
    library = (asked.model or "").partition("/")[0]
    return f"{library} is not installed", f"pip install 'openai-agents[{library}]'"


def _broken_connection(error: Exception, asked: Asked) -> Fault:
    timed_out = isinstance(error, openai.APITimeoutError) and error.__cause__ is None
    return silence(asked) if timed_out else broken_connection(error, asked)


# From the specific to the general: the first match describes the error.
_FAULTS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Callable[..., Fault]], ...] = (
    (openai.APIConnectionError, _broken_connection),
    (openai.APIResponseValidationError, malformed),
    (openai.APIStatusError, error_status),
    (openai.APIError, broken_stream),
    (openai.OpenAIError, broken_agent),
    (httpx2.HTTPError, broken_connection),
    (FailedAnswerError, failed_answer),
    (CutAnswerError, cut_answer),
    (BadAnswerError, bad_answer),
    (sdk.MaxTurnsExceeded, too_many_requests),
    (sdk.ModelRefusalError, refusal),
    (
        (
            sdk.InputGuardrailTripwireTriggered,
            sdk.OutputGuardrailTripwireTriggered,
            sdk.ToolInputGuardrailTripwireTriggered,
            sdk.ToolOutputGuardrailTripwireTriggered,
        ),
        tripped_guardrail,
    ),
    (sdk.ModelBehaviorError, misbehaviour),
    (sdk.AgentsException, broken_agent),
    (ValidationError, malformed),
)
