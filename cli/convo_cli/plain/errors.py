"""What can go wrong with a plain question, before it is put into words.

Errors of the connection are those of httpx2; what may be wrong with an answer is in `wire.ends`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx2


class RefusedError(Exception):
    """The server answered with an error of HTTP; `body` is what it says, as JSON or as text."""

    def __init__(self, response: "httpx2.Response", body: Any) -> None:
        super().__init__(f"{response.status_code} {body}")
        self.response = response
        self.body = body
        self.status_code = response.status_code
        self.code = _text(body, "code")
        self.param = _text(body, "param")

    @property
    def said(self) -> str:
        """All that the server says about it."""
        return f"{self.code or ''} {self.param or ''} {self.body or ''}"


class NothingSaidError(Exception):
    """The model said nothing, or only what it thought."""


class RefusedToAnswerError(Exception):
    """The model refused to answer, in the words of the error."""


class UncalledForError(Exception):
    """The model did something that nobody asked it for."""


def _text(body: Any, name: str) -> str | None:
    value = body.get(name) if isinstance(body, dict) else None
    return None if value is None else str(value)
