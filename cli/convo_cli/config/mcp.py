"""The MCP servers that the user has configured: in `[mcp.NAME]`, or in JSON of other programs."""

import hashlib
import json
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from convo.names import did_you_mean
from convo_cli.config.addresses import address
from convo_cli.config.checking import problems
from convo_cli.config.file import Config, ConfigError
from convo_cli.config.keys import NAMES
from convo_cli.reading import LARGEST, named_file, read_at_most

Transport = Literal["stdio", "http", "sse"]

CALL_SECONDS = 60.0
"""The longest that a call may take, in seconds."""

_IN_OTHER_PROGRAMS = "mcpServers"
_OUR_KEYS = (
    "command",
    "args",
    "env",
    "cwd",
    "url",
    "headers",
    "transport",
    "needs_approval",
    "without_approval",
)
_TRANSPORTS = {
    "stdio": None,
    "http": "http",
    "streamable-http": "http",
    "streamable_http": "http",
    "streamableHttp": "http",
    "sse": "sse",
}
"""The names of transports in other programs."""

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")
_VARIABLE = re.compile(r"\$(?:\$|\{(\w+)\}|(\w+))")


class McpError(ConfigError):
    """An MCP server that was named cannot be used."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__([message], hint)


@dataclass(frozen=True, slots=True)
class McpServer:
    """An MCP server: a program that is started, with `command`, or one that runs, at `url`.

    Values of `env` and `headers` may contain `$VARIABLES` of the environment. The user is asked
    before every call, unless `asks` is false or `without_approval` names the tool. `timeout` is the
    longest that a call may take, in seconds.
    """

    name: str
    transport: Transport
    command: str = ""
    args: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    cwd: str | None = None
    url: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    asks: bool = True
    without_approval: frozenset[str] = frozenset()
    timeout: float = CALL_SECONDS

    @property
    def shown(self) -> str:
        """The command or the URL, on one line and without secrets."""
        if self.transport != "stdio":
            return address(self.url) or ""
        return shlex.join((self.command, *self.args))

    def check_variables(self, environ: Mapping[str, str]) -> None:
        """Raise `McpError` if an environment variable that it needs is not set."""
        for _, value in (*self.env, *self.headers):
            self.filled_in(value, environ)

    def filled_in(self, text: str, environ: Mapping[str, str]) -> str:
        """The text with the values of `$VARIABLES` and `${VARIABLES}`; `$$` is a dollar sign.

        Raises `McpError` if one is not set.
        """

        def value(found: re.Match[str]) -> str:
            name = found[1] or found[2]
            if name is None:
                return "$"
            if name not in environ:
                raise McpError(
                    f"the MCP server '{self.name}' needs {name}, which is not set",
                    hint=f"set the environment variable {name}; a dollar sign itself is $$",
                )
            return environ[name]

        return _VARIABLE.sub(value, text)

    @property
    def identity(self) -> dict[str, str]:
        """The record by which it is remembered: its name, and its command or URL."""
        what = json.dumps([self.command, *self.args, self.cwd, self.url])
        return {"name": self.name, "sha256": hashlib.sha256(what.encode()).hexdigest()}


class McpTool(NamedTuple):
    """A tool of a server: its name, and the server's description of it."""

    server: McpServer
    name: str
    description: str
    schema: Any

    @property
    def needs_approval(self) -> bool:
        """Whether the user is asked before a call."""
        return self.server.asks and self.name not in self.server.without_approval


def configured(config: Config) -> dict[str, McpServer]:
    """The servers of `config.toml`, by name."""
    return {name: server_of(name, table) for name, table in config.named("mcp").items()}


def in_file(given: str) -> dict[str, McpServer]:
    """The servers in a JSON file of another program, by name. Raises `McpError`.

    Names are adapted to those that `--mcp` takes, and disabled servers are left out.
    """
    path = named_file(given)
    found = _document(given, path).get(_IN_OTHER_PROGRAMS)
    if not isinstance(found, dict):
        raise McpError(
            f"'{given}' has no {_IN_OTHER_PROGRAMS}",
            hint=f'MCP servers are in it as {{"{_IN_OTHER_PROGRAMS}": {{NAME: {{"command": …}}}}}}',
        )
    servers: dict[str, McpServer] = {}
    for called, entry in found.items():
        if not isinstance(entry, dict):
            raise McpError(f"'{given}': the MCP server '{called}' is not an object")
        if entry.get("disabled") is True:
            continue
        name = _NOT_IN_NAMES.sub("-", called).strip("._-")[:64] or "server"
        table = _as_ours(entry, given, path.parent)
        for problem in problems({"mcp": {name: table}}):
            raise McpError(f"'{given}': {problem.message}")
        servers[name] = server_of(name, table)
    return servers


def chosen(name: str, servers: Mapping[str, McpServer]) -> McpServer:
    """The server of that name. Raises `McpError`."""
    if name in servers:
        return servers[name]
    there = f"there {'are' if len(servers) > 1 else 'is'} {', '.join(servers)}"
    raise McpError(
        f"there is no MCP server '{name}'{did_you_mean(name, servers)}",
        hint=there if servers else "add one with `convo mcp add NAME -- COMMAND`",
    )


def recorded_names(text: object) -> tuple[str, ...] | None:
    """The names recorded in a database; None for a value that convo did not write."""
    try:
        names = json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        return None
    if not isinstance(names, list) or not names:
        return None
    is_ours = all(isinstance(name, str) and re.fullmatch(NAMES, name) for name in names)
    return tuple(dict.fromkeys(names)) if is_ours else None


def names_text(names: Iterable[str]) -> str | None:
    """Names in the form in which they are recorded; None if there are none."""
    listed = list(names)
    return json.dumps(listed) if listed else None


def _document(given: str, path: Path) -> Mapping[str, Any]:
    try:
        document = json.loads(read_at_most(path, LARGEST).decode("utf-8-sig"))
    except OSError as error:
        raise McpError(f"'{given}' cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise McpError(f"'{given}' is not JSON: {error}") from None
    return document if isinstance(document, dict) else {}


def _as_ours(entry: Mapping[str, Any], given: str, folder: Path) -> dict[str, Any]:
    """An entry of another program as a table of `config.toml`; unknown keys are ignored."""
    table = {name: entry[name] for name in _OUR_KEYS if entry.get(name) is not None}
    kind = table.pop("transport", None) or entry.get("type")
    if kind is not None and kind not in _TRANSPORTS:
        raise McpError(f"'{given}': there is no way to an MCP server called {str(kind)[:40]!r}")
    if kind is not None and (transport := _TRANSPORTS[kind]) is not None:
        table["transport"] = transport
    if isinstance(table.get("cwd"), str):
        table["cwd"] = str((folder / named_file(table["cwd"])).absolute())
    return table


def server_of(name: str, table: Mapping[str, Any]) -> McpServer:
    """Make a server from a checked table."""
    transport: Transport = table.get("transport", "http") if "url" in table else "stdio"
    cwd = table.get("cwd")
    return McpServer(
        name,
        transport,
        command=table.get("command", ""),
        args=tuple(table.get("args", ())),
        env=tuple(table.get("env", {}).items()),
        cwd=None if cwd is None else str(named_file(cwd)),
        url=table.get("url", ""),
        headers=tuple(table.get("headers", {}).items()),
        asks=table.get("needs_approval", "always") != "never",
        without_approval=frozenset(table.get("without_approval", ())),
        timeout=float(table.get("timeout", CALL_SECONDS)),
    )
