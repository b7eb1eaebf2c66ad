"""The fields of a request that ask for an answer that fits a JSON Schema."""

from collections.abc import Mapping
from typing import Any

_NAME = "final_output"
"""The name that the SDK gives to a schema."""


def chat_form(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The `response_format` of a chat completion."""
    return {"type": "json_schema", "json_schema": _form(schema)}


def responses_form(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The `format` of the text of a response."""
    return {"type": "json_schema", **_form(schema)}


def _form(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": _NAME, "schema": dict(schema), "strict": is_strict(schema)}


def is_strict(schema: Mapping[str, Any]) -> bool:
    """Whether servers can enforce the schema strictly.

    They do so for objects that require all of their fields and allow no others, and refuse requests
    with other schemas.
    """
    return schema.get("type") == "object" and _is_strict(schema)


def _is_strict(part: Any) -> bool:
    if isinstance(part, list):
        return all(map(_is_strict, part))
    if not isinstance(part, Mapping):
        return True
    if part.get("type") == "object" or "properties" in part:
        fields = part.get("properties")
        required = part.get("required")
        if not isinstance(fields, Mapping) or not isinstance(required, list):
            return False
        if part.get("additionalProperties") is not False or set(required) != set(fields):
            return False
        return all(map(_is_strict, [*fields.values(), part.get("$defs", {})]))
    return all(map(_is_strict, part.values()))
