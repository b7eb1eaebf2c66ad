"""What is attached by its URL."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from convo_cli.ask import fetching
from convo_cli.ask.attachments import Attachment, attached
from convo_cli.exits import UsageError
from convo_cli.reading import LARGEST
from tests.cli.chat.at_terminal import ChatAtTerminal
from tests.program import Program
from tests.server import OpenAIServer

PNG = b"\x89PNG\r\n\x1a\n" + bytes(4)
MAX_REDIRECTS = 5


class Site(BaseHTTPRequestHandler):
    """A few pages, and what was asked for them."""

    asked: ClassVar[list[dict[str, str]]] = []

    def do_GET(self) -> None:
        self.asked.append({key.lower(): value for key, value in self.headers.items()})
        name, _, rest = self.path.lstrip("/").partition("/")
        getattr(self, name.partition("?")[0].partition(".")[0] or "home")(rest)

    def home(self, _: str) -> None:
        self._send(b"<h1>Home</h1>", "text/html; charset=utf-8")

    def image(self, _: str) -> None:
        self._send(PNG, "text/plain")

    def latin(self, _: str) -> None:
        self._send("Grüße".encode("latin-1"), "text/plain; charset=iso-8859-1")

    def archive(self, _: str) -> None:
        self._send(b"PK\x03\x04\0", "application/zip")

    def empty(self, _: str) -> None:
        self._send(b"", "text/plain")

    def hop(self, left: str) -> None:
        there = f"/hop/{int(left) - 1}" if int(left) else "/image.png"
        self._redirect(there)

    def to(self, there: str) -> None:
        self._redirect(there)

    def gone(self, _: str) -> None:
        self.send_error(404, "No \x1b[31msuch page")

    def endless(self, _: str) -> None:
        self.send_response(200)
        self.end_headers()
        # Until the client has had enough, and closes the connection.
        with suppress(OSError):
            while True:
                self.wfile.write(bytes(65536))

    def slow(self, _: str) -> None:
        self.send_response(200)
        self.end_headers()
        # Until the client has had enough, and closes the connection.
        with suppress(OSError):
            for _i in range(600):
                self.wfile.write(b"x")
                time.sleep(0.05)

    def log_message(self, *_: object) -> None:
        pass

    def _send(self, data: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Set-Cookie", "a=b")
        self.end_headers()
        self.wfile.write(data)

    def _redirect(self, there: str) -> None:
        self.send_response(302)
        self.send_header("Location", there)
        self.send_header("Set-Cookie", "a=b")
        self.end_headers()


@contextmanager
def serving() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def site() -> Iterator[str]:
    Site.asked.clear()
    with serving() as url:
        yield url


@pytest.mark.parametrize(
    ("path", "attachment"),
    [
        ("/image.png", Attachment("image.png", "image/png", PNG)),
        ("/image.png?size=1#top", Attachment("image.png", "image/png", PNG)),
        ("/latin.txt", Attachment("latin.txt", None, "Grüße".encode())),
        ("/", Attachment("127.0.0.1", None, b"<h1>Home</h1>")),
        (f"/hop/{MAX_REDIRECTS - 1}", Attachment(f"{MAX_REDIRECTS - 1}", "image/png", PNG)),
        ("/image/a%22%0a%3Cb.png", Attachment("ab.png", "image/png", PNG)),
    ],
)
async def test_the_contents_say_what_it_is(site: str, path: str, attachment: Attachment) -> None:
    assert await attached(site + path) == attachment


async def test_what_is_sent(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    await attached(f"{site}/hop/1")
    for sent in Site.asked:
        assert sent.pop("user-agent").startswith("convo/")
        assert sent.keys() == {"host", "accept", "accept-encoding", "connection"}
    assert len(Site.asked) == 3


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/gone", "cannot be fetched: the server answers 404 No"),
        ("/archive.zip", "is neither text nor a known kind"),
        ("/empty", "is empty"),
        ("/endless", f"has more than {LARGEST // 1_000_000} MB"),
        (f"/hop/{MAX_REDIRECTS}", "redirects too often: 5 redirects"),
        ("/to/file:///etc/passwd", "leads to a file address"),
        ("/to/http://a:b", "is not a web address"),
    ],
)
async def test_what_is_not_attached(site: str, path: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        await attached(site + path)
    assert str(caught.value).startswith(f"the attachment '{site}{path}'")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("file:///etc/passwd", "what is at a file:// address is not attached"),
        ("ftp://me:secret@a/b", "what is at a ftp:// address is not attached"),
        ("http://", "what is at a http:// address is not attached"),
        ("http://a:b", "what is to be attached is not a web address"),
        (
            "http://127.0.0.1:1/?key=secret",
            "the attachment 'http://127.0.0.1:1/' cannot be fetched",
        ),
    ],
)
async def test_what_cannot_be_fetched(url: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        await attached(url)
    assert str(caught.value).startswith(said)
    assert "secret" not in str(caught.value)


async def test_a_page_from_elsewhere_leads_to_nothing_near(
    site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    near = fetching._is_near

    async def is_near(host: str) -> bool:
        return host != "127.0.0.1" and await near(host)

    # As if the site were far away: of this machine it then knows a name alone.
    monkeypatch.setattr(fetching, "_is_near", is_near)
    there = site.replace("127.0.0.1", "localhost")
    with pytest.raises(UsageError, match="leads into this machine's network"):
        await attached(f"{site}/to/{there}/image.png")
    assert len(Site.asked) == 1


@pytest.mark.parametrize(
    ("host", "near"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("10.1.2.3", True),
        ("169.254.169.254", True),
        ("localhost", True),
        ("8.8.8.8", False),
        ("no.such.host.invalid", False),
    ],
)
async def test_which_hosts_are_near(host: str, near: bool) -> None:
    assert await fetching._is_near(host) is near


async def test_what_takes_too_long(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "TOTAL", 0.3)
    with pytest.raises(UsageError, match="took more than"):
        await attached(f"{site}/slow")


def test_files_and_urls_go_with_a_prompt(
    convo: Program, openai_server: OpenAIServer, site: str
) -> None:
    convo.env.update(openai_server.environ | {"CONVO_MODEL": "test-model"})
    (convo.home / "n.txt").write_text("two\n")
    files = ("--attach", f"{site}/image.png", "--attach", "n.txt", "--attach", "-")
    assert convo("chat", "Look", *files, stdin="three", cwd=convo.home).code == 0
    parts: list[dict[str, Any]] = openai_server.requests[0].items[-1]["content"]
    assert [part["type"] for part in parts] == ["text", "image_url", "text", "text"]
    assert (
        convo("chat", "Hi", "--attach", f"{site}/gone").error(2).endswith("No \\x1b[31msuch page")
    )


def test_a_url_in_the_chat(convo: Program, openai_server: OpenAIServer, site: str) -> None:
    env: dict[str, str | None] = {**openai_server.environ, "CONVO_MODEL": "test-model"}
    with ChatAtTerminal(convo, "-s", "talk", env=env) as chat:
        chat.ready("talk:main 1>")
        said = chat.say(f"/attach {site}/image.png", "talk:main 1 +1>")
        assert said == ["attached: image.png"]
        chat.say("Look", "talk:main 2>")
        assert "data:image/png" in str(openai_server.requests[0].data)
