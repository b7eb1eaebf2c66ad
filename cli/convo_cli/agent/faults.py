"""From whatever went wrong with a model to one line that says so, and what to do about it.

Only what comes out of the SDK, the libraries below it and the code of an agent is translated. An
error of our own code stays what it is, and is reported as a fault of ours.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx2
import openai
from agents import exceptions as sdk
from pydantic import ValidationError

from convo.errors import ModelError
from convo_cli.agent.answer_faults import (
    IN_ONE_PIECE,
    bad_answer,
    broken_agent,
    broken_stream,
    cut_answer,
    failed_answer,
    malformed,
    misbehaviour,
    refusal,
    too_many_requests,
    tripped_guardrail,
)
from convo_cli.agent.answers import BadAnswerError, CutAnswerError, FailedAnswerError
from convo_cli.agent.code_errors import mistake, own_place
from convo_cli.agent.exits import AgentExitError
from convo_cli.agent.http_faults import broken_connection, error_status
from convo_cli.turn.asked import Asked, Fault
from convo_cli.turn.choice import ROUTED_ELSEWHERE
from convo_cli.turn.redact import contains_secret, one_line

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
"""An unforeseen error out of these means that they could not cope with what a server sent."""

_TOLD_BY_LIBRARIES = (sdk.AgentsException, openai.OpenAIError)
"""Errors whose kind says what happened, whoever's code they came through."""

_MCP = "mcp"
_STARTED_AGAIN = "the next turn starts it again"
_GIVE_CONTEXT = "if it needs a context, give it with --context FILE.py:NAME or --context JSON"

_CANNOT_STREAM = re.compile(
    r"\b(stream(s|ed|ing)?\b.*(support|allow|implement|disabl|enabl|availab|must be|not)"
    r"|(support|cannot|can't|does not|do not|unable to|disabl)\w*\b.* stream)",
    re.IGNORECASE,
)
"""What a server says that gives answers in one piece only."""


class ServerFailedError(ModelError):
    """An MCP server of the agent has gone."""


@contextmanager
def translated(asked: Asked) -> Iterator[None]:
    """Raise what goes wrong with a model as ModelError, and everything else as it is.

    The original error stays attached as the cause, unless it gives away a key.
    """
    try:
        yield
    except (SystemExit, KeyboardInterrupt) as error:
        raise _ended(error, asked) from error
    except Exception as error:
        found = model_error(error, asked)
        if found is None:
            raise
        raise found from (None if _gives_away(error, asked.secrets) else error)


def model_error(error: Exception, asked: Asked) -> ModelError | None:
    """What the error says about the model or the agent, None where it says nothing about them."""
    if isinstance(error, AgentExitError):
        return _ended(error, asked)
    if asked.has_agent and not isinstance(error, _TOLD_BY_LIBRARIES) and own_place(error):
        hint = _GIVE_CONTEXT if _misses_context(error, asked) else None
        return _said(f"the agent failed: {mistake(error)}", hint, asked)
    for kind, describe in _FAULTS:
        if isinstance(error, kind):
            message, hint = describe(error, asked)
            if asked.streams and _CANNOT_STREAM.search(message):
                hint = IN_ONE_PIECE
            return _said(message, hint, asked)
    if isinstance(error, ImportError) and (asked.model or "").startswith(ROUTED_ELSEWHERE):
        return _said(*_not_installed(asked), asked)
    if _top_module(error) == _MCP:
        whose = " of the agent" if asked.has_agent else ""
        failed = _said(f"an MCP server{whose} failed: {mistake(error)}", _STARTED_AGAIN, asked)
        return ServerFailedError(str(failed), hint=failed.hint)
    if _top_module(error) in _LIBRARIES:
        return _said(*malformed(error, asked), asked)
    return None


def _ended(error: BaseException, asked: Asked) -> ModelError:
    return _said(f"the agent ended itself: {mistake(error)}", None, asked)


def _misses_context(error: Exception, asked: Asked) -> bool:
    """Whether code may have failed because it was written for a context that nobody gave."""
    return not asked.has_context and "'NoneType' object" in str(error)


def _said(message: str, hint: str | None, asked: Asked) -> ModelError:
    return ModelError(one_line(message, asked.secrets), hint=hint and one_line(hint, asked.secrets))


def _not_installed(asked: Asked) -> Fault:
    library = (asked.model or "").partition("/")[0]
    return f"{library} is not installed", f"pip install 'openai-agents[{library}]'"


# From the special to the general: the first that fits describes the error.
_FAULTS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Callable[..., Fault]], ...] = (
    (openai.APIConnectionError, broken_connection),
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


def _top_module(error: Exception) -> str:
    """The package whose code raised the error."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    name = trace.tb_frame.f_globals.get("__name__", "") if trace is not None else ""
    return str(name).partition(".")[0]


def _gives_away(error: BaseException | None, secrets: tuple[str, ...]) -> bool:
    """Whether the error, or one that it came from, says a secret."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if contains_secret(str(error), secrets):
            return True
        error = error.__cause__ or error.__context__
    return False
