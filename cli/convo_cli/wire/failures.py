"""Finds the failure that a server reports within an answer, in any of the known forms."""

import json
from collections.abc import Mapping
from typing import Any

from convo.errors import joined

_WORDS = ("message", "detail", "error", "errors", "msg")
"""The fields that may contain the message of an error."""

_ANSWERS = ("choices", "output", "response", "delta")


def failure(body: Mapping[str, Any], name: str | None = None) -> dict[str, Any] | None:
    """`{"error": {"message": …}}` for a body or an event that reports a failure, otherwise None.

    `name` is the name of the event.
    """
    error = body.get("error") or _of_choice(body.get("choices"))
    if error:
        return _said(error, body)
    if any(field in body for field in _ANSWERS):
        return None
    is_failure = name == "error" or body.get("object") == "error" or body.get("type") == "error"
    told = body.get("message") or body.get("detail") or body.get("errors")
    if is_failure or (told and "id" not in body and "type" not in body):
        return _said(told or "it does not say why", body)
    return None


def _of_choice(choices: Any) -> Any:
    """The failure of a model behind the server; aggregators report it in a choice."""
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, Mapping):
            if choice.get("error"):
                return choice["error"]
            if choice.get("finish_reason") == "error":
                return "the model behind it failed"
    return None


def _said(error: Any, body: Mapping[str, Any]) -> dict[str, Any]:
    fields = error if isinstance(error, Mapping) else {}
    code = fields.get("code") or body.get("code") or fields.get("type")
    return {"error": {"message": in_words(error), "code": None if code is None else str(code)}}


def in_words(error: Any) -> str:
    """The message of an error: a text, an object that contains one, or a list of those."""
    if isinstance(error, str):
        return error.strip()
    if isinstance(error, list):
        return joined(*map(in_words, error))
    if not isinstance(error, Mapping):
        return "" if error is None else json.dumps(error)
    inner = next((error[name] for name in _WORDS if error.get(name)), None)
    if inner is None:
        return json.dumps(error, ensure_ascii=False) if error else ""
    place = error.get("loc")
    where = ".".join(map(str, place)) if isinstance(place, list) else ""
    return f"{where}: {in_words(inner)}" if where else in_words(inner)
