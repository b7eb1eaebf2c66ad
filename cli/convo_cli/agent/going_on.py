"""How an agent goes on with a turn in which its tools have done something already."""

from dataclasses import replace
from typing import Any

from agents import Agent, ModelSettings

from convo.held import Progress
from convo_cli.agent.servers import reachable


def going_on(
    agent: Agent[Any], settings: ModelSettings, reached: Progress
) -> tuple[Agent[Any], ModelSettings]:
    """Who goes on, and with which settings; what nothing was reached in begins with `agent`.

    The agent that the turn was handed over to goes on. The SDK forces a call of a tool only until
    one was made: so it is not forced again.
    """
    if not reached.items:
        return agent, settings
    named = (one for one in reachable(agent) if one.name == reached.agent)
    at_work = next(named, agent)
    if not at_work.reset_tool_choice:
        return at_work, settings
    if at_work.model_settings.tool_choice is not None:
        unforced = replace(at_work.model_settings, tool_choice=None)
        at_work = at_work.clone(model_settings=unforced)
    return at_work, replace(settings, tool_choice=None)
