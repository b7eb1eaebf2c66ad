"""Checks `config.toml` against the known keys, and reports every mistake."""

import re
from collections.abc import Iterable, Iterator, Mapping
from math import inf
from typing import Any, NamedTuple

from convo.names import closest, did_you_mean, scheme_of
from convo_cli.config.addresses import address
from convo_cli.config.databases import mistaken_database
from convo_cli.config.keys import KEYS, MODELS, NAMES, Key, Kind
from convo_cli.config.names import dotted, quoted
from convo_cli.config.setting_kinds import mistake

Parts = tuple[str, ...]

TAKEN = {"servers": ("openai", "litellm", "any-llm", "echo"), "aliases": ("echo",)}
"""Reserved names."""

_SHOWN = 60
_ANY = {"NAME": re.compile(NAMES), "MODEL": re.compile(MODELS)}
"""The parts of keys that stand for any name, and which names those are."""


class Problem(NamedTuple):
    """A mistake, and the key that it is in."""

    parts: Parts
    message: str


def problems(document: Mapping[str, Any]) -> Iterator[Problem]:
    """All mistakes in a document, in order."""
    yield from _table((), document, _tree())


def key_of(parts: Parts) -> Key | None:
    """The key with that name; None if there is none.

    A name within a value, such as `options.temperature`, belongs to the value's key.
    """
    node: Any = _tree()
    for part in parts:
        if isinstance(node, Key):
            return node if node.kind in {"model settings", "texts by name"} else None
        if not _may_be(part, node):
            return None
        node = node.get(part, node.get(_any_in(node)))
        if node is None:
            return None
    return node if isinstance(node, Key) else None


def unknown(parts: Parts) -> str:
    """The message for a name that is not a key."""
    node: Any = _tree()
    for depth, part in enumerate(parts):
        if isinstance(node, Key):
            return f"'{dotted(parts[:depth])}' has nothing inside of it"
        if not _may_be(part, node):
            return _no_name(parts[: depth + 1])
        if part not in node and _any_in(node) is None:
            return _no_key(parts[: depth + 1], node)
        node = node.get(part, node.get(_any_in(node)))
    inside = dotted((*parts, next(iter(node))))
    return f"'{dotted(parts)}' is a table: name a key in it, such as {inside}"


def known_names() -> str:
    """The names of all keys at the top of the file, those of tables with a dot."""
    return ", ".join(
        name if isinstance(node, Key) and node.kind != "model settings" else f"{name}.…"
        for name, node in _tree().items()
    )


def _any_in(node: Mapping[str, Any]) -> str | None:
    """The part that stands for any name in a table; None if all its keys are known."""
    return next((name for name in _ANY if name in node), None)


def _may_be(part: str, node: Mapping[str, Any]) -> bool:
    """Whether a part of a name may be in a table, if that takes any name of some form."""
    stands = _any_in(node)
    return stands is None or _ANY[stands].fullmatch(part) is not None


def _tree() -> dict[str, Any]:
    """The keys as nested tables."""
    tree: dict[str, Any] = {}
    for key in KEYS.values():
        *outer, last = key.parts
        node = tree
        for part in outer:
            node = node.setdefault(part, {})
        node[last] = key
    return tree


def _table(parts: Parts, table: Mapping[str, Any], node: Mapping[str, Any]) -> Iterator[Problem]:
    for name, value in table.items():
        here = (*parts, name)
        if _any_in(node) is not None:
            if not _may_be(name, node):
                yield Problem(here, _no_name(here))
                continue
            if name in TAKEN.get(parts[0], ()):
                taken = f"'{dotted(here)}' stands for something else already"
                yield Problem(here, f"{taken}; take another name")
                continue
        found = node.get(name, node.get(_any_in(node) or ""))
        if found is None:
            yield Problem(here, _no_key(here, node))
        elif isinstance(found, Key):
            yield from _value(here, value, found)
        elif not isinstance(value, dict):
            yield Problem(here, f"'{dotted(here)}' is a table, not {_shown(value)}")
        else:
            yield from _table(here, value, found)
            yield from _missing(here, value, found)


