"""Checks how a response of OpenAI's library ended."""

from typing import Any

from openai.types.responses import Response
from pydantic import BaseModel

from convo_cli.wire import ends


def cut_response(response: Response) -> str | None:
    """The text of a response that was cut off at the limit of tokens; None for any other response.

    Raises FailedAnswerError if there is no text to continue from.
    """
    return ends.cut_response(_fields(response)) if response.status == "incomplete" else None


def check_response(response: Response) -> None:
    """Raise FailedAnswerError for a response that says that it is not complete."""
    ends.check_response(_fields(response))


def check_reported_error(answer: object) -> None:
    """Raise the error object of a failed response; some servers send one with status 200."""
    ends.check_reported_error(_plain(getattr(answer, "error", None)))


def _fields(response: Response) -> dict[str, Any]:
    names = ("error", "incomplete_details", "output", "status")
    return {name: _plain(getattr(response, name, None)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.model_dump(warnings=False) if isinstance(value, BaseModel) else value
