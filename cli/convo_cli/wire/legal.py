"""Makes values valid for every server: without lone surrogates, and with arguments in JSON."""

import json
import re
from typing import Any

NO_ARGUMENTS = "{}"
NO_NAME = "unknown_tool"

_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_-]")
_LONGEST_NAME = 64


def legal(value: Any) -> Any:
    """The JSON value with U+FFFD for every lone surrogate, including those in keys.

    Python represents undecodable bytes of a file name as lone surrogates, and JSON can escape them,
    but UTF-8, the encoding of requests, cannot express them. Values other than JSON are unchanged.
    """
    if isinstance(value, str):
        return legal_text(value)
    if isinstance(value, list | tuple):
        return [legal(one) for one in value]
    if isinstance(value, dict):
        return {legal(key): legal(one) for key, one in value.items()}
    return value


def legal_text(text: str) -> str:
    """The text with U+FFFD for every lone surrogate; pairs become one character."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def joined_pairs(text: str) -> str:
    """The text with one character for every pair of surrogates."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def legal_arguments(arguments: object) -> str:
    """The arguments of a call as the text of a JSON object; `{}` if they are not one.

    Servers that pass calls to a chat template parse the arguments. If the model wrote invalid JSON,
    they would refuse this request and every later one.
    """
    if isinstance(arguments, dict):
        return json.dumps(legal(arguments), ensure_ascii=False)
    if not isinstance(arguments, str):
        return NO_ARGUMENTS
    try:
        parsed = json.loads(arguments, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return NO_ARGUMENTS
    if not isinstance(parsed, dict):
        return NO_ARGUMENTS
    try:
        whole = legal(parsed)
    except RecursionError:
        return NO_ARGUMENTS
    # Valid arguments are sent exactly as the model wrote them, so that prompt caches match.
    return arguments if whole == parsed else json.dumps(whole, ensure_ascii=False)


def legal_call(item: dict[str, Any]) -> dict[str, Any]:
    """The call of a function with a valid name, and with arguments in JSON."""
    name, arguments = item.get("name"), item.get("arguments")
    return {**item, "name": legal_name(name), "arguments": legal_arguments(arguments)}


def legal_name(name: object) -> str:
    """The name of a function, with `_` for characters that such a name may not have."""
    if not isinstance(name, str) or not name:
        return NO_NAME
    return _NOT_IN_NAMES.sub("_", name)[:_LONGEST_NAME]


def _refuse(constant: str) -> Any:
    """NaN and Infinity are Python's, not JSON's."""
    raise ValueError(constant)
