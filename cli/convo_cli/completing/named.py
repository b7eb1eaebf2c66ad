"""Offers from `config.toml`: its keys and values, and models."""

from convo_cli.completing import configured
from convo_cli.completing.asked import MOST, Asked, Offer

_VALUES = {
    "reasoning.effort": ("none", "minimal", "low", "medium", "high"),
    "reasoning.summary": ("auto", "concise", "detailed"),
    "tool_choice": ("auto", "required", "none"),
    "truncation": ("auto", "disabled"),
    "verbosity": ("low", "medium", "high"),
}
"""The usual values of settings that are texts."""


def named(asked: Asked, table: str) -> list[Offer]:
    """What the configuration has in a table, with what an alias stands for."""
    found = configured.names(asked.config, table).items()
    return [(name, value if isinstance(value, str) else "") for name, value in found]


def models(asked: Asked) -> list[Offer]:
    """Aliases, the models that sessions were asked with, and servers."""
    aliases = named(asked, "aliases")
    servers = [(f"{name}/", "a server") for name, _ in named(asked, "servers")]
    glance = asked.glance
    recorded = [] if glance is None else [(name, "") for name in glance.models(MOST)]
    return [*aliases, *recorded, *servers, ("echo", "answers offline")]


def servers(asked: Asked) -> list[Offer]:
    """The named servers."""
    found = configured.names(asked.config, "servers").items()
    return [(name, _text(table, "url")) for name, table in found]


def _text(table: object, key: str) -> str:
    value = table.get(key) if isinstance(table, dict) else None
    return value if isinstance(value, str) else ""


def key_servers(asked: Asked) -> list[Offer]:
    """The named servers, and OpenAI."""
    return [*servers(asked), ("openai", "")]


def parameters(asked: Asked) -> list[Offer]:
    """The values that the template on the line takes."""
    # Imported here because few lines have a template.
    from string import Template

    table = configured.names(asked.config, "templates").get(asked.given("--template") or "")
    texts = [_text(table, "instructions"), _text(table, "prompt")]
    found = [name for text in texts for name in Template(text).get_identifiers()]
    return [(f"{name}=", "") for name in dict.fromkeys(found)]


def settings(asked: Asked) -> list[Offer]:
    """The settings of a model, or the usual values of the one that is being typed."""
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


def config_keys(asked: Asked) -> list[Offer]:
    """Every key, with the names that the file has."""
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


def set_keys(asked: Asked) -> list[Offer]:
    """The keys that the file has."""
    from convo_cli.config.names import dotted

    def below(table: dict[str, object], path: list[str]) -> list[Offer]:
        found: list[Offer] = []
        for name, value in table.items():
            here = [*path, name]
            found.append((dotted(here), value if isinstance(value, str) else ""))
            found += below(value, here) if isinstance(value, dict) else []
        return found

    return below(asked.config, [])


def config_values(asked: Asked) -> list[Offer]:
    """The values of the key before them."""
    from convo_cli.config.keys import KEYS

    name = asked.place.arguments[0] or ""
    key = KEYS.get(name)
    if name == "model" or name.startswith("aliases."):
        return models(asked)
    if key is None:
        return []
    values = ("true", "false") if key.kind == "true or false" else key.choices
    return [(value, "") for value in values]
