"""Lists of the configuration: settings, servers, keys, aliases and templates."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from convo_cli.config.origins import Setting
from convo_cli.config.servers import OPENAI, Server
from convo_cli.config.templates import Template
from convo_cli.render.data import shapes
from convo_cli.render.data.rows import Row
from convo_cli.render.listings import Listing, preview
from convo_cli.render.terminal.grid import Column, Grid
from convo_cli.render.terminal.text import one_line

SETTING_KEYS = tuple(shapes.SETTING)
SERVER_KEYS = tuple(shapes.SERVER)
CHECKED_KEYS = tuple(shapes.CHECKED_SERVER)
KEY_KEYS = tuple(shapes.KEY)
ALIAS_KEYS = tuple(shapes.ALIAS)
TEMPLATE_KEYS = tuple(shapes.TEMPLATE)


def settings(found: Sequence[Setting], *, origin: bool) -> Listing:
    """The keys with a value; users see the origins only on request."""

    def grid() -> Grid:
        columns = [Column("key", weight=2, wraps=True), Column("value", weight=1, wraps=True)]
        lines = [[one_line(one.key), one_line(shown(one.value))] for one in found]
        if origin:
            columns.append(Column("origin"))
            lines = [
                [*line, one_line(_of_file(one.origin))]
                for line, one in zip(lines, found, strict=True)
            ]
        return Grid(columns, lines)

    return Listing(SETTING_KEYS, lambda: [one._asdict() for one in found], grid)


def shown(value: Any) -> str:
    """A value as the user would type it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _of_file(origin: str) -> str:
    """An origin without the folders of the file, which `config path` has: `file config.toml:3`."""
    return f"file {origin.rpartition('/')[2]}" if origin.startswith("file ") else origin


def servers(found: Sequence[tuple[Server, str | None]]) -> Listing:
    """Servers, and the source of the key of each."""

    def rows() -> list[Row]:
        return [
            {"server": one.name, "url": one.url, "api": one.api or _api(one), "key": key}
            for one, key in found
        ]

    return _texts(SERVER_KEYS, rows, "url")


def keys(found: Sequence[tuple[str | None, str, str]]) -> Listing:
    """The sources of keys, by server; without a name if no server has the address any more."""

    def rows() -> list[Row]:
        return [{"server": name, "url": url, "key": source} for name, url, source in found]

    return _texts(KEY_KEYS, rows, "url")


def checked_servers(found: Sequence[tuple[Server, int | None, str | None]]) -> Listing:
    """Checked servers, with the number of models of each, or its problem."""

    def rows() -> list[Row]:
        return [
            {"server": one.name, "url": one.url, "models": models, "problem": problem}
            for one, models, problem in found
        ]

    return _texts(CHECKED_KEYS, rows, "problem")


def aliases(found: Sequence[tuple[str, str]]) -> Listing:
    """Short names and their models."""
    return _texts(
        ALIAS_KEYS, lambda: [{"alias": name, "model": model} for name, model in found], "model"
    )


def templates(found: Sequence[Template]) -> Listing:
    """Templates, with their instructions, prompts and options."""

    def grid() -> Grid:
        columns = [
            Column("template", weight=1, wraps=True),
            Column("instructions", weight=2),
            Column("prompt", weight=2),
            Column("model", weight=1),
            Column("with", weight=1),
        ]
        lines = [
            [
                one_line(one.name),
                preview(one.instructions or ""),
                preview(one.prompt or ""),
                one_line(one.model or ""),
                one_line(", ".join(_more(one))),
            ]
            for one in found
        ]
        return Grid(columns, lines).without_empty("instructions", "prompt", "model", "with")

    return Listing(TEMPLATE_KEYS, lambda: [template_row(one) for one in found], grid)


def template_row(one: Template) -> Row:
    """A template with all its keys."""
    mcp = None if one.mcp is None else list(one.mcp)
    said = {**one._asdict(), "template": one.name, "mcp": mcp, "options": dict(one.options)}
    return {key: said[key] for key in TEMPLATE_KEYS}


def _more(one: Template) -> list[str]:
    settings = [f"{name}={shown(value)}" for name, value in one.options.items()]
    named = {"agent": one.agent, "schema": one.schema, "mcp": ", ".join(one.mcp or ())}
    return [*settings, *(name for name, value in named.items() if value)]


def _texts(keys: Sequence[str], rows: Callable[[], list[Row]], widest: str) -> Listing:
    """A list whose columns are its keys, without the empty ones."""

    def grid() -> Grid:
        wide = {widest, "url"}
        columns = [Column(key, weight=2 if key in wide else 1, wraps=True) for key in keys]
        lines = [
            ["" if row[key] is None else one_line(str(row[key])) for key in keys] for row in rows()
        ]
        return Grid(columns, lines).without_empty(*keys[2:])

    return Listing(keys, rows, grid)


def _api(server: Server) -> str:
    return "responses" if server.name == OPENAI else "chat"
