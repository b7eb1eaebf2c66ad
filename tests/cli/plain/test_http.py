"""An answer that has ended is complete, even if its connection breaks then."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from convo_cli.plain.http import AnswerClient

CHUNK = {"choices": [{"index": 0, "delta": {"content": "Hi"}}]}
STOP = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
DELTA = {"type": "response.output_text.delta", "delta": "Hi"}
MESSAGE = {"type": "message", "role": "assistant", "content": "Hi"}
COMPLETED = {"type": "response.completed", "response": {"output": [MESSAGE]}}


class Breaking(httpx2.AsyncByteStream):
    """A body of these events, after which the connection is lost."""

    def __init__(self, *events: Any) -> None:
        self._events = events

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for event in self._events:
            yield f"data: {json.dumps(event)}\n\n".encode()
        raise httpx2.ReadError("lost")


async def read(path: str, *events: Any) -> str:
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, stream=Breaking(*events)))
    async with AnswerClient(say=print, transport=transport) as client:
        asked = client.build_request("POST", f"http://localhost/v1{path}", json={"stream": True})
        response = await client.send(asked, stream=True)
        return (await response.aread()).decode()


@pytest.mark.parametrize(
    ("path", "events"), [("/chat/completions", [CHUNK, STOP]), ("/responses", [DELTA, COMPLETED])]
)
async def test_a_connection_that_breaks(path: str, events: list[Any]) -> None:
    assert "total_tokens" in await read(path, *events)
    with pytest.raises(httpx2.ReadError):
        await read(path, events[0])
