"""MCP servers of a few lines, for tests: programs on stdio, and servers at a URL."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

from convo_cli.config.mcp import McpServer, Transport
from tests.program import PATIENCE

DESK = """
    import os, pathlib, sys, time
    from mcp.server.mcpserver import MCPServer

    log = pathlib.Path(sys.argv[1])
    server = MCPServer("desk", log_level="ERROR")

    @server.tool()
    def add(a: int, b: int) -> str:
        "Add two numbers."
        return str(a + b)

    @server.tool()
    def variable(name: str) -> str:
        return os.environ.get(name, "not set")

    @server.tool()
    def wait() -> str:
        log.write_text(f"waiting {os.getpid()}")
        time.sleep(600)
        return "waited"

    @server.tool()
    def die() -> str:
        os._exit(1)

    print("the desk is open", file=sys.stderr)
    log.write_text(f"up {os.getpid()}")
    try:
        server.run(*sys.argv[2:3], **({"port": int(sys.argv[3])} if sys.argv[3:] else {}))
    finally:
        log.write_text("down")
"""


def desk(folder: Path, name: str = "desk", **how: Any) -> McpServer:
    """A server that is a program, and says in the file `NAME.log` how it stands."""
    file = folder / "desk.py"
    file.write_text(dedent(DESK))
    args = (str(file), str(folder / f"{name}.log"))
    return McpServer(name, "stdio", command=sys.executable, args=args, **how)


@contextmanager
def desk_at_url(folder: Path, transport: Transport, **how: Any) -> Iterator[McpServer]:
    """The same at a URL, for as long as the block takes."""
    program = desk(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    called = {"http": "streamable-http", "sse": "sse"}[transport]
    command = [program.command, *program.args, called, str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(port)
            path = {"http": "mcp", "sse": "sse"}[transport]
            yield McpServer("desk", transport, url=f"http://127.0.0.1:{port}/{path}", **how)
        finally:
            process.kill()


def toml(server: McpServer, **more: str) -> str:
    """The server as a table of `config.toml`."""
    args = ", ".join(f'"{arg}"' for arg in server.args)
    lines = [f"[mcp.{server.name}]", f'command = "{server.command}"', f"args = [{args}]"]
    return "\n".join([*lines, *(f"{key} = {value}" for key, value in more.items()), ""])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the server does not come up")
