"""Errors of a plain question, before they are translated into messages.

Errors of the connection are those of httpx2; errors of an answer are in `wire.ends`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx2


class RefusedError(Exception):
    """The server answered with an HTTP error; `body` is its body, parsed JSON or text."""

    def __init__(self, response: "httpx2.Response", body: Any) -> None:
        super().__init__(f"{response.status_code} {body}")
        self.response = response
        self.body = body
        self.status_code = response.status_code
        self.code = _text(body, "code")
        self.param = _text(body, "param")

    @property
    def said(self) -> str:
        """The code, the parameter and the body of the error, as one text."""
        return f"{self.code or ''} {self.param or ''} {self.body or ''}"


class NothingSaidError(Exception):
    """The model said nothing, or returned only reasoning."""


class RefusedToAnswerError(Exception):
    """The model refused to answer; the message of the error is its refusal."""


class UncalledForError(Exception):
    """The model did something other than answer, such as call an unknown tool."""


def _text(body: Any, name: str) -> str | None:
    value = body.get(name) if isinstance(body, dict) else None
    return None if value is None else str(value)
