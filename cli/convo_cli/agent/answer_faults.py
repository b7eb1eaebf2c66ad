"""What a broken answer, a guardrail, or an agent that cannot go on means in words."""

import re

import openai
from agents import exceptions as sdk

from convo_cli.agent.answers import (
    BEFORE_THE_ANSWER,
    CONTENT_FILTER,
    IN_A_CALL,
    TOKEN_LIMIT,
    FailedAnswerError,
)
from convo_cli.agent.code_errors import mistake
from convo_cli.turn.asked import Asked, Fault

IN_ONE_PIECE = "--no-stream asks for the answer in one piece"
_COMPATIBLE = "is that an OpenAI-compatible server, and its address right?"
_SAY_IT_DIFFERENTLY = "say it differently, or branch from an earlier turn"

_FAILED_TOOL = re.compile(r"Error running tool (\S+): ")
"""What the SDK says where a tool raises and the agent has no way to tell the model so."""


def failed_answer(error: FailedAnswerError, asked: Asked) -> Fault:
    """The server says that its answer failed, was cut off, or was filtered."""
    if error.code == TOKEN_LIMIT:
        when = str(error) if str(error) in {IN_A_CALL, BEFORE_THE_ANSWER} else "before its end"
        return (
            f"the answer of {asked.model} was cut off at the limit of tokens {when}",
            "allow it more with -o max_tokens=N, or ask for less",
        )
    if error.code == CONTENT_FILTER:
        return f"the content filter of {asked.where} stopped the answer", _SAY_IT_DIFFERENTLY
    return f"{asked.where} failed while answering: {error}", None


def cut_answer(error: Exception, asked: Asked) -> Fault:
    """The answer broke off."""
    hint = IN_ONE_PIECE if asked.streams else None
    return f"the answer of {asked.where} ended before it was complete", hint


def bad_answer(error: Exception, asked: Asked) -> Fault:
    """The answer is not what an OpenAI-compatible server sends."""
    return f"{asked.where} {error}", _COMPATIBLE


def malformed(error: Exception, asked: Asked) -> Fault:
    """A library could not read the answer, or not write the conversation."""
    if isinstance(error, UnicodeEncodeError):
        return "the conversation has characters that cannot be sent (lone surrogates)", None
    return (
        f"the answer of {asked.where} is malformed ({type(error).__name__})",
        _COMPATIBLE,
    )


def broken_stream(error: openai.APIError, asked: Asked) -> Fault:
    """The server reported an error in the stream."""
    return f"{asked.where} broke off the answer: {error.message}", None


def too_many_requests(error: Exception, asked: Asked) -> Fault:
    """The agent asked the model too often."""
    return (
        f"the agent was not done after {asked.max_turns} requests to the model",
        "--max-turns N allows more",
    )


def refusal(error: Exception, asked: Asked) -> Fault:
    """The model refused to answer."""
    said = str(error).partition(": ")[2]
    return f"the model refused to answer: {said}", _SAY_IT_DIFFERENTLY


def tripped_guardrail(error: sdk.AgentsException, asked: Asked) -> Fault:
    """A guardrail of the agent stepped in."""
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


def misbehaviour(error: Exception, asked: Asked) -> Fault:
    """The model broke the protocol of the SDK."""
    if "final response" in str(error):
        return cut_answer(error, asked)
    return f"the model did not do as agreed: {error}", None


def broken_agent(error: Exception, asked: Asked) -> Fault:
    """The agent, or a tool of it, failed inside the SDK."""
    tool = _FAILED_TOOL.match(str(error))
    if tool is not None and error.__cause__ is not None:
        return f"the tool {tool[1]} failed: {mistake(error.__cause__)}", None
    return f"the agent cannot run: {error}", None
