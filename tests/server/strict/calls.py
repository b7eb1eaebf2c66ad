"""What both APIs ask of a call's arguments and of the ids in a history."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.server.strict.refusal import RefusedError

_NAME = re.compile(r"[a-zA-Z0-9_-]+")
_SURROGATE = re.compile("[\ud800-\udfff]")


def check_arguments(arguments: object, where: str) -> None:
    """Servers that put a call into the model's template parse its arguments."""
    try:
        parsed = json.loads(arguments) if isinstance(arguments, str) else None
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        said = f"Invalid value for '{where}': expected a string that is a JSON object."
        raise RefusedError("arguments", said, where, "invalid_value")


def check_name(name: object, where: str) -> None:
    """The name of a function that is called."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        said = f"Invalid '{where}': string does not match pattern. Expected a string that matches "
        raise RefusedError(
            "names", f"{said}the pattern '^[a-zA-Z0-9_-]+$'.", where, "invalid_value"
        )


def check_length(text: str, where: str, most: int) -> None:
    """Ids have a greatest length."""
    if len(text) > most:
        said = f"Invalid '{where}': string too long. Expected a string with maximum length {most}, "
        said += f"but got a string with length {len(text)} instead."
        raise RefusedError("ids", said, where, "string_above_max_length")


def check_text(sent: bytes, body: object) -> None:
    """Lone surrogates are no text: as bytes they are no UTF-8, escaped no character."""
    try:
        sent.decode()
    except UnicodeDecodeError:
        raise _unparsed() from None
    if any(_SURROGATE.search(text) for text in _texts(body)):
        raise _unparsed()


def _unparsed() -> RefusedError:
    return RefusedError("surrogates", "We could not parse the JSON body of your request.")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
