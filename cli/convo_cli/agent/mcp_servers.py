"""Makes the SDK's MCP servers from those that the user has configured."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from agents.mcp import MCPServer, MCPServerSse, MCPServerStdio, MCPServerStreamableHttp
from httpx2 import AsyncClient
from mcp.client.stdio import stdio_client

from convo.errors import joined
from convo_cli.agent.kept_stderr import KeptStderr, kept_stderr
from convo_cli.config.mcp import McpServer
from convo_cli.turn.redact import one_line
from convo_cli.wire.places import mounts_of

_CLOSED = "Connection closed"
"""The MCP library's message for a program that has closed its stdout."""

_SHORTEST = 6
"""The shortest value that is treated as a secret, in characters."""

_READ_SECONDS = 300.0
"""The longest that a server at a URL may be silent on an open stream."""


def made_server(server: McpServer, environ: Mapping[str, str] = os.environ) -> "GivenServer":
    """The server, not connected yet. Raises `McpError` if a variable that it needs is not set.

    A program is given its configured variables, and of this process's environment only what every
    program needs, such as PATH and HOME, but no keys.
    """
    options: dict[str, Any] = {
        "name": server.name,
        "client_session_timeout_seconds": server.timeout,
        "require_approval": _approval(server),
    }
    if server.transport == "stdio":
        env = {name: server.filled_in(value, environ) for name, value in server.env}
        params: Any = {"command": server.command, "args": list(server.args), "env": env}
        if server.cwd is not None:
            params["cwd"] = server.cwd
        return _Program(params, **options)
    params = {
        "url": server.url,
        "headers": {name: server.filled_in(value, environ) for name, value in server.headers},
        "timeout": server.timeout,
        "sse_read_timeout": max(_READ_SECONDS, server.timeout),
        "httpx_client_factory": _client_for(server.url),
    }
    kind = _AtOlderUrl if server.transport == "sse" else _AtUrl
    return kind(params, **options)


class GivenServer(MCPServer):
    """A configured server whose connecting can be given up; a mixin for the SDK's classes."""

    session: Any
    _connecting: asyncio.Timeout | None = None
    _is_given_up = False

    async def connect(self) -> None:
        """Connect to the server. Raises TimeoutError if it was given up."""
        given_up, self._is_given_up = self._is_given_up, False
        now = asyncio.get_running_loop().time()
        try:
            # The connection has to be closed in the task that opened it.
            async with asyncio.timeout_at(now if given_up else None) as self._connecting:
                await super().connect()  # type: ignore[safe-super, no-untyped-call]
        finally:
            self._connecting = None

    def give_up(self) -> None:
        """Stop waiting for the connection, if it is being made or about to be."""
        if self._connecting is not None:
            self._connecting.reschedule(asyncio.get_running_loop().time())
        elif self.session is None:
            self._is_given_up = True


class _AtUrl(GivenServer, MCPServerStreamableHttp):
    """A server at a URL."""


class _AtOlderUrl(GivenServer, MCPServerSse):
    """A server at a URL with the older SSE transport."""


class _Program(GivenServer, MCPServerStdio):
    """A server that is a program; the end of its stderr is shown if it fails."""

    said: KeptStderr | None = None

    def create_streams(self) -> AbstractAsyncContextManager[Any]:
        """Start the program."""
        return self._started()

    @asynccontextmanager
    async def _started(self) -> AsyncIterator[Any]:
        with kept_stderr() as said:
            self.said = said
            async with stdio_client(self.params, errlog=said.file) as streams:
                yield streams


def why(server: MCPServer, error: BaseException, secrets: Sequence[str] = ()) -> str:
    """Why a server could not be connected, with the last line of its stderr."""
    said = one_line(str(error), secrets) or type(error).__name__
    if not isinstance(server, _Program):
        return said
    if said == _CLOSED:
        said = "it ended before it answered"
    command = server.params.command
    if isinstance(error, FileNotFoundError):
        return f"there is no program '{one_line(command, secrets)}'"
    if isinstance(error, PermissionError):
        return f"'{one_line(command, secrets)}' cannot be run"
    last = "" if server.said is None else one_line(server.said.last_line(), secrets)
    return joined(said, f"it said: {last}" if last else None)


def secrets_in(
    servers: Sequence[McpServer], environ: Mapping[str, str] = os.environ
) -> tuple[str, ...]:
    """The values that must never be shown: the servers' variables and headers."""
    said = [
        server.filled_in(value, environ)
        for server in servers
        for _, value in (*server.env, *server.headers)
    ]
    return tuple(value for value in said if len(value) >= _SHORTEST)


def _approval(server: McpServer) -> Any:
    """Which calls need approval. What a server says about its own tools does not count."""
    if not server.asks:
        return "never"
    free = server.without_approval
    return (lambda _context, _agent, tool: tool.name not in free) if free else "always"


def _client_for(url: str) -> Any:
    """A factory for HTTP clients that do not follow redirects to other servers."""

    def client(
        headers: dict[str, str] | None = None, timeout: Any = None, auth: Any = None
    ) -> AsyncClient:
        return AsyncClient(
            headers=headers,
            timeout=timeout,
            auth=auth,
            follow_redirects=False,
            mounts=mounts_of(urlsplit(url).hostname or ""),
        )

    return client
