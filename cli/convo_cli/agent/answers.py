"""What may be wrong with an answer that came, and with one that says so itself.

These errors are told apart from those of the connection, which OpenAI's library raises.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from openai.types.responses import Response

CONTENT_FILTER = "content_filter"
TOKEN_LIMIT = "max_output_tokens"

_TOKEN_LIMITS = frozenset({TOKEN_LIMIT, "length", "max_tokens", "model_length"})
"""What servers say where an answer has reached the user's limit, or that of the model."""

IN_A_CALL = "while it was calling a tool"
BEFORE_THE_ANSWER = "before it said anything"


class BadAnswerError(Exception):
    """What came is not what the API promises: `str(error)` goes on after "the server …"."""


class CutAnswerError(Exception):
    """The answer stopped before its end."""


class FailedAnswerError(Exception):
    """The server itself says that the answer failed, or had to end early."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code or "it does not say why")
        self.code = code


def is_token_limit(reason: str | None) -> bool:
    """Whether an answer ended, as the server says, because it had got long enough."""
    return bool(reason) and str(reason).lower() in _TOKEN_LIMITS


def cut_text(texts: Iterable[str], has_calls: bool) -> str:
    """What an answer says that was cut off at the limit of tokens.

    Raises FailedAnswerError where that is nothing to go on from: half a call of a tool, or not a
    word yet.
    """
    text = "".join(texts)
    if has_calls:
        raise FailedAnswerError(TOKEN_LIMIT, IN_A_CALL)
    if not text.strip():
        raise FailedAnswerError(TOKEN_LIMIT, BEFORE_THE_ANSWER)
    return text


def cut_response(response: Response) -> str | None:
    """What a response says that was cut off at the limit of tokens; None for any other response.

    Raises FailedAnswerError like `cut_text`.
    """
    details = response.incomplete_details
    if response.status != "incomplete" or details is None or not is_token_limit(details.reason):
        return None
    items: list[Any] = list(response.output or [])
    kinds = [str(_field(item, "type")) for item in items]
    parts = [
        part
        for item, kind in zip(items, kinds, strict=True)
        if kind == "message"
        for part in _field(item, "content") or []
    ]
    texts = [str(_field(part, "text") or "") for part in parts]
    return cut_text(texts, any(kind.endswith("_call") for kind in kinds[-1:]))


def _field(thing: Any, name: str) -> Any:
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)


def check_response(response: Response) -> None:
    """Raise FailedAnswerError for a response that says that it is not complete."""
    check_reported_error(response)
    if response.incomplete_details is not None:
        raise FailedAnswerError(str(response.incomplete_details.reason))
    if response.status in ("failed", "incomplete", "cancelled"):
        raise FailedAnswerError(response.status)


def check_reported_error(answer: object) -> None:
    """Raise what a failed response says, and some servers with status 200: an error object."""
    error = getattr(answer, "error", None)
    if not error:
        return
    fields = error if isinstance(error, dict) else vars(error) if hasattr(error, "__dict__") else {}
    raise FailedAnswerError(
        str(fields.get("code") or ""), str(fields.get("message") or error or "")
    )
