"""Connects and closes the MCP servers of an agent and of the agents that it works with."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from agents import Agent, FunctionTool, Handoff
from agents.mcp import MCPServer, MCPServerManager

from convo.errors import ModelError
from convo_cli.agent.mcp_servers import GivenServer, why
from convo_cli.turn.redact import one_line

# Other output among a server's messages is skipped; without a handler Python would print the
# traceback that the library logs for each line of it.
logging.getLogger("mcp").addHandler(logging.NullHandler())
# convo has its own message for a server that fails to start.
logging.getLogger("openai.agents").addHandler(logging.NullHandler())

_CONNECT_TIMEOUT = 60.0
"""Seconds. Long, because a package manager may have to download the server first."""

_CLOSE_TIMEOUT = 10.0


def reachable(agent: Agent[Any]) -> list[Agent[Any]]:
    """The agent, and all that it may hand off to or has as tools, each once."""
    return _all_from(agent, next_agents)


def handed_over(agent: Agent[Any]) -> list[Agent[Any]]:
    """The agent, and all that a run of it may end with, each once."""
    return _all_from(agent, _handoffs)


def _all_from(
    agent: Agent[Any], following: Callable[[Agent[Any]], Iterable[Agent[Any]]]
) -> list[Agent[Any]]:
    found: dict[int, Agent[Any]] = {}
    waiting = [agent]
    while waiting:
        one = waiting.pop(0)
        if id(one) not in found:
            found[id(one)] = one
            waiting += following(one)
    return list(found.values())


def next_agents(agent: Agent[Any]) -> Iterator[Agent[Any]]:
    """The agents that an agent may hand off to, and those that are its tools."""
    yield from _handoffs(agent)
    for tool in agent.tools:
        target = getattr(tool, "_agent_instance", None) if isinstance(tool, FunctionTool) else None
        if isinstance(target, Agent):
            yield target


def _handoffs(agent: Agent[Any]) -> Iterator[Agent[Any]]:
    for handoff in agent.handoffs:
        target: Any = handoff
        if isinstance(handoff, Handoff):
            # A customised handoff keeps its agent in a private place of the SDK.
            reference = getattr(handoff, "_agent_ref", None)
            target = reference() if callable(reference) else None
        if isinstance(target, Agent):
            yield target


def _first(error: BaseException) -> BaseException:
    """The first error in nested exception groups."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


class Servers:
    """The connected servers of an agent: its own, and those that the user has given it.

    Each is connected and closed in a task of its own, so that any task may call these methods.
    """

    def __init__(
        self,
        own: list[MCPServer],
        given: Sequence[GivenServer] = (),
        secrets: tuple[str, ...] = (),
    ) -> None:
        """Take the agent's own servers and the user's; `secrets` are never shown in errors."""
        self._secrets = secrets
        # Servers that the agent's code has connected are closed by it too.
        servers = [server for server in own if getattr(server, "session", None) is None]
        self._given = given
        self._has_own = bool(servers)
        servers += given
        self._manager = MCPServerManager(
            servers,
            strict=True,
            connect_in_parallel=True,
            suppress_cancelled_error=False,
            connect_timeout_seconds=_CONNECT_TIMEOUT,
            cleanup_timeout_seconds=_CLOSE_TIMEOUT,
        )

    async def connect(self) -> None:
        """Connect all servers or none. Raises ModelError, which names the ones that failed."""
        try:
            await self._connected()
        except Exception as error:
            names = [server.name for server in self._manager.failed_servers]
            named = f" {names[0]!r}" if names else ""
            first = _first(error)
            failed = self._manager.failed_servers[:1]
            said = why(failed[0], first, self._secrets) if failed else one_line(str(first))
            whose = "" if set(names) <= {one.name for one in self._given} else " of the agent"
            raise ModelError(f"the MCP server{named}{whose} cannot be used: {said}") from error

    async def _connected(self) -> None:
        work = asyncio.ensure_future(self._manager.connect_all())
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            # Each is closed in the task that connects it, after that has ended.
            for server in self._given:
                server.give_up()
            if self._has_own:
                work.cancel()
            await asyncio.wait({work})
            if not work.cancelled():
                work.exception()
            raise

    async def close(self) -> None:
        """Close all servers; errors are ignored."""
        await self._manager.cleanup_all()
