"""How an agent goes on with a turn in which its tools have done something already."""

from dataclasses import replace
from typing import Any

from agents import Agent, ModelSettings


def unforced(agent: Agent[Any], settings: ModelSettings) -> tuple[Agent[Any], ModelSettings]:
    """The agent and the settings without a tool that has to be called.

    The SDK forces a call only until one was made, unless the agent wants it otherwise. What has
    been called before the turn went on counts.
    """
    if not agent.reset_tool_choice:
        return agent, settings
    own = agent.model_settings
    if own.tool_choice is not None:
        agent = agent.clone(model_settings=replace(own, tool_choice=None))
    return agent, replace(settings, tool_choice=None)
