"""JSON as text that is safe to write anywhere: nothing in it moves a cursor or ends a line."""

import json
import re
from typing import Any

_UNSAFE = "[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"  # C0 is escaped already

_dumped = json.JSONEncoder(ensure_ascii=False).encode


def json_text(value: Any) -> str:
    """A value as JSON on one line; unsafe characters, which only texts can contain, are escaped."""
    text = _dumped(value)
    if text.isascii() and "\x7f" not in text:
        return text
    return re.sub(_UNSAFE, lambda match: f"\\u{ord(match[0]):04x}", text)
