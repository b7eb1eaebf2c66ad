"""Which settings a model knows, and with which values: by name, as OpenAI documents them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from tests.server.strict.refusal import RefusedError

_LOW_TO_HIGH = ("low", "medium", "high")
_EFFORTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"gpt-5[.\d]*-chat", ()),
    (r"gpt-5-pro", ("high",)),
    (r"gpt-5-codex", _LOW_TO_HIGH),
    (r"gpt-5(?!\.)", ("minimal", *_LOW_TO_HIGH)),
    (r"gpt-5\.1", ("none", *_LOW_TO_HIGH)),
    (r"gpt-5\.\d", ("none", *_LOW_TO_HIGH, "xhigh")),
    (r"o1-(mini|preview)", ()),
    (r"o\d", _LOW_TO_HIGH),
    (r"gpt-oss", _LOW_TO_HIGH),
)
_SAMPLING = {
    "temperature": 1,
    "top_p": 1,
    "presence_penalty": 0,
    "frequency_penalty": 0,
    "top_logprobs": 0,
}
"""What only models that do not reason take, with the value that changes nothing."""


def efforts(model: str) -> tuple[str, ...] | None:
    """The reasoning efforts that the model knows; None for a model that does not reason."""
    name = model.rpartition("/")[2].removeprefix("ft:")
    return next((known for start, known in _EFFORTS if re.match(start, name)), None)


def verbosities(model: str) -> tuple[str, ...]:
    """How wordy the model can be asked to be."""
    name = model.rpartition("/")[2]
    is_wordy = name.startswith("gpt-5") and "chat" not in name and "codex" not in name
    return _LOW_TO_HIGH if is_wordy else ("medium",)


def check_responses_settings(body: dict[str, Any]) -> None:
    """Raise RefusedError for a setting that the model does not take, through the Responses API."""
    model = str(body["model"])
    effort = (body.get("reasoning") or {}).get("effort")
    if effort is not None:
        _check_effort(model, effort, "reasoning.effort")
    verbosity = (body.get("text") or {}).get("verbosity")
    if verbosity is not None and verbosity not in verbosities(model):
        raise _unsupported_value(verbosity, "text.verbosity", model, verbosities(model))
    for name in _unfit_sampling(body, model, effort):
        raise _unsupported(name)


def check_chat_settings(body: dict[str, Any]) -> None:
    """The same, through chat completions, which says it in other words."""
    model = str(body["model"])
    effort = body.get("reasoning_effort")
    if effort is not None:
        if efforts(model) is None:
            raise RefusedError(
                "settings", "Unrecognized request argument supplied: reasoning_effort"
            )
        _check_effort(model, effort, "reasoning_effort")
    verbosity = body.get("verbosity")
    if verbosity is not None and verbosity not in verbosities(model):
        raise _unsupported_value(verbosity, "verbosity", model, verbosities(model))
    if efforts(model) and body.get("max_tokens") is not None:
        instead = "Use 'max_completion_tokens' instead."
        raise _unsupported("max_tokens", instead)
    for name in _unfit_sampling(body, model, effort):
        if name == "temperature":
            said = f"'temperature' does not support {body[name]} with this model."
            only = "Only the default (1) value is supported."
            raise RefusedError(
                "settings", f"Unsupported value: {said} {only}", name, "unsupported_value"
            )
        raise _unsupported(name)
    _check_for_tools(body)


def _check_for_tools(body: dict[str, Any]) -> None:
    for name in ("tool_choice", "parallel_tool_calls"):
        if body.get(name) is not None and not body.get("tools"):
            said = (
                f"Invalid value for '{name}': '{name}' is only allowed when 'tools' are specified."
            )
            raise RefusedError("settings", said, name)


def _check_effort(model: str, effort: str, param: str) -> None:
    known = efforts(model)
    if not known:
        raise _unsupported(param)
    if effort not in known:
        raise _unsupported_value(effort, param, model, known)


def _unfit_sampling(body: dict[str, Any], model: str, effort: str | None) -> list[str]:
    """Models that reason take no sampling settings, unless they can be, and are, kept from it."""
    known = efforts(model)
    if not known or ("none" in known and effort in (None, "none")):
        return []
    return [name for name, usual in _SAMPLING.items() if body.get(name) not in (None, usual)]


def _unsupported(name: str, hint: str = "") -> RefusedError:
    said = f"Unsupported parameter: '{name}' is not supported with this model. {hint}".rstrip()
    return RefusedError("settings", said, name, "unsupported_parameter")


def _unsupported_value(value: object, param: str, model: str, known: Iterable[str]) -> RefusedError:
    quoted = [f"'{name}'" for name in known]
    most, last = quoted[:-1], quoted[-1]
    listed = f"{', '.join(most)}, and {last}" if most else last
    said = f"'{value}' is not supported with the '{model}' model. Supported values are: {listed}."
    return RefusedError("settings", f"Unsupported value: {said}", param, "unsupported_value")
