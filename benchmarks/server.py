"""The server on loopback that chats ask: the one of the tests, which answers at once or later."""

from __future__ import annotations

import json
import time
from http.client import HTTPConnection
from typing import Self
from urllib.parse import urlsplit

from tests.server import Answer, OpenAIServer
from tests.server.received import Request
from tests.server.server import numbered_answer

_MODEL = "test-model"


class Server:
    """An OpenAI-compatible server, in threads of this process.

    It begins to answer after so many seconds.
    """

    def __init__(self, after: float = 0.0) -> None:
        def answer(request: Request) -> Answer:
            time.sleep(after)
            return numbered_answer(request)

        self._server = OpenAIServer(default=answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    @property
    def environ(self) -> dict[str, str]:
        """What a command needs in its environment to ask it."""
        return {**self._server.environ, "CONVO_MODEL": _MODEL}

    def own_time(self) -> float:
        """Seconds from a question to the first byte of its answer."""
        asked = {
            "model": _MODEL,
            "messages": [{"role": "user", "content": "hi"}],
            "stream": True,
        }
        url = urlsplit(self._server.base_url)
        connection = HTTPConnection(url.netloc)
        headers = {"Authorization": "Bearer sk-test", "Content-Type": "application/json"}
        begun = time.perf_counter()
        connection.request("POST", f"{url.path}/chat/completions", json.dumps(asked), headers)
        response = connection.getresponse()
        response.read(1)
        took = time.perf_counter() - begun
        connection.close()
        assert response.status == 200, response.status
        return took
