"""Accepts connections on loopback, each in a thread of its own, and ends them all on closing."""

from __future__ import annotations

import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import cast


class Listener(socketserver.ThreadingMixIn, HTTPServer):
    """Threads that neither keep the process alive nor outlive `close_connections`."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, handler: Callable[..., BaseHTTPRequestHandler]) -> None:
        self.errors: list[Exception] = []
        self.accepted = 0
        self._open: dict[socket.socket, threading.Thread] = {}
        super().__init__(("127.0.0.1", 0), handler)

    def server_bind(self) -> None:
        # HTTPServer would look up its own host name, which takes seconds on some machines.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def process_request(self, request: object, client_address: object) -> None:
        connection = cast("socket.socket", request)
        thread = threading.Thread(
            target=self.process_request_thread, args=(connection, client_address), daemon=True
        )
        self._open[connection] = thread
        self.accepted += 1
        thread.start()

    def shutdown_request(self, request: object) -> None:
        connection = cast("socket.socket", request)
        super().shutdown_request(connection)
        self._open.pop(connection, None)

    def handle_error(self, request: object, client_address: object) -> None:
        """Keeps an error in the server's own code for `OpenAIServer.__exit__` to raise."""
        error = sys.exception()
        if isinstance(error, Exception) and not isinstance(error, ConnectionError):
            self.errors.append(error)

    def close_connections(self, timeout: float = 0.5) -> None:
        """Wakes the threads that wait for a next request, and sees all of them end."""
        deadline = time.monotonic() + timeout
        for connection, thread in list(self._open.items()):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                # The client, or the handler, has closed this connection in the meantime.
                self._open.pop(connection, None)
            thread.join(max(0.0, deadline - time.monotonic()))
