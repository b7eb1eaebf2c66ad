"""The connection to one client: sends bodies and streams, waits, and breaks off in every way."""

from __future__ import annotations

import select
import socket
import struct
import threading
import time
import uuid
from collections.abc import Mapping
from http.client import responses
from io import BufferedIOBase

# How soon a waiting channel notices that its connection is gone.
_TICK_S = 0.02


class Channel:
    """Writes one HTTP answer. Every wait ends early when the client leaves."""

    def __init__(self, connection: socket.socket, out: BufferedIOBase) -> None:
        self._connection = connection
        self._out = out
        self.must_close = False

    def send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self._head(status, {**headers, "content-length": str(len(body))})
        self._out.write(body)

    def send_half(self, body: bytes) -> None:
        """Announces the whole body and sends the first half of it."""
        self._head(200, {"content-type": "application/json", "content-length": str(len(body))})
        self._out.write(body[: len(body) // 2])

    def start_stream(self) -> None:
        self._head(
            200,
            {"content-type": "text/event-stream; charset=utf-8", "transfer-encoding": "chunked"},
        )

    def write(self, data: bytes) -> None:
        self._out.write(b"%x\r\n%b\r\n" % (len(data), data))

    def end_stream(self) -> None:
        self._out.write(b"0\r\n\r\n")

    def cut(self) -> None:
        """Has the connection closed once the handler returns."""
        self.must_close = True

    def reset(self) -> None:
        """Has the connection closed with a reset: the kernel sends one for a zero linger time."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.must_close = True

    def wait(self, seconds: float | None = None, until: threading.Event | None = None) -> None:
        """Waits so long, or until the event is set, or for ever.

        Raises:
            ConnectionResetError: the client left, or the server is being closed.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        while until is None or not until.is_set():
            left = _TICK_S if deadline is None else deadline - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, _TICK_S))
            self._check_connection()

    def _check_connection(self) -> None:
        # select() cannot watch descriptors above 1023, which a large test run reaches.
        poll = select.poll()
        poll.register(self._connection, select.POLLIN)
        if poll.poll(0) and not self._connection.recv(1, socket.MSG_PEEK):
            raise ConnectionResetError("the connection went away during the answer")

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        lines = [f"HTTP/1.1 {status} {responses.get(status, 'Other')}"]
        every = {"server": "tests", "x-request-id": f"req_{uuid.uuid4().hex}", **headers}
        lines += [f"{name}: {value}" for name, value in every.items()]
        self._out.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
