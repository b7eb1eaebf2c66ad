"""The default settings that the Agents SDK sends to a model, by the model's name.

A plain question is asked without the SDK, but with the same settings. A test compares this table
with the SDK for many names, and fails if a release of the SDK changes it.
"""

import re
from collections.abc import Mapping
from typing import Any

DEFAULT_MODEL = "gpt-5.6-luna"
"""The model that OpenAI is asked for if none is named."""

_DATE = r"(?:-\d{4}-\d{2}-\d{2})?"
_EFFORTS = tuple(
    (re.compile(pattern), effort)
    for pattern, effort in (
        (rf"gpt-5{_DATE}|gpt-5\.2-codex", "low"),
        (rf"gpt-5\.(?:1|2|4|4-mini|4-nano|5|6|6-sol|6-terra|6-luna){_DATE}|gpt-5\.3-codex", "none"),
        (rf"gpt-5\.(?:2|4)-pro{_DATE}", "medium"),
    )
)
_CHAT = re.compile(r"gpt-5(?:\.[123])?-chat-latest")
"""Names of models without a setting for reasoning effort."""


def default_model(environ: Mapping[str, str]) -> str:
    """The model that OpenAI is asked for if none is named: from the environment, or built in."""
    return environ.get("OPENAI_DEFAULT_MODEL", DEFAULT_MODEL).lower()


def default_settings(model: str) -> dict[str, Any]:
    """The settings for a model, by its name as given."""
    if not model.startswith("gpt-5") or _CHAT.fullmatch(model):
        return {}
    effort = next((effort for names, effort in _EFFORTS if names.fullmatch(model)), None)
    return {"verbosity": "low", **({} if effort is None else {"reasoning": {"effort": effort}})}
