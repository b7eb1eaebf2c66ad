"""What a test can tell the server to answer with: one step is the answer to one request."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tests.server.received import Request


@dataclass(frozen=True)
class Usage:
    """Tokens as the server reports them; cached is a part of input, reasoning of output."""

    input: int = 10
    output: int = 5
    cached: int = 0
    reasoning: int = 0

    @property
    def total(self) -> int:
        return self.input + self.output


@dataclass(frozen=True)
class ToolCall:
    """A function that the model wants called; `arguments` given as text are sent as they are."""

    name: str
    arguments: Mapping[str, Any] | str = "{}"
    call_id: str | None = None

    @property
    def json(self) -> str:
        if isinstance(self.arguments, str):
            return self.arguments
        return json.dumps(self.arguments, ensure_ascii=False)


@dataclass(frozen=True)
class Answer:
    """A whole answer. Streamed, it comes word by word, or as the pieces that it was given in.

    `size` cuts into that many characters instead. `pause` is slept between two pieces (seconds).
    The answer starts only once `gate`, if there is one, is set. `usage=None` reports no tokens,
    as some servers do. `finish` other than "stop" says that the answer was not completed.
    """

    text: str | Sequence[str] = ""
    calls: Sequence[ToolCall] = ()
    reasoning: str = ""
    refusal: str = ""
    usage: Usage | None = Usage()
    size: int | None = None
    pause: float = 0.0
    gate: threading.Event | None = None
    finish: Literal["stop", "length", "content_filter"] = "stop"

    @property
    def full_text(self) -> str:
        return self.text if isinstance(self.text, str) else "".join(self.text)

    def text_pieces(self) -> list[str]:
        return self.pieces(self.text) if isinstance(self.text, str) else list(self.text)

    def pieces(self, text: str) -> list[str]:
        """Cuts a text so that the pieces joined give exactly that text again."""
        if self.size is None:
            return re.findall(r"\S+\s*|\s+", text)
        return [text[at : at + self.size] for at in range(0, len(text), self.size)]


@dataclass(frozen=True)
class Raw:
    """Any HTTP answer; `{key}` and `{model}` in it become what the request was sent with."""

    status: int
    body: str
    headers: Mapping[str, str]

    def filled_in(self, request: Request) -> str:
        return self.body.replace("{key}", request.key).replace("{model}", request.model)


@dataclass(frozen=True)
class Broken:
    """An answer whose transport breaks after some text: see the methods of `Fault`."""

    how: Literal["cut", "reset", "end", "stall", "malformed"]
    after: str = ""


@dataclass(frozen=True)
class Failed:
    """An answer in which the server itself says, after some text, that it failed."""

    how: Literal["failed", "error"]
    code: str
    message: str
    after: str = ""


Reply = Answer | Raw | Broken | Failed
Step = Reply | ToolCall | Callable[[Request], "Reply | ToolCall"]

_ERRORS: dict[int, tuple[str, str | None, str]] = {
    400: ("invalid_request_error", None, "This request is not valid."),
    401: ("invalid_request_error", "invalid_api_key", "Incorrect API key provided: {key}."),
    403: ("invalid_request_error", "unsupported_country", "This country is not supported."),
    404: ("invalid_request_error", "model_not_found", "The model `{model}` does not exist."),
    429: ("requests", "rate_limit_exceeded", "Rate limit reached for {model}."),
    500: ("server_error", None, "The server had an error while processing your request."),
    503: ("server_error", None, "The engine is currently overloaded."),
}


class Fault:
    """Everything that goes wrong with real servers, as steps."""

    @staticmethod
    def status(
        status: int,
        *,
        code: str | None = None,
        message: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Raw:
        """An HTTP error in OpenAI's form. A 401 repeats the key whole, as careless servers do."""
        kind, usual_code, usual_message = _ERRORS.get(status, ("server_error", None, "It failed."))
        error = {
            "message": message or usual_message,
            "type": kind,
            "param": None,
            "code": code or usual_code,
        }
        return Raw(
            status,
            json.dumps({"error": error}),
            {"content-type": "application/json", **(headers or {})},
        )

    @staticmethod
    def json(status: int, body: object) -> Raw:
        """Any JSON, which may be an answer in a server's own form."""
        return Raw(status, json.dumps(body), {"content-type": "application/json"})

    @staticmethod
    def rate_limited(retry_after: float | None = None, *, times: int = 1) -> list[Raw]:
        """429 for that many requests, with a Retry-After header (seconds) if one is given."""
        headers = {} if retry_after is None else {"retry-after": str(retry_after)}
        return [Fault.status(429, headers=headers)] * times

    @staticmethod
    def page(status: int = 502, html: str = "<html><h1>Bad Gateway</h1></html>") -> Raw:
        """A web page where JSON belongs, as proxies and login portals send."""
        return Raw(status, html, {"content-type": "text/html"})

    @staticmethod
    def cut_after(text: str) -> Broken:
        """The connection is closed in the middle of the body."""
        return Broken("cut", text)

    @staticmethod
    def reset_after(text: str) -> Broken:
        """The connection is reset (RST) in the middle of the body."""
        return Broken("reset", text)

    @staticmethod
    def end_after(text: str) -> Broken:
        """The stream ends as HTTP streams properly end, but without the API's last event."""
        return Broken("end", text)

    @staticmethod
    def stall(after: str = "") -> Broken:
        """Nothing more comes, until the server is closed. Without `after`, not even a status."""
        return Broken("stall", after)

    @staticmethod
    def malformed_json(after: str = "") -> Broken:
        """What comes (next) is half a JSON object."""
        return Broken("malformed", after)

    @staticmethod
    def failed(
        code: str = "server_error", message: str = "The model broke.", *, after: str = ""
    ) -> Failed:
        """`response.failed`; in chat completions, an error object in place of a chunk."""
        return Failed("failed", code, message, after)

    @staticmethod
    def error_event(
        code: str = "server_error", message: str = "The stream broke.", *, after: str = ""
    ) -> Failed:
        """The Responses API's `error` event; in chat completions the same as `failed`."""
        return Failed("error", code, message, after)

    @staticmethod
    def truncated(after: str = "") -> Answer:
        """The model ran out of output tokens."""
        return Answer(after, finish="length")

    @staticmethod
    def content_filter(after: str = "") -> Answer:
        """The provider's content filter stopped the answer."""
        return Answer(after, finish="content_filter")
