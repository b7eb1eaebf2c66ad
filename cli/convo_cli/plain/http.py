"""An HTTP client that returns the answers of all servers in the form that OpenAI uses.

Servers differ in their answers. `convo_cli.wire` normalises them as bytes, before any library
parses them. So both APIs, streamed or not, and both hosts, with and without the Agents SDK, share
this code.
"""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx2

from convo.trials.gates import GATES
from convo.trials.limits import TRIES, wait_of
from convo_cli.plain.redirects import stay_at_server
from convo_cli.plain.target import Target
from convo_cli.turn.redact import without_credentials
from convo_cli.wire.answers import AnswerStream, Api, mended_body, said_by
from convo_cli.wire.places import in_v1, is_loopback, server_of

_APIS: tuple[tuple[str, Api], ...] = (("/chat/completions", "chat"), ("/responses", "responses"))
_NOT_FOUND = 404
_TOO_MANY = 429
_OF_THE_BODY = (b"content-length", b"content-encoding", b"transfer-encoding")


_LIMITS = httpx2.Limits(max_connections=1000, max_keepalive_connections=100)


class AnswerClient(httpx2.AsyncClient):
    """Normalises the answers of models; all other responses pass unchanged.

    `has_estimated` says whether the tokens of an answer were estimated.
    """

    has_estimated = False

    def __init__(self, *, say: Callable[[str], None], **how: Any) -> None:
        super().__init__(**how)
        self._say = say
        self._is_in_v1 = False

    async def send(self, request: httpx2.Request, **how: Any) -> httpx2.Response:
        """Send a request, and return its response normalised.

        If the address does not exist, but one below `/v1` does, the request is sent there.
        """
        below = _below_v1(request)
        if below is None or self._is_in_v1:
            return await self._let_through(below or request, **how)
        response = await self._let_through(request, **dict(how))
        if response.status_code != _NOT_FOUND:
            return response
        again = await self._let_through(below, **how)
        if again.status_code == _NOT_FOUND:
            await again.aclose()
            return response
        await response.aclose()
        self._is_in_v1 = True
        place = below.url.copy_with(path=below.url.path.partition("/v1")[0] + "/v1", query=None)
        self._say(f"the server has its API at {without_credentials(str(place))}, which is asked")
        return again

    async def _let_through(self, request: httpx2.Request, **how: Any) -> httpx2.Response:
        """Send a request; of several at the same time all wait if the server limits the rate."""
        api = next((api for path, api in _APIS if request.url.path.endswith(path)), None)
        asked = None if api is None else _asked(request)
        gates = GATES.get()
        if gates is None:
            return await self._sent(request, api, asked, **how)
        place = server_of(str(request.url)), str((asked or {}).get("model", ""))
        for tries in range(TRIES):
            await gates.wait(*place)
            response = await self._sent(request, api, asked, **dict(how))
            wait = _wanted_wait(response, tries)
            if wait is None or tries == TRIES - 1:
                return response
            await response.aclose()
            gates.close(*place, wait, tries=tries)
        raise AssertionError("the last try returns a response")

    async def _sent(
        self, request: httpx2.Request, api: Api | None, asked: dict[str, Any] | None, **how: Any
    ) -> httpx2.Response:
        if api is None or asked is None:
            return await super().send(request, **how)
        streams = how.pop("stream", False)
        response = await super().send(request, stream=True, **how)
        if not response.is_success or not streams:
            return await self._whole(response, asked, api)
        body = _Mended(self, response, AnswerStream(asked, api))
        return _answer(response, stream=body)

    async def _whole(self, response: httpx2.Response, asked: Any, api: Api) -> httpx2.Response:
        try:
            body = await response.aread()
        finally:
            await response.aclose()
        if not response.is_success:
            return _answer(response, content=said_by(body))
        mended, is_estimated = mended_body(body, asked, api)
        self.has_estimated = self.has_estimated or is_estimated
        answer = _answer(response, content=mended)
        if mended is not body:
            answer.headers["content-type"] = "application/json"
        return answer


