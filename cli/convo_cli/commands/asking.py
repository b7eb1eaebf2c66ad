"""What the commands that ask a model share: their options as the choice of a model."""

import math

from convo_cli.agent.choice import Api, ModelChoice
from convo_cli.agent.reference import AgentReference, agent_reference
from convo_cli.agent.settings import model_settings
from convo_cli.chat.instructions import instructions_of
from convo_cli.exits import UsageError


def model_choice(
    *,
    model: str | None,
    base_url: str | None,
    api: Api | None,
    instructions: str | None,
    agent: str | None,
    no_agent: bool,
    option: list[str] | None,
    max_turns: int,
    timeout: float,
    trace: bool,
    stream: bool,
) -> ModelChoice:
    """What the options of a command line choose; the environment and the session may add to it.

    Raises `UsageError`.
    """
    if model is not None and not model.strip():
        raise UsageError("--model needs the name of a model")
    return ModelChoice(
        model=model or None,
        base_url=base_url or None,
        api=api,
        instructions=None if instructions is None else instructions_of(instructions),
        max_turns=_at_least_one(max_turns),
        timeout=_positive(timeout),
        trace=trace,
        stream=stream,
        agent=_agent(agent, no_agent),
        goes_on_with_agent=not no_agent,
        is_chosen=model is not None,
        settings=model_settings(option or []),
    )


def _agent(given: str | None, no_agent: bool) -> AgentReference | None:
    if given is not None and no_agent:
        raise UsageError("--agent and --no-agent contradict each other", hint="give one of them")
    return None if given is None else agent_reference(given)


def _at_least_one(max_turns: int) -> int:
    if max_turns < 1:
        raise UsageError(f"--max-turns is at least 1, not {max_turns}")
    return max_turns


def _positive(timeout: float) -> float:
    if not math.isfinite(timeout) or timeout <= 0:
        raise UsageError(f"--timeout is a number of seconds above 0, not {timeout:g}")
    return timeout
