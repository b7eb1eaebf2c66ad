"""Errors of failed and incomplete answers, and the text of answers that were cut off."""

from collections.abc import Iterable, Mapping
from typing import Any

CONTENT_FILTER = "content_filter"
TOKEN_LIMIT = "max_output_tokens"

_TOKEN_LIMITS = frozenset({TOKEN_LIMIT, "length", "max_tokens", "model_length"})
"""The reasons that servers give for an answer that reached the limit of the user or the model."""

IN_A_CALL = "while it was calling a tool"
BEFORE_THE_ANSWER = "before it said anything"


class BadAnswerError(Exception):
    """The answer does not follow the API. `str(error)` completes a sentence: "the server …"."""


class CutAnswerError(Exception):
    """The answer stopped before its end."""


class BrokenOffError(Exception):
    """The server reported an error in the place of the rest of its answer."""


class UnheardError(Exception):
    """The answer has a kind of content that cannot be stored."""


class FailedAnswerError(Exception):
    """The server reports that the answer failed, or had to end early."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code or "it does not say why")
        self.code = code


def is_token_limit(reason: str | None) -> bool:
    """Whether the server ended an answer because of a limit of tokens."""
    return bool(reason) and str(reason).lower() in _TOKEN_LIMITS


def cut_text(texts: Iterable[str], has_calls: bool) -> str:
    """The text of an answer that was cut off at the limit of tokens.

    Raises FailedAnswerError if it cannot be continued: it has half a tool call, or no text.
    """
    text = "".join(texts)
    if has_calls:
        raise FailedAnswerError(TOKEN_LIMIT, IN_A_CALL)
    if not text.strip():
        raise FailedAnswerError(TOKEN_LIMIT, BEFORE_THE_ANSWER)
    return text


def check_reason(reason: str | None) -> None:
    """Raise FailedAnswerError for an answer that the server's content filter stopped."""
    if reason == CONTENT_FILTER:
        raise FailedAnswerError(CONTENT_FILTER)


def cut_response(response: Mapping[str, Any]) -> str | None:
    """The text of a response that was cut off at the limit of tokens; None for any other response.

    Raises FailedAnswerError like `cut_text`.
    """
    details = response.get("incomplete_details")
    reason = details.get("reason") if isinstance(details, Mapping) else None
    if response.get("status") != "incomplete" or not is_token_limit(reason):
        return None
    items = [item for item in response.get("output") or () if isinstance(item, Mapping)]
    texts = [
        str(part.get("text") or "")
        for item in items
        if item.get("type") == "message"
        for part in item.get("content") or ()
        if isinstance(part, Mapping)
    ]
    return cut_text(texts, any(str(item.get("type")).endswith("_call") for item in items[-1:]))


def check_response(response: Mapping[str, Any]) -> None:
    """Raise FailedAnswerError for a response that is marked as incomplete."""
    check_reported_error(response.get("error"))
    details = response.get("incomplete_details")
    if isinstance(details, Mapping):
        raise FailedAnswerError(str(details.get("reason")))
    status = response.get("status")
    if status in ("failed", "incomplete", "cancelled"):
        raise FailedAnswerError(str(status))


def check_reported_error(error: Any) -> None:
    """Raise the error object of a failed response; some servers send one with status 200."""
    if not error:
        return
    fields = error if isinstance(error, Mapping) else {}
    raise FailedAnswerError(str(fields.get("code") or ""), str(fields.get("message") or error))
