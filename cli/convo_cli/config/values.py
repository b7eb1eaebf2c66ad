"""Parses values typed on the command line: `convo config set notices false`."""

import json
from collections.abc import Sequence
from typing import Any

from convo.names import did_you_mean
from convo_cli.config.checking import key_of, unknown
from convo_cli.config.file import ConfigError
from convo_cli.config.keys import Key
from convo_cli.config.names import dotted
from convo_cli.config.setting_kinds import KINDS

_FLAGS = {"true": True, "false": False}


def parsed_value(parts: Sequence[str], text: str) -> Any:
    """Parse a value of this key. Raises `ConfigError`."""
    key = key_of(tuple(parts))
    if key is None:
        raise ConfigError([unknown(tuple(parts))])
    match key.kind:
        case "true or false":
            if text not in _FLAGS:
                meant = did_you_mean(text, _FLAGS)
                raise ConfigError([f"'{dotted(parts)}' is true or false, not {text!r}{meant}"])
            return _FLAGS[text]
        case "whole number" | "number" | "price" | "list of texts":
            return _json(text)
        case "texts by name" | "model settings":
            return _inside(parts, key, text)
        case _:
            return text


def _inside(parts: Sequence[str], key: Key, text: str) -> Any:
    """Parse a value within a table value: a text, or a setting of a model."""
    inside = parts[len(key.parts) :]
    if not inside:
        raise ConfigError([f"'{dotted(parts)}' is a table: name a key in it"])
    is_text = key.kind == "texts by name" or KINDS.get(inside[0]) == "text"
    return text if is_text else _json(text)


def _json(text: str) -> Any:
    """The value of a JSON text, or the text itself if it is not JSON."""
    try:
        return json.loads(text, parse_constant=lambda _: text)
    except ValueError:
        return text
