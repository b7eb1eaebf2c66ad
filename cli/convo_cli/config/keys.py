"""All keys of `config.toml` with their types; reading, checks and documentation use this table.

A part of a name in capitals stands for a name that the user chooses, as in `servers.NAME.url`, or
for a pattern of names of models, as in `prices.MODEL.input`.
"""

from typing import Literal, NamedTuple

Kind = Literal[
    "text",
    "path",
    "web address",
    "whole number",
    "number",
    "price",
    "true or false",
    "list of texts",
    "texts by name",
    "model settings",
]
"""The type of a value; "model settings" are checked as `-o` is."""

NAMES = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
"""Matches the names of servers, aliases, templates and MCP servers."""

MODELS = r"[!-~]{1,200}"
"""Matches the names of models, and patterns with * and ?: `local/*`."""


class Key(NamedTuple):
    """One key: its type, its default, and what overrides it.

    If there are `choices`, they are the only values. `default` is only documented: the code that
    reads the value applies it. `environment` and `option` name what overrides the file.
    """

    name: str
    kind: Kind
    help: str
    default: str = ""
    choices: tuple[str, ...] = ()
    environment: str = ""
    option: str = ""
    required: bool = False

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of the name; one in capitals stands for any name."""
        return tuple(self.name.split("."))


FORMATS = ("table", "json", "jsonl", "csv", "tsv")
APIS = ("responses", "chat")

_KEYS = (
    Key(
        "model",
        "text",
        "The model to ask: a name, an alias, or SERVER/NAME.",
        "the one that the session was last asked with, else the SDK's",
        environment="CONVO_MODEL",
        option="-m, --model",
    ),
    Key(
        "instructions",
        "text",
        "Instructions that go before the conversation, or @FILE; an agent has its own.",
        option="-i, --instructions",
    ),
    Key(
        "options",
        "model settings",
        "Settings of the model, such as options.temperature; an agent has its own.",
        option="-o, --option",
    ),
    Key(
        "db",
        "path",
        "The database: a file, as a path from the root or from ~, or postgresql://USER@HOST/NAME.",
        "conversations.db in the platform's user data directory",
        environment="CONVO_DB",
        option="--db",
    ),
    Key(
        "format",
        "text",
        "How lists and records are written; an answer is written as it is unless --format says so.",
        "table",
        FORMATS,
        option="--format, --json",
    ),
    Key(
        "pager",
        "text",
        'The command that long texts are shown through; "" or "cat" for none.',
        "$PAGER, else less",
        environment="CONVO_PAGER",
        option="--no-pager",
    ),
    Key(
        "theme",
        "text",
        "What colours are made for: a light or a dark terminal, or none at all.",
        "colours that read on both",
        ("light", "dark", "none"),
        environment="NO_COLOR, CONVO_THEME",
    ),
    Key(
        "keys",
        "text",
        "The keys of the line that is typed in a chat.",
        "those of ~/.inputrc, else emacs",
        ("emacs", "vi"),
        environment="CONVO_KEYS",
    ),
    Key(
        "status",
        "true or false",
        "Whether a chat has a line below the prompt with its model, tokens, cost and branch.",
        "true",
        environment="CONVO_STATUS",
    ),
    Key(
        "session.scope",
        "text",
        "Which session goes on unless one is named: the current one of the database, or the last "
        "one of the current folder, which is then recorded with the session.",
        "database",
        choices=("database", "folder"),
    ),
    Key(
        "notices",
        "true or false",
        "Whether notices are written to stderr; errors always are.",
        "true",
        option="-q, --quiet",
    ),
    Key(
        "servers.NAME.url",
        "web address",
        "Where the server has its API: http://127.0.0.1:11434/v1.",
        required=True,
    ),
    Key(
        "servers.NAME.api",
        "text",
        "The API that it speaks.",
        "chat",
        APIS,
        option="--api",
    ),
    Key(
        "servers.NAME.key_variable",
        "text",
        "The environment variable that has its key, and wins over `convo key set NAME`.",
        "NAME_API_KEY",
    ),
    Key("aliases.NAME", "text", "The model that the short name stands for."),
    Key("templates.NAME.instructions", "text", "Instructions, or @FILE.", option="-i"),
    Key("templates.NAME.prompt", "text", "What is asked, with the typed prompt below it."),
    Key("templates.NAME.model", "text", "The model to ask.", option="-m"),
    Key("templates.NAME.options", "model settings", "Settings of the model.", option="-o"),
    Key(
        "templates.NAME.agent",
        "text",
        "The agent that answers: /PATH/FILE.py[:NAME], or module:NAME@/PATH/FILE.py.",
        option="-a, --agent",
    ),
    Key("templates.NAME.mcp", "list of texts", "MCP servers of [mcp], by name.", option="--mcp"),
    Key("templates.NAME.schema", "text", "What the answer has to fit.", option="--schema"),
    Key("mcp.NAME.command", "text", "The program that is the server."),
    Key("mcp.NAME.args", "list of texts", "Its arguments."),
    Key(
        "mcp.NAME.env",
        "texts by name",
        "Environment variables that it is given; $NAME in a value stands for one of yours.",
    ),
    Key("mcp.NAME.cwd", "path", "The folder that it is started in."),
    Key("mcp.NAME.url", "web address", "Where a server is that runs already."),
    Key("mcp.NAME.headers", "texts by name", "HTTP headers that it is sent, with $NAME as in env."),
    Key(
        "mcp.NAME.transport",
        "text",
        "How a server at a url is asked: by streamable HTTP, or by SSE as older ones are.",
        "http",
        ("http", "sse"),
    ),
    Key(
        "mcp.NAME.needs_approval",
        "text",
        "Whether you are asked before a tool of it is called.",
        "always",
        ("always", "never"),
    ),
    Key("mcp.NAME.without_approval", "list of texts", "Tools that are called without asking."),
    Key("mcp.NAME.timeout", "number", "Seconds that a call may take.", "60"),
    Key(
        "prices.MODEL.input",
        "price",
        "Dollars for a million tokens of input of the models that MODEL matches.",
        required=True,
    ),
    Key("prices.MODEL.output", "price", "The same for output.", "the price of input"),
    Key("prices.MODEL.cached", "price", "The same for cached input.", "the price of input"),
    Key("prices.MODEL.cache_write", "price", "The same for cache writes.", "the price of input"),
    Key("prices.MODEL.audio_input", "price", "The same for heard audio.", "the price of input"),
    Key("prices.MODEL.reasoning", "price", "The same for reasoning.", "the price of output"),
    Key("prices.MODEL.audio_output", "price", "The same for spoken audio.", "the price of output"),
    Key("prices.MODEL.request", "price", "Dollars for one request.", "0"),
    Key("budget.month", "price", "Dollars that a month may cost before you are warned."),
)

KEYS = {key.name: key for key in _KEYS}
"""The keys by name, in the order of the documentation."""
