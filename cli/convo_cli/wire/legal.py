"""Values that every server can be sent: whole characters, and arguments that are JSON."""

import json
import re
from typing import Any

NO_ARGUMENTS = "{}"
NO_NAME = "unknown_tool"

_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_-]")
_LONGEST_NAME = 64


def legal(value: Any) -> Any:
    """The JSON value with U+FFFD in the place of every lone surrogate, in its keys too.

    Python keeps the bytes of a file name that are no UTF-8 as lone surrogates, and JSON can spell
    them; UTF-8, in which requests are sent, has none. What is no JSON stays what it is.
    """
    if isinstance(value, str):
        return legal_text(value)
    if isinstance(value, list | tuple):
        return [legal(one) for one in value]
    if isinstance(value, dict):
        return {legal(key): legal(one) for key, one in value.items()}
    return value


def legal_text(text: str) -> str:
    """The text with U+FFFD in the place of every lone surrogate; pairs become one character."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def joined_pairs(text: str) -> str:
    """The text with one character in the place of every pair of surrogates."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def legal_arguments(arguments: object) -> str:
    """The arguments of a call as the text of a JSON object; `{}` for what is none.

    Servers that hand calls to a chat template parse the arguments and refuse the request, then
    and in every later turn, where the model had written no JSON.
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
    # Arguments that need no change are sent as the model wrote them: caches of prompts match.
    return arguments if whole == parsed else json.dumps(whole, ensure_ascii=False)


def legal_call(item: dict[str, Any]) -> dict[str, Any]:
    """The call of a function with a name of letters and digits, and with arguments in JSON."""
    name, arguments = item.get("name"), item.get("arguments")
    return {**item, "name": legal_name(name), "arguments": legal_arguments(arguments)}


def legal_name(name: object) -> str:
    """The name of a function, with `_` in the place of what no such name may have in it."""
    if not isinstance(name, str) or not name:
        return NO_NAME
    return _NOT_IN_NAMES.sub("_", name)[:_LONGEST_NAME]


def _refuse(constant: str) -> Any:
    """NaN and Infinity are Python's, not JSON's."""
    raise ValueError(constant)
