"""From whatever went wrong with a model to one line that says so, and what to do about it.

Only what comes out of the SDK, the libraries below it and the code of an agent is translated. An
error of our own code stays what it is, and is reported as a fault of ours.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx2
import openai
from agents import exceptions as sdk
from pydantic import ValidationError

from convo.errors import ModelError
from convo_cli.agent.answers import (
    BEFORE_THE_ANSWER,
    CONTENT_FILTER,
    IN_A_CALL,
    TOKEN_LIMIT,
    BadAnswerError,
    CutAnswerError,
    FailedAnswerError,
)
from convo_cli.agent.choice import ROUTED_ELSEWHERE
from convo_cli.agent.exits import AgentExitError
from convo_cli.agent.http_faults import Fault, broken_connection, error_status
from convo_cli.agent.mistakes import mistake, own_place
from convo_cli.agent.redact import contains_secret, one_line

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

_FAILED_TOOL = re.compile(r"Error running tool (\S+): ")
"""What the SDK says where a tool raises and the agent has no way to tell the model so."""

_TOLD_BY_LIBRARIES = (sdk.AgentsException, openai.OpenAIError)
"""Errors whose kind says what happened, whoever's code they came through."""

_MCP = "mcp"
_STARTED_AGAIN = "the next turn starts it again"
_COMPATIBLE = "is that an OpenAI-compatible server, and its address right?"
_GIVE_CONTEXT = "if it needs a context, give it with --context FILE.py:NAME or --context JSON"
_IN_ONE_PIECE = "--no-stream asks for the answer in one piece"

_CANNOT_STREAM = re.compile(
    r"\b(stream(s|ed|ing)?\b.*(support|allow|implement|disabl|enabl|availab|must be|not)"
    r"|(support|cannot|can't|does not|do not|unable to|disabl)\w*\b.* stream)",
    re.IGNORECASE,
)
"""What a server says that gives answers in one piece only."""

_SAY_IT_DIFFERENTLY = "say it differently, or branch from an earlier turn"


@dataclass(frozen=True)
class Asked:
    """Who was asked: what the line about a failure names, and what it must never say."""

    model: str | None = None
    base_url: str | None = None
    has_key: bool = False
    timeout: float = 600.0
    max_turns: int = 10
    streams: bool = False
    has_agent: bool = False
    has_context: bool = False
    proxy: tuple[str, str] | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def where(self) -> str:
        """The server, in words."""
        if self.base_url is not None:
            return self.base_url
        routed = (self.model or "").startswith(ROUTED_ELSEWHERE)
        return f"the provider of {self.model}" if routed else "OpenAI"


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
                hint = _IN_ONE_PIECE
            return _said(message, hint, asked)
    if isinstance(error, ImportError) and (asked.model or "").startswith(ROUTED_ELSEWHERE):
        return _said(*_not_installed(asked), asked)
    if _top_module(error) == _MCP:
        failed = _said(
            f"an MCP server of the agent failed: {mistake(error)}", _STARTED_AGAIN, asked
        )
        return ServerFailedError(str(failed), hint=failed.hint)
    if _top_module(error) in _LIBRARIES:
        return _said(*_malformed(error, asked), asked)
    return None


def _ended(error: BaseException, asked: Asked) -> ModelError:
    return _said(f"the agent ended itself: {mistake(error)}", None, asked)


def _misses_context(error: Exception, asked: Asked) -> bool:
    """Whether code may have failed because it was written for a context that nobody gave."""
    return not asked.has_context and "'NoneType' object" in str(error)


def _said(message: str, hint: str | None, asked: Asked) -> ModelError:
    return ModelError(one_line(message, asked.secrets), hint=hint and one_line(hint, asked.secrets))


