"""The offers for each kind of value."""

import os
from collections.abc import Callable

from convo_cli.completing import named, stored
from convo_cli.completing.asked import Asked, Offer


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


KEYS_OF_USAGE = (
    "turn",
    "branch",
    "session",
    "model",
    "day",
    "week",
    "month",
    "source",
    "agent",
    "tool",
)
"""The keys of `convo.usage.groups`, which takes longer to load than a TAB may."""


def _keys_of_usage(asked: Asked) -> list[Offer]:
    first, comma, _ = asked.place.begun.rpartition(",")
    return [(f"{first}{comma}{key}", "") for key in KEYS_OF_USAGE if key != first]


def _times(asked: Asked) -> list[Offer]:
    named = ("today", "yesterday", "this week", "last week", "this month", "last month")
    return [(time, "") for time in (*named, "7d", "30d")]


_OFFERS: dict[str, Callable[[Asked], list[Offer]]] = {
    "command": _commands,
    "commands": _subcommands,
    "option": _options,
    "sessions": stored.sessions,
    "branches": stored.branches,
    "switched": stored.switched,
    "turns": stored.turns,
    "shown": stored.shown,
    "tags": stored.tags,
    "waiting": stored.waiting,
    "removed": stored.removed,
    "models": named.models,
    "servers": named.servers,
    "key_servers": named.key_servers,
    "aliases": lambda asked: named.named(asked, "aliases"),
    "templates": lambda asked: named.named(asked, "templates"),
    "mcp": lambda asked: named.named(asked, "mcp"),
    "parameters": named.parameters,
    "settings": named.settings,
    "text_or_file": _text_or_file,
    "config_keys": named.config_keys,
    "set_keys": named.set_keys,
    "config_values": named.config_values,
    "keys_of_usage": _keys_of_usage,
    "times": _times,
}

FILES = {"files", "folders"}
"""The kinds that the shell itself completes."""