class _Mended(httpx2.AsyncByteStream):
    """The body of a streamed answer, normalised as it arrives."""

    def __init__(
        self, client: AnswerClient, response: httpx2.Response, answer: AnswerStream
    ) -> None:
        self._client = client
        self._response = response
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._response.aiter_bytes():
                for mended in self._answer.read(piece):
                    yield self._noted(mended)
        except httpx2.TransportError:
            # All that can be missing is the usage, which is estimated then.
            if not self._answer.is_complete:
                raise
        for mended in self._answer.end():
            yield self._noted(mended)

    def _noted(self, mended: bytes) -> bytes:
        # Set before the last event, because the reader may stop there.
        self._client.has_estimated = self._client.has_estimated or self._answer.is_estimated
        return mended

    async def aclose(self) -> None:
        """Release the connection."""
        await self._response.aclose()


def _wanted_wait(response: httpx2.Response, tries: int) -> float | None:
    """How long to wait before a request is sent again; None if it was not limited in its rate."""
    if response.status_code != _TOO_MANY or response.headers.get("x-should-retry") == "false":
        return None
    # Money that is used up does not come back after a while.
    used_up = response.is_stream_consumed and b"insufficient_quota" in response.content
    return None if used_up else wait_of(response.headers, tries)


def _below_v1(request: httpx2.Request) -> httpx2.Request | None:
    """The same request below `/v1`; None if it goes there already."""
    path = in_v1(request.url.path)
    if path is None:
        return None
    return httpx2.Request(
        request.method,
        request.url.copy_with(path=path),
        headers=request.headers,
        content=request.content,
        extensions=request.extensions,
    )


def _asked(request: httpx2.Request) -> dict[str, Any] | None:
    try:
        asked = json.loads(request.content)
    except ValueError:
        return None
    return asked if isinstance(asked, dict) else None


def _answer(response: httpx2.Response, **body: Any) -> httpx2.Response:
    """The response with another body, without the headers of its compression and length."""
    # As bytes: servers may send characters in them that a library would not send.
    headers = [
        (name, value) for name, value in response.headers.raw if name.lower() not in _OF_THE_BODY
    ]
    return httpx2.Response(
        response.status_code,
        headers=headers,
        request=response.request,
        extensions=response.extensions,
        history=response.history,
        **body,
    )


def answer_client(target: Target, say: Callable[[str], None]) -> AnswerClient:
    """A client for a server; `say` is told if its API is below `/v1`.

    Raises ValueError, ImportError and OSError for proxies and certificates that cannot be used.
    """
    host = urlsplit(target.url).hostname or ""
    how: dict[str, Any] = {}
    # A proxy cannot reach this machine.
    is_direct = is_loopback(host) or not getproxies().keys() & {"http", "https", "all"}
    if is_direct and urlsplit(target.url).scheme == "http":
        how["transport"] = httpx2.AsyncHTTPTransport(verify=False, limits=_LIMITS)
        how["mounts"] = {"https://": _LateTls()}
    elif is_loopback(host):
        how["mounts"] = {f"all://{_bracketed(host)}": None}
    return AnswerClient(
        say=say,
        timeout=httpx2.Timeout(target.asked.timeout, connect=target.connect_timeout),
        limits=_LIMITS,
        follow_redirects=True,
        event_hooks={"response": [stay_at_server]},
        **how,
    )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


class _LateTls(httpx2.AsyncBaseTransport):
    """Loads the trusted certificates, which is slow, only when they are needed.

    This is for a server that is asked over http, and redirects to its https.
    """

    _transport: httpx2.AsyncHTTPTransport | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self._transport is None:
            self._transport = httpx2.AsyncHTTPTransport(limits=_LIMITS)
        return await self._transport.handle_async_request(request)

    async def aclose(self) -> None:
        if self._transport is not None:
            await self._transport.aclose()
