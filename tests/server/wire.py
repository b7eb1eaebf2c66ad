"""What the two wire formats have in common."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from tests.server.steps import Answer, Failed

JsonObject = dict[str, Any]


@dataclass(frozen=True)
class Frame:
    """One server-sent event. A delta is one that carries a piece of what the model says."""

    data: str
    event: str | None = None
    is_delta: bool = False

    def encoded(self) -> bytes:
        name = f"event: {self.event}\n" if self.event else ""
        return f"{name}data: {self.data}\n\n".encode()


class Wire(Protocol):
    """One API's format, for the answer to one request."""

    def body(self, answer: Answer) -> JsonObject:
        """The answer as one JSON object."""

    def frames(self, answer: Answer) -> Iterator[Frame]:
        """The answer as a stream, complete with its last event."""

    def failed_frames(self, failed: Failed) -> Iterator[Frame]:
        """What follows the text when the server reports a failure in the stream."""

    def failed_body(self, failed: Failed) -> tuple[int, JsonObject]:
        """HTTP status and body of such a failure without streaming."""


def new_id(prefix: str) -> str:
    return f"{prefix}_{uuid.uuid4().hex}"


def call_ids(answer: Answer) -> list[str]:
    return [new_id("call") if call.call_id is None else call.call_id for call in answer.calls]


def dumps(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def until_last_delta(frames: Iterable[Frame]) -> list[Frame]:
    """The beginning of a stream that breaks off once all its text, but nothing after it, is out."""
    beginning = list(frames)
    deltas = [at for at, frame in enumerate(beginning, 1) if frame.is_delta]
    return beginning[: deltas[-1] if deltas else 1]
