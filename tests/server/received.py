"""What the server was sent, as a record that tests can ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Request:
    """One HTTP request: header names in lower case, the body decoded (None where there is none).

    `sent` is the body as it came, byte for byte.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: dict[str, Any] | None
    sent: bytes = b""

    @property
    def data(self) -> dict[str, Any]:
        return self.body or {}

    @property
    def key(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")

    @property
    def model(self) -> str:
        return str(self.data.get("model", ""))

    @property
    def streamed(self) -> bool:
        return self.data.get("stream") is True

    @property
    def items(self) -> list[dict[str, Any]]:
        """The conversation as it was sent: `input` of a Responses request, `messages` of a chat."""
        sent = self.data.get("messages", self.data.get("input", []))
        return [{"role": "user", "content": sent}] if isinstance(sent, str) else list(sent)

    @property
    def user_texts(self) -> list[str]:
        return [_text(item.get("content")) for item in self.items if item.get("role") == "user"]


def _text(content: object) -> str:
    """The text of a message whose content is a string or a list of parts."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(str(part.get("text", "")) for part in parts if isinstance(part, dict))
