"""What is offered for each kind of value."""

import os
from collections.abc import Callable

from convo_cli.completing import configured, places
from convo_cli.completing.line import Place
from convo_cli.completing.table import Command

TYPE_CHECKING = False

if TYPE_CHECKING:
    from convo.sqlite.glance import Glance

MOST = 1000
"""The most names that are offered at once."""

MOST_SESSIONS = 200
MOST_TURNS = 200
_MOST_COUNTED = 200
"""The number of branches whose turns are counted."""

_VALUES = {
    "reasoning.effort": ("none", "minimal", "low", "medium", "high"),
    "reasoning.summary": ("auto", "concise", "detailed"),
    "tool_choice": ("auto", "required", "none"),
    "truncation": ("auto", "disabled"),
    "verbosity": ("low", "medium", "high"),
}
"""The usual values of settings that are texts."""

Offer = tuple[str, str]
"""A value, and a few words about it. After one that ends in `=` or `/`, typing goes on."""


class Asked:
    """A place on a line, with the database and the configuration that its options name."""

    def __init__(self, place: Place, root: Command, environ: dict[str, str]) -> None:
        self.place = place
        self.root = root
        self.environ = environ
        self._config: dict[str, object] | None = None
        self._glance: Glance | None = None

    @property
    def config(self) -> dict[str, object]:
        """The configuration, read once."""
        if self._config is None:
            self._config = configured.document(places.config_file(self.environ))
        return self._config

    def given(self, option: str) -> str | None:
        """The last value of an option; None if it was not given, or cannot be known."""
        values = self.place.given.get(option)
        return values[-1] if values else None

    @property
    def glance(self) -> "Glance | None":
        """The database; None if there is none."""
        if self._glance is None:
            if self.place.given.get("--db") and self.given("--db") is None:
                return None
            named = self.given("--db") or self.environ.get("CONVO_DB")
            db = None if named else self.config.get("db")
            path = places.database(named, self.environ, db if isinstance(db, str) else None)
            if path is not None:
                # Imported here because it loads `sqlite3`, which most lines do not need.
                from convo.sqlite.glance import glance_at

                self._glance = glance_at(path)
        return self._glance

    def session(self, glance: "Glance") -> str | None:
        """The session of the line."""
        if self.place.given.get("--session"):
            name = self.given("--session")
        else:
            name = self.environ.get("CONVO_SESSION")
            if not name:
                return glance.current_session()
        return None if name is None else glance.session_called(name)


def offers(asked: Asked) -> list[Offer]:
    """What can be typed at a place."""
    place = asked.place
    if place.kind.startswith("="):
        return [(choice, "") for choice in place.kind[1:].split("|")]
    offer = _OFFERS.get(place.kind)
    found = offer(asked) if offer is not None else []
    if place.is_argument and not place.is_after_dashes:
        # It would be taken for an option.
        found = [one for one in found if not one[0].startswith("-") or one[0] == "-"]
    if place.is_argument:
        found = [one for one in found if one[0] not in place.arguments]
    seen: dict[str, str] = {}
    for value, about in found:
        seen.setdefault(value, about)
    return list(seen.items())


def _commands(asked: Asked) -> list[Offer]:
    return [(name, command.help) for name, command in asked.place.command.commands.items()]


def _options(asked: Asked) -> list[Offer]:
    return [(name, option.help) for option in asked.place.options for name in option.names]


def _sessions(asked: Asked) -> list[Offer]:
    if (glance := asked.glance) is None:
        return []
    current = glance.current_session(or_newest=False)
    return [
        (name, f"{'current, ' if name == current else ''}{when[:10]}")
        for name, when in glance.sessions(asked.place.begun, MOST_SESSIONS)
    ]


def _branches(asked: Asked) -> list[Offer]:
    if (glance := asked.glance) is None or (session := asked.session(glance)) is None:
        return []
    current = glance.branch_called(session, None)
    found: list[Offer] = []
    for name in glance.branches(session):
        about = "current" if name == current else ""
        if len(found) < _MOST_COUNTED:
            count = glance.count_turns(session, name)
            about = f"{about}, {_counted(count)}" if about else _counted(count)
        found.append((name, about))
    return found


def _counted(count: int) -> str:
    return f"{count} turn" if count == 1 else f"{count} turns"


def _switched(asked: Asked) -> list[Offer]:
    return [*_branches(asked), ("-", "the previous branch")]


def _turns(asked: Asked, begun: str | None = None) -> list[Offer]:
    if (glance := asked.glance) is None or (session := asked.session(glance)) is None:
        return []
    if asked.place.given.get("--branch") and asked.given("--branch") is None:
        return []
    branch = glance.branch_called(session, asked.given("--branch"))
    begun = asked.place.begun if begun is None else begun
    digits = begun if begun.isdigit() and begun.isascii() else ""
    return [
        (str(number), text) for number, text in glance.turns(session, branch, digits, MOST_TURNS)
    ]


def _shown(asked: Asked) -> list[Offer]:
    if "--waiting" in asked.place.given:
        return _waiting(asked)
    first, dots, last = asked.place.begun.partition("..")
    return (
        [(f"{first}{dots}{number}", text) for number, text in _turns(asked, last)]
        if (dots)
        else _turns(asked)
    )


def _waiting(asked: Asked) -> list[Offer]:
    glance = asked.glance
    found = [] if glance is None else glance.waiting(MOST)
    prompts: dict[str, str] = {}
    for number, text in found:
        prompts.setdefault(str(number), text)
    every = [("all", "every prompt that waits")] if "--drop" in asked.place.given else []
    return [*prompts.items(), *every]