def _failed_answer(error: FailedAnswerError, asked: Asked) -> Fault:
    if error.code == TOKEN_LIMIT:
        when = str(error) if str(error) in {IN_A_CALL, BEFORE_THE_ANSWER} else "before its end"
        return (
            f"the answer of {asked.model} was cut off at the limit of tokens {when}",
            "allow it more with -o max_tokens=N, or ask for less",
        )
    if error.code == CONTENT_FILTER:
        return f"the content filter of {asked.where} stopped the answer", _SAY_IT_DIFFERENTLY
    return f"{asked.where} failed while answering: {error}", None


def _cut(error: Exception, asked: Asked) -> Fault:
    hint = _IN_ONE_PIECE if asked.streams else None
    return f"the answer of {asked.where} ended before it was complete", hint


def _bad_answer(error: Exception, asked: Asked) -> Fault:
    return f"{asked.where} {error}", _COMPATIBLE


def _malformed(error: Exception, asked: Asked) -> Fault:
    if isinstance(error, UnicodeEncodeError):
        return "the conversation has characters that cannot be sent (lone surrogates)", None
    return (
        f"the answer of {asked.where} is malformed ({type(error).__name__})",
        _COMPATIBLE,
    )


def _in_stream(error: openai.APIError, asked: Asked) -> Fault:
    return f"{asked.where} broke off the answer: {error.message}", None


def _max_turns(error: Exception, asked: Asked) -> Fault:
    return (
        f"the agent was not done after {asked.max_turns} requests to the model",
        "--max-turns N allows more",
    )


def _refusal(error: Exception, asked: Asked) -> Fault:
    said = str(error).partition(": ")[2]
    return f"the model refused to answer: {said}", _SAY_IT_DIFFERENTLY


def _guardrail(error: sdk.AgentsException, asked: Asked) -> Fault:
    result = getattr(error, "guardrail_result", None)
    guardrail = getattr(error, "guardrail", None) if result is None else result.guardrail
    name = guardrail.get_name() if guardrail is not None else "of the agent"
    kept = {
        sdk.InputGuardrailTripwireTriggered: "this question from the model",
        sdk.OutputGuardrailTripwireTriggered: "the answer back",
        sdk.ToolInputGuardrailTripwireTriggered: "a call from a tool",
        sdk.ToolOutputGuardrailTripwireTriggered: "what a tool returned from the model",
    }
    return f"the guardrail {name} kept {kept[type(error)]}", _SAY_IT_DIFFERENTLY


def _behavior(error: Exception, asked: Asked) -> Fault:
    if "final response" in str(error):
        return _cut(error, asked)
    return f"the model did not do as agreed: {error}", None


def _agent(error: Exception, asked: Asked) -> Fault:
    tool = _FAILED_TOOL.match(str(error))
    if tool is not None and error.__cause__ is not None:
        return f"the tool {tool[1]} failed: {mistake(error.__cause__)}", None
    return f"the agent cannot run: {error}", None


def _not_installed(asked: Asked) -> Fault:
    library = (asked.model or "").partition("/")[0]
    return f"{library} is not installed", f"pip install 'openai-agents[{library}]'"


# From the special to the general: the first that fits describes the error.
_FAULTS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Callable[..., Fault]], ...] = (
    (openai.APIConnectionError, broken_connection),
    (openai.APIResponseValidationError, _malformed),
    (openai.APIStatusError, error_status),
    (openai.APIError, _in_stream),
    (openai.OpenAIError, _agent),
    (httpx2.HTTPError, broken_connection),
    (FailedAnswerError, _failed_answer),
    (CutAnswerError, _cut),
    (BadAnswerError, _bad_answer),
    (sdk.MaxTurnsExceeded, _max_turns),
    (sdk.ModelRefusalError, _refusal),
    (
        (
            sdk.InputGuardrailTripwireTriggered,
            sdk.OutputGuardrailTripwireTriggered,
            sdk.ToolInputGuardrailTripwireTriggered,
            sdk.ToolOutputGuardrailTripwireTriggered,
        ),
        _guardrail,
    ),
    (sdk.ModelBehaviorError, _behavior),
    (sdk.AgentsException, _agent),
    (ValidationError, _malformed),
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
