"""A server whose certificate nobody vouches for is not asked, in either way."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from unittest import mock

import pytest

from tests.cli.agent.asking import Asker, Way

PEM = Path(__file__).with_name("nobody.pem")
"""A key, and the certificate that it signed itself for 127.0.0.1; made with `openssl req -x509`."""


class Refusing(BaseHTTPRequestHandler):
    """Whatever is asked, it has seen the question."""

    asked: list[bytes]

    def do_POST(self) -> None:
        self.asked.append(self.rfile.read(int(self.headers["content-length"])))
        self.send_error(500)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def asked() -> Iterator[tuple[str, list[bytes]]]:
    """The address of a server with that certificate, and what it was asked."""
    seen: list[bytes] = []
    server = HTTPServer(("127.0.0.1", 0), type("Handler", (Refusing,), {"asked": seen}))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}/v1", seen
    server.shutdown()
    thread.join()
    server.server_close()


async def test_a_certificate_that_is_not_trusted(way: Way, asked: tuple[str, list[bytes]]) -> None:
    url, seen = asked
    with (
        mock.patch("convo_cli.wire.retrying._FIRST_DELAY", 0.001),
        mock.patch("openai._base_client.INITIAL_RETRY_DELAY", 0.001),
    ):
        error = await Asker(url, way).fail()
    assert str(error) == f"cannot reach {url}: its certificate is not trusted"
    assert seen == []


async def test_one_that_the_environment_trusts(
    way: Way, asked: tuple[str, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, seen = asked
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
    with (
        mock.patch("convo_cli.wire.retrying._FIRST_DELAY", 0.001),
        mock.patch("openai._base_client.INITIAL_RETRY_DELAY", 0.001),
    ):
        error = await Asker(url, way).fail()
    assert "failed (500)" in str(error)
    assert len(seen) == 3
