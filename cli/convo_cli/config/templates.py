"""Templates: named prompts, instructions and options in `config.toml`.

`$name` in instructions and prompt is a value that is given with each use; `$$` is a dollar sign.
"""

from collections.abc import Mapping
from string import Template as Text
from typing import Any, NamedTuple

from convo_cli.config.file import Config

_NOTHING: Mapping[str, Any] = {}


class Template(NamedTuple):
    """One template; the rest of the configuration decides what it leaves open.

    `instructions` may be `@FILE`, `schema` is anything that `--schema` takes, and `agent` has the
    form that sessions record. `mcp` names configured servers; None leaves them open.
    """

    name: str
    instructions: str | None = None
    prompt: str | None = None
    model: str | None = None
    options: Mapping[str, Any] = _NOTHING
    agent: str | None = None
    mcp: tuple[str, ...] | None = None
    schema: str | None = None


def templates(config: Config) -> dict[str, Template]:
    """The templates, by name."""
    return {name: _template(name, table) for name, table in config.named("templates").items()}


def placeholders(*texts: str | None) -> list[str]:
    """The names of values in texts, each once, in order."""
    found = [name for text in texts if text for name in Text(text).get_identifiers()]
    return list(dict.fromkeys(found))


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its values; a name without one stays as it is."""
    return Text(text).safe_substitute(values)


def _template(name: str, table: Mapping[str, Any]) -> Template:
    mcp = table.get("mcp")
    given = {key: value for key, value in table.items() if key != "mcp"}
    return Template(name, mcp=None if mcp is None else tuple(mcp), **given)
