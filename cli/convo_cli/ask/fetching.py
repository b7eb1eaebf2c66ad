"""Fetches attachments by URL: a GET without keys or cookies, limited in size, time and redirects.

Slow to import.
"""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple
from urllib.parse import unquote

import httpx2

from convo import __version__
from convo_cli.exits import UsageError
from convo_cli.reading import LARGEST
from convo_cli.wire.places import mounts_of

TOTAL = 60.0
"""The longest that a whole fetch may take, in seconds."""

SILENCE = 15.0
"""The longest that a server may be silent, in seconds."""

_MOST_REDIRECTS = 5
_SCHEMES = ("http", "https")
_HEADERS = {"User-Agent": f"convo/{__version__}", "Accept": "*/*", "Accept-Encoding": "identity"}
_ONLY_WEB = "files, http:// and https:// can be attached"


class Fetched(NamedTuple):
    """The contents of a URL, its name, and what it is `called` in errors."""

    name: str
    data: bytes
    called: str


async def fetched(typed: str) -> Fetched:
    """Fetch a URL, and stop once it is too large to be attached. Raises `UsageError`.

    Text is decoded as the server declares it. Redirects to other schemes are refused, and so are
    redirects from the web into this machine or its network, which may serve private data.
    """
    url = _parsed(typed)
    called = f"'{_shown(url)}'"
    try:
        async with asyncio.timeout(TOTAL), _answer(url, called) as response:
            data = await _body(response, called)
    except TimeoutError:
        raise UsageError(f"the attachment {called} took more than {TOTAL:.0f} seconds") from None
    except httpx2.TimeoutException:
        raise UsageError(f"the attachment {called}: {url.host} says nothing") from None
    except httpx2.InvalidURL as error:
        raise UsageError(f"the attachment {called} is not a web address: {error}") from None
    except httpx2.HTTPError as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise UsageError(f"the attachment {called} cannot be fetched: {said}") from error
    encoding = response.charset_encoding
    if encoding is not None and response.headers.get("content-type", "").startswith("text/"):
        data = _in_utf8(data, encoding)
    return Fetched(_name(url), data, called)


def _parsed(typed: str) -> httpx2.URL:
    try:
        url = httpx2.URL(typed.strip())
    except httpx2.InvalidURL as error:
        raise UsageError(f"what is to be attached is not a web address: {error}") from None
    if url.scheme not in _SCHEMES or not url.host:
        # The rest of the URL is not shown because it may contain a password.
        raise UsageError(f"what is at a {url.scheme}:// address is not attached", hint=_ONLY_WEB)
    return url


@asynccontextmanager
async def _answer(url: httpx2.URL, called: str) -> AsyncIterator[httpx2.Response]:
    """The response at the end of the redirects."""
    first = url
    for _ in range(_MOST_REDIRECTS + 1):
        if url.scheme not in _SCHEMES:
            raise UsageError(f"the attachment {called} leads to a {url.scheme} address")
        if url.host != first.host and not await _is_near(first.host) and await _is_near(url.host):
            raise UsageError(f"the attachment {called} leads into this machine's network")
        # A new client for each request, so that no cookie or header is carried over.
        client = httpx2.AsyncClient(
            headers=_HEADERS, timeout=SILENCE, follow_redirects=False, mounts=mounts_of(url.host)
        )
        async with client, client.stream("GET", url) as response:
            location = response.headers.get("location")
            if not response.has_redirect_location or location is None:
                yield response
                return
            url = url.join(location)
    raise UsageError(f"the attachment {called} redirects too often: {_MOST_REDIRECTS} redirects")


async def _body(response: httpx2.Response, called: str) -> bytes:
    if response.status_code != httpx2.codes.OK:
        said = f"{response.status_code} {response.reason_phrase}".strip()
        raise UsageError(f"the attachment {called} cannot be fetched: the server answers {said}")
    data = bytearray()
    async for piece in response.aiter_bytes():
        data += piece
        if len(data) > LARGEST:
            break
    return bytes(data)


async def _is_near(host: str) -> bool:
    """Whether a host is this machine, or is reachable only in its network."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        # A proxy may be able to resolve it.
        return host == "localhost" or host.endswith(".localhost")
    return any(
        not ipaddress.ip_address(str(where[0]).partition("%")[0]).is_global for *_, where in found
    )


def _in_utf8(data: bytes, encoding: str) -> bytes:
    """The text as UTF-8; unchanged if it is not in the declared encoding."""
    try:
        return data.decode(encoding).encode()
    except (LookupError, UnicodeError):
        return data


def _name(url: httpx2.URL) -> str:
    """The name of the attachment: the last part of the path, or the host."""
    last = unquote(url.path).rstrip("/").rpartition("/")[2]
    return "".join(c for c in last if c.isprintable() and c not in '"<>') or url.host


def _shown(url: httpx2.URL) -> str:
    """The URL without credentials: no user, password or query."""
    return str(url.copy_with(userinfo=b"", query=None, fragment=None))
