"""Reads HTTP requests off one connection and has each answered."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from tests.server.channel import Channel
from tests.server.play import play, send_json
from tests.server.received import Request
from tests.server.steps import Fault, Reply
from tests.server.wire_chat import ChatWire
from tests.server.wire_responses import ResponsesWire

if TYPE_CHECKING:
    from tests.server.server import OpenAIServer

_WIRES: dict[str, type[ResponsesWire] | type[ChatWire]] = {
    "/v1/responses": ResponsesWire,
    "/v1/chat/completions": ChatWire,
}


class Handler(BaseHTTPRequestHandler):
    """One connection; kept alive between requests as the real API does."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, openai: OpenAIServer, *connection: Any) -> None:
        # Set before the base class's constructor, which serves the whole connection.
        self._openai = openai
        super().__init__(*connection)

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: the tests look at what was received instead."""

    def _serve(self, method: str) -> None:
        channel = Channel(self.connection, self.wfile)
        request = self._read(method)
        self._openai.received(request)
        try:
            self._answer(request, channel)
        except ConnectionError:
            channel.cut()
            self._openai.hung_up(request)
        if channel.must_close:
            self._close()

    def _answer(self, request: Request, channel: Channel) -> None:
        wire = _WIRES.get(request.path) if request.method == "POST" else None
        if wire is not None:
            reply = self._reply(request)
            play(reply, request, wire(request, self._openai.memory), channel)
        elif (request.method, request.path) == ("GET", "/v1/models"):
            send_json(200, self._openai.models_body(), channel)
        else:
            message = f"Invalid URL ({request.method} {request.path})"
            error = {"message": message, "type": "invalid_request_error", "code": None}
            send_json(404, {"error": error}, channel)

    def _reply(self, request: Request) -> Reply:
        """The next step, unless the real API would not even have looked at this request."""
        if request.body is None:
            return Fault.status(400, message="We could not parse the JSON body of your request.")
        if not request.model or not request.items:
            return Fault.status(400, message="A model and its input are required.")
        return self._openai.refusal(request) or self._openai.next_reply(request)

    def _read(self, method: str) -> Request:
        sent = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(method, self.path.partition("?")[0], headers, _decoded(sent), sent)

    def _close(self) -> None:
        # Closing the socket here, and not after the shutdown that socketserver does first,
        # is what lets a reset reach the client as one.
        self.close_connection = True
        self.rfile.close()
        self.connection.close()


def _decoded(sent: bytes) -> dict[str, Any] | None:
    try:
        body = json.loads(sent)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
