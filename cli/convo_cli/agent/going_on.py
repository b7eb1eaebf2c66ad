"""Prepares an agent to continue a turn in which tools have already run."""

from dataclasses import replace
from typing import Any

from agents import Agent, ModelSettings


def unforced(agent: Agent[Any], settings: ModelSettings) -> tuple[Agent[Any], ModelSettings]:
    """The agent and the settings without a forced tool call.

    The SDK forces a call only until one has been made, unless the agent says otherwise. Calls made
    before the turn was continued count.
    """
    if not agent.reset_tool_choice:
        return agent, settings
    own = agent.model_settings
    if own.tool_choice is not None:
        agent = agent.clone(model_settings=replace(own, tool_choice=None))
    return agent, replace(settings, tool_choice=None)
