"""What may be wrong with an answer that came, and with one that says so itself.

These errors are told apart from those of the connection, which OpenAI's library raises.
"""

from openai.types.responses import Response

CONTENT_FILTER = "content_filter"
TOKEN_LIMIT = "max_output_tokens"


class BadAnswerError(Exception):
    """What came is not what the API promises: `str(error)` goes on after "the server …"."""


class CutAnswerError(Exception):
    """The answer stopped before its end."""


class FailedAnswerError(Exception):
    """The server itself says that the answer failed, or had to end early."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code or "it does not say why")
        self.code = code


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