def _removed(asked: Asked) -> list[Offer]:
    if (glance := asked.glance) is None or (session := asked.session(glance)) is None:
        return []
    entries = glance.removed(session, MOST)
    return [(name, _counted(turns)) for name, _, turns in reversed(entries)][::-1]


def _models(asked: Asked) -> list[Offer]:
    aliases = _named(asked, "aliases")
    servers = [(f"{name}/", "a server") for name, _ in _named(asked, "servers")]
    glance = asked.glance
    recorded = [] if glance is None else [(name, "") for name in glance.models(MOST)]
    return [*aliases, *recorded, *servers, ("echo", "answers offline")]


def _named(asked: Asked, table: str) -> list[Offer]:
    """What the configuration has in a table, with what an alias stands for."""
    found = configured.names(asked.config, table).items()
    return [(name, value if isinstance(value, str) else "") for name, value in found]


def _servers(asked: Asked) -> list[Offer]:
    found = configured.names(asked.config, "servers").items()
    return [(name, _text(table, "url")) for name, table in found]


def _text(table: object, key: str) -> str:
    value = table.get(key) if isinstance(table, dict) else None
    return value if isinstance(value, str) else ""


def _key_servers(asked: Asked) -> list[Offer]:
    return [*_servers(asked), ("openai", "")]


def _parameters(asked: Asked) -> list[Offer]:
    # Imported here because few lines have a template.
    from string import Template

    table = configured.names(asked.config, "templates").get(asked.given("--template") or "")
    texts = [_text(table, "instructions"), _text(table, "prompt")]
    found = [name for text in texts for name in Template(text).get_identifiers()]
    return [(f"{name}=", "") for name in dict.fromkeys(found)]


def _settings(asked: Asked) -> list[Offer]:
    # Imported here because it loads `typing`.
    from convo_cli.config.setting_kinds import KINDS

    name, equals, _ = asked.place.begun.partition("=")
    if not equals:
        inside = {key: "" for key in _VALUES if "." in key}
        return [(f"{key}=", kind) for key, kind in {**KINDS, **inside}.items()]
    values = _VALUES.get(name, ())
    if KINDS.get(name) == "true or false":
        values = ("true", "false")
    return [(f"{name}={value}", "") for value in values]


def _config_keys(asked: Asked) -> list[Offer]:
    from convo_cli.config.keys import KEYS
    from convo_cli.config.names import dotted
    from convo_cli.config.setting_kinds import KINDS

    found: list[Offer] = []
    for key in KEYS.values():
        table, *rest = key.parts
        if key.kind == "model settings" and not rest:
            found += [(f"{table}.{setting}", "") for setting in KINDS]
        elif "NAME" in rest:
            names = configured.names(asked.config, table)
            found += [
                (dotted([table, *(name if part == "NAME" else part for part in rest)]), key.help)
                for name in names
            ]
        else:
            found.append((key.name, key.help))
    return found


def _set_keys(asked: Asked) -> list[Offer]:
    from convo_cli.config.names import dotted

    def below(table: dict[str, object], path: list[str]) -> list[Offer]:
        found: list[Offer] = []
        for name, value in table.items():
            here = [*path, name]
            found.append((dotted(here), value if isinstance(value, str) else ""))
            found += below(value, here) if isinstance(value, dict) else []
        return found

    return below(asked.config, [])


def _config_values(asked: Asked) -> list[Offer]:
    from convo_cli.config.keys import KEYS

    name = asked.place.arguments[0] or ""
    key = KEYS.get(name)
    if name == "model" or name.startswith("aliases."):
        return _models(asked)
    if key is None:
        return []
    values = ("true", "false") if key.kind == "true or false" else key.choices
    return [(value, "") for value in values]


def _text_or_file(asked: Asked) -> list[Offer]:
    """The files and folders after the @ of `@FILE`, where the shells complete none."""
    at, _, path = asked.place.begun.partition("@")
    if at or not asked.place.begun:
        return []
    folder, slash, name = path.rpartition("/")
    try:
        entries = list(os.scandir(f"{folder}/" if slash else "."))
    except (OSError, ValueError):
        return []
    return [
        (f"@{folder}{slash}{one.name}{'/' if one.is_dir() else ''}", "")
        for one in sorted(entries, key=lambda one: one.name)
        if name.startswith(".") or not one.name.startswith(".")
    ]


def _subcommands(asked: Asked) -> list[Offer]:
    """The commands below those that were named."""
    command = asked.root
    for name in asked.place.arguments:
        below = command.commands.get(name or "")
        if below is None:
            return []
        command = below
    return [(name, below.help) for name, below in command.commands.items()]


def _sources(asked: Asked) -> list[Offer]:
    from convo.importing.registry import MODULES

    return [(name, "") for name in MODULES]


_OFFERS: dict[str, Callable[[Asked], list[Offer]]] = {
    "command": _commands,
    "commands": _subcommands,
    "option": _options,
    "sessions": _sessions,
    "branches": _branches,
    "switched": _switched,
    "turns": _turns,
    "shown": _shown,
    "waiting": _waiting,
    "removed": _removed,
    "models": _models,
    "servers": _servers,
    "key_servers": _key_servers,
    "aliases": lambda asked: _named(asked, "aliases"),
    "templates": lambda asked: _named(asked, "templates"),
    "mcp": lambda asked: _named(asked, "mcp"),
    "parameters": _parameters,
    "settings": _settings,
    "text_or_file": _text_or_file,
    "config_keys": _config_keys,
    "set_keys": _set_keys,
    "sources": _sources,
    "config_values": _config_values,
}

FILES = {"files", "folders"}
"""The kinds that the shell itself completes."""
