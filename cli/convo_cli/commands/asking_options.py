"""The options of the commands that ask a model, each declared once."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from convo_cli.completing.kinds import (
    FILES,
    FREE,
    MCP,
    MODELS,
    PARAMETERS,
    SETTINGS,
    TEMPLATES,
    TEXT_OR_FILE,
)

Model = Annotated[
    str | None,
    typer.Option(
        "-m",
        "--model",
        metavar="MODEL",
        help="The model to ask; `echo` answers offline. [env: CONVO_MODEL]",
    ),
    MODELS,
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        metavar="URL",
        help="An OpenAI-compatible server to ask instead of OpenAI. [env: OPENAI_BASE_URL]",
    ),
    FREE,
]
Api = Annotated[
    Literal["responses", "chat"] | None,
    typer.Option(
        "--api",
        metavar="API",
        help="The API the server speaks, responses or chat; chat with --base-url.",
    ),
]
Instructions = Annotated[
    str | None,
    typer.Option(
        "-i",
        "--instructions",
        metavar="TEXT|@FILE",
        help="Instructions that go before the conversation.",
    ),
    TEXT_OR_FILE,
]
Agent = Annotated[
    str | None,
    typer.Option(
        "-a",
        "--agent",
        metavar="FILE.py[:NAME]|module:NAME",
        help="An agent of the Agents SDK with its tools and handoffs, or a function that makes it.",
    ),
    FILES,
]
Context = Annotated[
    str | None,
    typer.Option(
        "--context",
        metavar="FILE.py:NAME|JSON",
        help="The context for the agent's tools: an object in a file, or JSON.",
    ),
    FILES,
]
NoAgent = Annotated[
    bool,
    typer.Option("--no-agent", help="Go on without the agent that the session was started with."),
]
Template = Annotated[
    str | None,
    typer.Option(
        "-t",
        "--template",
        metavar="NAME",
        help="A template to ask with: its instructions, model, agent and the rest.",
    ),
    TEMPLATES,
]
TemplateValue = Annotated[
    list[str] | None,
    typer.Option(
        "-p",
        "--param",
        metavar="NAME=VALUE",
        help="The value of $NAME in the template; repeatable.",
    ),
    PARAMETERS,
]
NoTemplate = Annotated[
    bool,
    typer.Option(
        "--no-template", help="Go on without the template that the session was started with."
    ),
]
ModelSetting = Annotated[
    list[str] | None,
    typer.Option(
        "-o",
        "--option",
        metavar="KEY=VALUE",
        help="A setting of the model, such as temperature=0.2 or reasoning.effort=low; repeatable.",
    ),
    SETTINGS,
]
AnswerSchema = Annotated[
    str | None,
    typer.Option(
        "--schema",
        metavar="FILE|FIELDS",
        help="A JSON Schema that the answer has to fit, or fields: 'name, age int, tags list'.",
    ),
    FILES,
]
Mcp = Annotated[
    list[str] | None,
    typer.Option(
        "--mcp",
        metavar="NAME",
        help="An MCP server of the configuration, whose tools the model can call; repeatable.",
    ),
    MCP,
]
McpConfig = Annotated[
    Path | None,
    typer.Option(
        "--mcp-config",
        metavar="FILE",
        help="A JSON file with `mcpServers`, as other programs have; all of them without --mcp.",
    ),
    FILES,
]
NoMcp = Annotated[
    bool, typer.Option("--no-mcp", help="Go on without the MCP servers of the session.")
]
FirstCode = Annotated[
    bool, typer.Option("-x", "--extract", help="Write only the first code block of the answer.")
]
LastCode = Annotated[
    bool, typer.Option("-X", "--extract-last", help="Write only the last code block of the answer.")
]
Attach = Annotated[
    list[str] | None,
    typer.Option(
        "--attach",
        metavar="FILE|URL",
        help="An image, a PDF or a text to send with the prompt, - for stdin; repeatable.",
    ),
    FILES,
]
NoStdin = Annotated[
    bool, typer.Option("--no-stdin", help="Leave stdin unread, as in a loop that reads it.")
]
MaxTurns = Annotated[
    int,
    typer.Option(
        "--max-turns",
        metavar="N",
        help="How often the model may be called for one answer.",
    ),
    FREE,
]
Timeout = Annotated[
    float,
    typer.Option(
        "--timeout",
        metavar="SECONDS",
        help="How long the model may be silent.",
    ),
    FREE,
]
NoStream = Annotated[
    bool, typer.Option("--no-stream", help="Write the answer when it is complete.")
]
Raw = Annotated[
    bool,
    typer.Option(
        "--raw", help="Write the answer unrendered, as the model wrote it, on a terminal too."
    ),
]
Trace = Annotated[bool, typer.Option("--trace", help="Send a trace of the run to OpenAI.")]
