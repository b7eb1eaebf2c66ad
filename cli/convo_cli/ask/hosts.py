"""The two hosts that run turns: one for plain questions, and one that uses the Agents SDK.

Each is loaded when it is first needed, or while the user types.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

from convo.pending.pending import Progress
from convo_cli.ask.preload import Preload, collect
from convo_cli.plain.findings import Findings
from convo_cli.plain.host import PlainHost
from convo_cli.plain.needs import needs_sdk
from convo_cli.turn.choice import (
    ECHO,
    Approve,
    Choose,
    Content,
    ModelChoice,
    OnProgress,
    TurnOutcome,
    check_named,
)
from convo_cli.turn.events import OnEvent

if TYPE_CHECKING:
    from convo_cli.agent.host import AgentHost

_SDK = "convo_cli.agent.host"
"""Imports the Agents SDK, which takes seconds."""

_CLIENT = "convo_cli.plain.asking"
"""Imports the HTTP client, which takes a twentieth of a second."""


class Host(Protocol):
    """Runs turns."""

    async def run_turn(
        self,
        choice: ModelChoice,
        history: list[dict[str, Any]],
        content: Content,
        on_event: OnEvent,
        approve: Approve,
        choose: Choose,
        *,
        reached: Progress,
        on_progress: OnProgress,
    ) -> TurnOutcome:
        """Run one turn: the model or the agent answers what the user says after this history."""

    async def models(self, choice: ModelChoice) -> list[str]:
        """The models of the server that the choice asks. Raises ModelError."""

    async def close(self) -> None:
        """Close what is open between turns."""


def host_for(
    choice: ModelChoice,
    history: Sequence[Any],
    reached: Progress,
    *,
    stays_connected: bool = False,
) -> Host:
    """A host for one turn, loaded at once, or for several that `stays_connected`.

    The caller closes it.
    """
    if needs_sdk(choice, history, os.environ, goes_on=bool(reached.items)):
        from convo_cli.agent.host import AgentHost

        collect()
        return AgentHost()
    if choice.model != ECHO:
        import convo_cli.plain.asking  # noqa: F401  loads the modules that it needs before the turn begins
    collect()
    return PlainHost(stays_connected=stays_connected)


class Hosts:
    """The hosts of a chat. Both remember what servers have refused."""

    def __init__(self, choice: ModelChoice) -> None:
        """Prepare to load the chosen agent in the background.

        An agent that only the database names is not loaded before the user has permitted it.
        """
        check_named(choice)
        self._findings = Findings()
        self._plain = PlainHost(self._findings)
        self._client = Preload(_CLIENT, lambda module: module)
        self._sdk = Preload(_SDK, self._opened)
        self._choice = choice

    def start(self) -> None:
        """Start loading in a thread what the next message needs."""
        if needs_sdk(self._choice, (), os.environ):
            self._sdk.start()
        elif self._choice.model != ECHO:
            self._client.start()

    async def host_for(
        self, choice: ModelChoice, history: Sequence[Any], reached: Progress
    ) -> Host:
        """The host of a turn, once it is loaded."""
        if needs_sdk(choice, history, os.environ, goes_on=bool(reached.items)):
            return await self.sdk()
        if choice.model != ECHO:
            await self._client.ready()
        return self._plain

    async def sdk(self) -> "AgentHost":
        """The host of agents, once it is loaded. Raises the error of a failed import."""
        return await self._sdk.ready()

    async def models(self, choice: ModelChoice) -> list[str]:
        """The models of the server that the choice asks. Raises ModelError."""
        host = await self.host_for(
            replace(choice, agent=None, context=None, mcp=None), (), Progress()
        )
        return await host.models(choice)

    async def close(self) -> None:
        """Abandon what is still being loaded, and close what is open."""
        self._client.stop()
        host = self._sdk.stop()
        if host is not None:
            await host.close()

    def _opened(self, module: ModuleType) -> "AgentHost":
        host: AgentHost = module.AgentHost(self._findings)
        if self._choice.agent is not None:
            host.load(self._choice.agent)
        return host
