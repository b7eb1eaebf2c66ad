"""Finds the values in effect and their origins, like `git config --list --show-origin`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from convo_cli.config.checking import key_of
from convo_cli.config.databases import shown_database
from convo_cli.config.file import Config
from convo_cli.config.keys import KEYS
from convo_cli.config.names import dotted

DEFAULT = "default"
COMMAND_LINE = "command line"

_HIDDEN = "***"
"""Stands for what may be a secret: environment variables and headers of MCP servers."""


class Setting(NamedTuple):
    """A key with its value, and the origin of the value."""

    key: str
    value: Any
    origin: str


class Effective(NamedTuple):
    """The other sources of values beside the file; each may be missing.

    `typed` are the options, `session` is the name of the current session and its last model, and
    `defaults` are the defaults, each with its origin.
    """

    environ: Mapping[str, str]
    typed: Mapping[str, Any]
    session: tuple[str, str] | None
    defaults: Mapping[str, tuple[Any, str]]


def settings(config: Config, effective: Effective) -> Iterator[Setting]:
    """Every key that has a value, in the order of the documentation."""
    for key in KEYS.values():
        if len(key.parts) > 1 or key.kind == "model settings":
            continue
        setting = _one(key.name, key.environment, config, effective)
        if setting is not None:
            yield setting
    for parts, value in leaves(config.document):
        if len(parts) > 1:
            found = key_of(parts)
            is_secret = found is not None and found.kind == "texts by name"
            yield Setting(dotted(parts), _HIDDEN if is_secret else value, _in_file(config, parts))


def setting_of(name: str, config: Config, effective: Effective) -> Setting | None:
    """The value of one key, by its dotted name; None if it has none."""
    key = KEYS.get(name)
    if key is None or key.kind == "model settings":
        return None
    return _one(name, key.environment, config, effective)


def leaves(table: Mapping[str, Any], parts: tuple[str, ...] = ()) -> Iterator[tuple[Any, Any]]:
    """The values of a document, with the parts of their names."""
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from leaves(value, (*parts, name))
        else:
            yield (*parts, name), value


def _one(name: str, variables: str, config: Config, effective: Effective) -> Setting | None:
    if name in effective.typed:
        return Setting(name, effective.typed[name], COMMAND_LINE)
    for variable in filter(None, variables.split(", ")):
        value = effective.environ.get(variable)
        if value or (value is not None and variable == "CONVO_PAGER"):
            shown = _shown(variable, value)
            return Setting(name, shown, f"environment {variable}")
    value = config.value(name)
    if value is not None:
        return Setting(name, value, _in_file(config, (name,)))
    if name == "model" and effective.session is not None:
        session, model = effective.session
        return Setting(name, model, f"session {session}")
    if name in effective.defaults:
        return Setting(name, *effective.defaults[name])
    return None


def _shown(variable: str, value: str) -> str:
    if variable == "CONVO_DB":
        return shown_database(value)
    return "none" if variable == "NO_COLOR" else value


def _in_file(config: Config, parts: tuple[str, ...]) -> str:
    return f"file {_short(config.path)}:{config.line_of(*parts)}"


def _short(path: Path) -> str:
    try:
        return f"~/{path.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return str(path)