def _missing(parts: Parts, table: Mapping[str, Any], node: Mapping[str, Any]) -> Iterator[Problem]:
    for name, key in node.items():
        if isinstance(key, Key) and key.required and name not in table:
            yield Problem(parts, f"'{dotted(parts)}' has no {name}")
    if parts[0] == "mcp" and len(parts) > 1 and ("command" in table) == ("url" in table):
        yield Problem(parts, f"'{dotted(parts)}' needs either a command or a url")


def _value(parts: Parts, value: Any, key: Key) -> Iterator[Problem]:
    if key.kind == "model settings":
        yield from _settings(parts, value)
    elif not _is_one(value, key.kind):
        shown = _shown(_odd(value, key.kind))
        yield Problem(parts, f"'{dotted(parts)}' is {_ARTICLES[key.kind]}, not {shown}")
    elif key.choices and value not in key.choices:
        named = ", ".join(key.choices)
        meant = did_you_mean(value, key.choices)
        yield Problem(parts, f"'{dotted(parts)}' is one of {named}, not {_shown(value)}{meant}")
    elif key.kind == "web address" and address(value) is None:
        yield Problem(
            parts,
            f"'{dotted(parts)}' is a web address such as http://127.0.0.1:11434/v1, "
            f"not {_shown(value)}",
        )
    elif key.parts[-1] == "instructions" and value[:1] == "@" and value[1:2] not in {"/", "~"}:
        yield Problem(
            parts, f"the file of '{dotted(parts)}' is @ and a path from the root or from ~"
        )
    elif key.name == "db" and (message := mistaken_database(value, f"'{dotted(parts)}'")):
        yield Problem(parts, message)
    elif key.kind == "path" and not (value.startswith(("/", "~")) or scheme_of(value)):
        yield Problem(
            parts, f"'{dotted(parts)}' is a path from the root or from ~, not {_shown(value)}"
        )


def _settings(parts: Parts, value: Any) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield Problem(parts, f"'{dotted(parts)}' is a table of model settings, not {_shown(value)}")
        return
    for name, setting in value.items():
        if message := mistake(name, setting):
            yield Problem((*parts, name), message)


def _is_one(value: Any, kind: Kind) -> bool:
    match kind:
        case "whole number":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "price":
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            return is_number and 0 <= value < inf
        case "true or false":
            return isinstance(value, bool)
        case "list of texts":
            return isinstance(value, list) and all(isinstance(one, str) for one in value)
        case "texts by name":
            return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())
        case _:
            return isinstance(value, str)


def _odd(value: Any, kind: Kind) -> Any:
    """The part of a value that has the wrong type: one of its members, or the whole value."""
    members: Iterable[Any] = ()
    if kind == "list of texts" and isinstance(value, list):
        members = value
    elif kind == "texts by name" and isinstance(value, dict):
        members = value.values()
    return next((one for one in members if not isinstance(one, str)), value)


_ARTICLES: Mapping[Kind, str] = {
    "text": "a text",
    "path": "a path",
    "web address": "a web address",
    "whole number": "a whole number",
    "number": "a number",
    "price": "a price in dollars, 0 or more",
    "true or false": "true or false",
    "list of texts": "a list of texts",
    "texts by name": "a table of texts",
    "model settings": "a table of model settings",
}


def _no_key(parts: Parts, node: Mapping[str, Any]) -> str:
    return f"there is no key '{dotted(parts)}'{_nearest_of(parts, node)}"


def _nearest_of(parts: Parts, node: Mapping[str, Any]) -> str:
    close = closest(parts[-1], node)
    if close is not None:
        return f" (did you mean '{dotted((*parts[:-1], close))}'?)"
    return f": there are {', '.join(node)}" if len(parts) > 1 else ""


def _no_name(parts: Parts) -> str:
    if parts[0] == "prices":
        return f'{quoted(parts[-1])} is neither a model nor a pattern such as "local/*"'
    return (
        f"{quoted(parts[-1])} is not a name for one of '{parts[0]}': "
        "names are letters, digits, '.', '_' and '-'"
    )


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    text = quoted(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
