"""Saves, lists, shows, edits and deletes templates."""

import os
import tempfile
from pathlib import Path
from typing import Any

from convo.errors import ConflictError
from convo_cli.actions.config import run_editor, told
from convo_cli.ask.instructions import instructions_of
from convo_cli.ask.schema import schema_of
from convo_cli.config.file import ConfigError, config_path
from convo_cli.config.known import check_known
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.output.report import report, show
from convo_cli.reading import named_file
from convo_cli.render import settings as listings
from convo_cli.render.terminal.text import safe
from convo_cli.settings import Format
from convo_cli.turn.model_settings import model_settings
from convo_cli.turn.reference import agent_reference


def save(
    invocation: Invocation,
    name: str,
    instructions: str | None,
    prompt: str | None,
    model: str | None,
    option: list[str] | None,
    agent: str | None,
    mcp: list[str] | None,
    schema: str | None,
    force: bool,
) -> None:
    """Save a template. $NAME in it stands for a value that -p or stdin gives with each use."""
    from convo_cli.config.writing import set_value

    if name in _known(invocation) and not force:
        raise ConflictError(
            f"a template '{name}' already exists", hint="--force puts this in its place"
        )
    given = {
        "instructions": None if instructions is None else _instructions(instructions),
        "prompt": prompt,
        "model": model,
        "options": model_settings(option or []) or None,
        "agent": None if agent is None else agent_reference(agent).recorded_as,
        "mcp": None if mcp is None else _mcp(invocation, mcp),
        "schema": None if schema is None else _schema(schema),
    }
    table = {key: value for key, value in given.items() if value is not None}
    if not table:
        raise UsageError("the template would say nothing", hint="give it -i, --prompt or -m")
    set_value(config_path(invocation.environ), ("templates", name), table)
    told(
        invocation,
        f"saved the template '{name}'; `convo chat -t {name}` asks with it",
        {"template": name, **given},
    )


def list_(invocation: Invocation) -> None:
    """List the templates."""
    from convo_cli.config.templates import templates

    show(invocation, listings.templates(list(templates(invocation.config).values())))


def show_(invocation: Invocation, name: str) -> None:
    """Show a template as it is in config.toml."""
    from convo_cli.config.templates import templates
    from convo_cli.config.writing import table_text

    _require(invocation, name)
    if invocation.settings.format is Format.TABLE:
        text = table_text(config_path(invocation.environ), ("templates", name))
        terminal = invocation.terminal
        terminal.write(safe(text) if terminal.stdout_is_terminal else text)
    else:
        one = templates(invocation.config)[name]
        report(invocation, "", listings.template_row(one))


def edit(invocation: Invocation, name: str) -> None:
    """Edit a template in $VISUAL or $EDITOR."""
    from convo_cli.config.writing import set_table, table_text

    _require(invocation, name)
    file = config_path(invocation.environ)
    before = table_text(file, ("templates", name))
    handle, edited = tempfile.mkstemp(prefix=f"convo-template-{name}-", suffix=".toml")
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.write(before)
    run_editor(invocation, edited)
    try:
        text = Path(edited).read_text(encoding="utf-8")
        if text != before:
            set_table(file, ("templates", name), text)
    except (ConfigError, OSError, ValueError) as error:
        said = error.lines if isinstance(error, ConfigError) else [str(error)]
        raise ConfigError(said, hint=f"what you wrote is in {edited}") from error
    Path(edited).unlink()
    done = f"the template '{name}' stays as it is" if text == before else f"changed '{name}'"
    told(invocation, done, {"template": name})


def delete(invocation: Invocation, name: str) -> None:
    """Delete a template. Sessions that used it go on without it."""
    from convo_cli.config.writing import remove

    _require(invocation, name)
    remove(config_path(invocation.environ), ("templates", name))
    told(invocation, f"deleted the template '{name}'", {"template": name})


def _known(invocation: Invocation) -> Any:
    return invocation.config.named("templates")


def _require(invocation: Invocation, name: str) -> None:
    check_known("template", name, _known(invocation))


def _instructions(given: str) -> str:
    """The instructions, or their file with an absolute path. Raises `UsageError`."""
    instructions_of(given)
    return f"@{named_file(given[1:]).absolute()}" if given.startswith("@") else given


def _schema(given: str) -> str:
    """The schema, or its file with an absolute path. Raises `UsageError`."""
    schema_of(given)
    file = named_file(given.strip())
    is_text = given.strip().startswith("{") or not file.is_file()
    return given if is_text else str(file.absolute())


def _mcp(invocation: Invocation, names: list[str]) -> list[str]:
    known = invocation.config.named("mcp")
    for name in names:
        check_known("MCP server", name, known, UsageError)
    return names
