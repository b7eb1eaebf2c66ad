"""Makes the SDK's model settings from those that were given by name."""

from collections.abc import Mapping
from typing import Any

from agents import ModelSettings
from pydantic import TypeAdapter, ValidationError

from convo_cli.turn.errors import ChoiceError

_OURS: Mapping[str, Any] = {
    # Other servers report usage only on request, and the SDK adds up only some details.
    "include_usage": True,
    "preserve_raw_usage": True,
}


def sdk_settings(given: Mapping[str, Any]) -> ModelSettings:
    """The settings. Raises ChoiceError for a value that the SDK does not accept."""
    try:
        return TypeAdapter(ModelSettings).validate_python({**_OURS, **given})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        said = first["msg"][:1].lower() + first["msg"][1:]
        raise ChoiceError(f"the setting {place} cannot be {first['input']!r}: {said}") from error
