"""Parses model settings from the command line: `-o temperature=0.2`."""

import json
from collections.abc import Iterable
from typing import Any

from convo_cli.config.setting_kinds import KINDS, Kind, is_one, no_setting, with_article
from convo_cli.turn.errors import ChoiceError


def model_settings(given: Iterable[str]) -> dict[str, Any]:
    """Parse `KEY=VALUE` strings; `reasoning.effort=low` is a value within a setting.

    A value is JSON, or else text. Raises ChoiceError.
    """
    settings: dict[str, Any] = {}
    for option in given:
        key, equals, value = option.partition("=")
        if not equals or not key:
            raise ChoiceError(f"the setting {option!r} has no value", hint="a setting is KEY=VALUE")
        name, *inside = key.strip().split(".")
        kind = _kind(name)
        if inside:
            _put_inside(settings, name, kind, inside, _parsed(value))
        else:
            settings[name] = _checked(name, kind, value)
    return settings


def _kind(name: str) -> Kind:
    kind = KINDS.get(name)
    if kind is None:
        message, hint = no_setting(name)
        raise ChoiceError(message, hint=hint)
    return kind


def _checked(name: str, kind: Kind, value: str) -> Any:
    if kind == "text":
        return value
    parsed = _parsed(value)
    if not is_one(parsed, kind):
        raise ChoiceError(f"the setting {name} is {with_article(kind)}, not {value!r}")
    return parsed


def _put_inside(
    settings: dict[str, Any], name: str, kind: Kind, inside: list[str], value: Any
) -> None:
    if "object" not in kind:
        raise ChoiceError(f"the setting {name} is {with_article(kind)}: nothing is inside of it")
    place = settings.setdefault(name, {})
    *outer, last = inside
    for key in outer:
        place = place.setdefault(key, {}) if isinstance(place, dict) else None
    if not isinstance(place, dict):
        raise ChoiceError(f"the setting {name}.{'.'.join(inside)} is given in two ways")
    place[last] = value


def _parsed(value: str) -> Any:
    try:
        return json.loads(value, parse_constant=_refuse)
    except ValueError:
        return value


def _refuse(constant: str) -> Any:
    raise ValueError(constant)
