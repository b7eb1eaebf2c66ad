"""Who runs the turns of a chat: loaded while the user types, with the agent that was named."""

from types import ModuleType
from typing import TYPE_CHECKING, TypeAlias

from convo_cli.agent.choice import ModelChoice, check_named
from convo_cli.ask.preload import Preload

if TYPE_CHECKING:
    from convo_cli.agent.host import AgentHost

Hosting: TypeAlias = "Preload[AgentHost]"

_MODULE = "convo_cli.agent.host"
"""It imports the Agents SDK, which takes seconds."""


def host_of(choice: ModelChoice) -> Hosting:
    """The host of the agent that was chosen, to be started when there is time.

    An agent that the user has not named is not loaded: that it is a `choice` does not say so.
    """
    check_named(choice)

    def opened(module: ModuleType) -> "AgentHost":
        host: AgentHost = module.AgentHost()
        if choice.agent is not None:
            host.load(choice.agent)
        return host

    return Preload(_MODULE, opened)
