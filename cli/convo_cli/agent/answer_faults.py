"""Messages for failures inside a run: guardrails, refusals, broken agents."""

import re

import openai
from agents import exceptions as sdk

from convo_cli.agent.code_errors import mistake
from convo_cli.plain.answer_faults import (
    SAY_IT_DIFFERENTLY,
    broken_off,
    cannot_run,
    cut_answer,
    misbehaved,
    refused_to_answer,
)
from convo_cli.turn.asked import Asked, Fault

_FAILED_TOOL = re.compile(r"Error running tool (\S+): ")
"""The SDK's message for a tool that raised, if the agent does not report that to the model."""


def broken_stream(error: openai.APIError, asked: Asked) -> Fault:
    """The server reported an error in the stream."""
    return broken_off(error.message, asked)


def too_many_requests(error: Exception, asked: Asked) -> Fault:
    """The agent exceeded the limit of requests."""
    return (
        f"the agent was not done after {asked.max_turns} requests to the model",
        "--max-turns N allows more",
    )


def refusal(error: Exception, asked: Asked) -> Fault:
    """The model refused to answer."""
    return refused_to_answer(str(error).partition(": ")[2], asked)


def tripped_guardrail(error: sdk.AgentsException, asked: Asked) -> Fault:
    """A guardrail of the agent was tripped."""
    result = getattr(error, "guardrail_result", None)
    guardrail = getattr(error, "guardrail", None) if result is None else result.guardrail
    name = guardrail.get_name() if guardrail is not None else "of the agent"
    kept = {
        sdk.InputGuardrailTripwireTriggered: "this question from the model",
        sdk.OutputGuardrailTripwireTriggered: "the answer back",
        sdk.ToolInputGuardrailTripwireTriggered: "a call from a tool",
        sdk.ToolOutputGuardrailTripwireTriggered: "what a tool returned from the model",
    }
    return f"the guardrail {name} kept {kept[type(error)]}", SAY_IT_DIFFERENTLY


def misbehaviour(error: Exception, asked: Asked) -> Fault:
    """The model broke the protocol of the SDK."""
    if "final response" in str(error):
        return cut_answer(error, asked)
    return misbehaved(str(error), asked)


def broken_agent(error: Exception, asked: Asked) -> Fault:
    """The agent, or a tool of it, failed inside the SDK."""
    tool = _FAILED_TOOL.match(str(error))
    if tool is not None and error.__cause__ is not None:
        return f"the tool {tool[1]} failed: {mistake(error.__cause__)}", None
    return cannot_run(str(error), asked)
