"""The servers that the user has named, and how the name of a model refers to them.

`local/qwen3` is the model `qwen3` of the server `local`. These servers, with those that `trust`
remembers, are the ones that a database may name.
"""

import re
from typing import Any, Literal, NamedTuple

from convo_cli.config.addresses import address, same_server
from convo_cli.config.file import Config

OPENAI = "openai"
"""The name of OpenAI, which need not be configured."""

OPENAI_URL = "https://api.openai.com/v1"

_NO_VARIABLE = re.compile(r"[^A-Z0-9]+")


class Server(NamedTuple):
    """A named server. `key_variable` is the environment variable with its key."""

    name: str
    url: str
    api: Literal["responses", "chat"] | None
    key_variable: str


class NamedModel(NamedTuple):
    """The name to ask for, and the server that a model's name refers to, if any."""

    name: str
    server: Server | None = None


def openai() -> Server:
    """OpenAI itself."""
    return Server(OPENAI, OPENAI_URL, None, "OPENAI_API_KEY")


def servers(config: Config) -> dict[str, Server]:
    """The configured servers, by name."""
    return {name: _server(name, table) for name, table in config.named("servers").items()}


def server_called(config: Config, name: str) -> Server | None:
    """The server of that name, OpenAI included."""
    return openai() if name == OPENAI else servers(config).get(name)


def server_at(config: Config, url: str | None) -> Server | None:
    """The configured server at this address; None if there is none."""
    return next((one for one in servers(config).values() if same_server(one.url, url)), None)


def is_configured(config: Config, known: str) -> bool:
    """Whether the configuration names a server, given by its normalised address."""
    return any(address(one.url) == known for one in servers(config).values())


def named_model(config: Config, given: str) -> NamedModel:
    """Resolve the name of a model: an alias, and the server named before the slash.

    `openai/` names the server only in an alias: elsewhere it may begin the name of a model.
    """
    target = config.named("aliases").get(given)
    prefix, slash, rest = (target or given).partition("/")
    server = servers(config).get(prefix)
    if server is None and target is not None and prefix == OPENAI:
        server = openai()
    if not slash or not rest or server is None:
        return NamedModel(target or given)
    return NamedModel(rest, server)


def _server(name: str, table: Any) -> Server:
    variable = f"{_NO_VARIABLE.sub('_', name.upper())}_API_KEY"
    return Server(name, table["url"], table.get("api"), table.get("key_variable") or variable)
