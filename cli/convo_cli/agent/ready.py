"""An agent that stays ready from turn to turn, and is restored before each."""

from dataclasses import dataclass, field
from typing import Any

from agents import Agent
from agents.mcp import MCPServer
from agents.models import get_default_model_settings
from agents.models.interface import Model

from convo_cli.agent.answer_form import AnswerForm
from convo_cli.agent.making import Made
from convo_cli.agent.mcp_servers import GivenServer, made_server, secrets_in
from convo_cli.agent.servers import Servers, handed_over, reachable
from convo_cli.config.mcp import McpServer
from convo_cli.turn.choice import ModelChoice


@dataclass
class _AsMade:
    """An agent, and the model, instructions and settings that its code gave it."""

    agent: Agent[Any]
    model: str | Model | None
    instructions: Any
    output_type: Any
    mcp_servers: list[MCPServer]
    mcp_config: Any
    has_own_settings: bool

    @classmethod
    def of(cls, agent: Agent[Any]) -> "_AsMade":
        own = agent.model_settings != get_default_model_settings()
        return cls(
            agent,
            agent.model,
            agent.instructions,
            agent.output_type,
            agent.mcp_servers,
            agent.mcp_config,
            own,
        )

    def restore(self, model: str | Model | None) -> None:
        """Restore the agent's own instructions, and its own model or else this one.

        The SDK chooses settings when an agent is created. Without this, settings for its default
        model would stay, and other models and servers refuse them.
        """
        self.agent.instructions = self.instructions
        self.agent.output_type = self.output_type
        self.agent.mcp_servers, self.agent.mcp_config = self.mcp_servers, self.mcp_config
        if self.model is None:
            self.agent.model = model
            if not self.has_own_settings:
                made = Agent[Any](name=self.agent.name, model=model)
                self.agent.model_settings = made.model_settings


@dataclass
class Ready:
    """A loaded agent and those that it works with, in their original state."""

    made_as: list[_AsMade]
    servers: Servers
    context: Any = None
    made: Made | None = None
    is_connected: bool = False
    given: tuple[McpServer, ...] = ()
    more: list[GivenServer] = field(default_factory=list)

    @classmethod
    def of(cls, agent: Agent[Any], context: Any = None, made: Made | None = None) -> "Ready":
        """Record the state that the agents' code set; `made` is the factory of the agent."""
        agents = reachable(agent)
        own = [server for one in agents for server in one.mcp_servers]
        return cls([_AsMade.of(one) for one in agents], Servers(own), context, made)

    @property
    def names(self) -> list[str]:
        """The names of the agents, first the one that begins."""
        return list(dict.fromkeys(one.agent.name for one in self.made_as))

    def model(self, active: str | None) -> str | Model | None:
        """The model that the code of the active agent gave it."""
        return self._active(active).model

    def handed_over_to(self, agent: Agent[Any]) -> str | None:
        """The name of the agent that a run ended with; None for the one that begins."""
        return None if agent.name == self.made_as[0].agent.name else agent.name

    async def connect(self) -> None:
        """Connect the MCP servers, unless they are connected. Raises ModelError."""
        if not self.is_connected:
            await self.servers.connect()
            self.is_connected = True

    async def disconnect(self) -> None:
        """Close the MCP servers; the next turn starts them again."""
        if self.is_connected:
            await self.servers.close()
            self.servers = self._unconnected()
            self.is_connected = False

    async def give(self, servers: tuple[McpServer, ...]) -> None:
        """Add the tools of these MCP servers to the active agent. Raises `McpError`."""
        if servers == self.given:
            return
        await self.disconnect()
        self.more, self.given = [made_server(server) for server in servers], servers
        self.servers = self._unconnected()

    def _unconnected(self) -> Servers:
        own = [server for one in self.made_as for server in one.mcp_servers]
        return Servers(own, self.more, secrets_in(self.given))

    async def close(self) -> None:
        """Close the MCP servers, and the resources of a factory."""
        await self.disconnect()
        if self.made is not None:
            await self.made.close()

    def prepared(self, choice: ModelChoice, fallback: str | Model | None) -> Agent[Any]:
        """The active agent, with the given instructions and schema of the answer.

        Agents without a model get the fallback. If the active agent no longer exists, the first one
        begins.
        """
        for one in self.made_as:
            one.restore(fallback)
        agent = self._active(choice.active).agent
        if self.more:
            agent.mcp_servers = [*agent.mcp_servers, *self.more]
            # A server may name its tools like others that the user has approved.
            agent.mcp_config = {**agent.mcp_config, "include_server_in_tool_names": True}
        if choice.instructions is not None:
            agent.instructions = choice.instructions
        if choice.schema is not None:
            form = AnswerForm(choice.schema)
            for last in handed_over(agent):
                last.output_type = form
        return agent

    def _active(self, name: str | None) -> _AsMade:
        return next((one for one in self.made_as if one.agent.name == name), self.made_as[0])
