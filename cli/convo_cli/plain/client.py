"""An HTTP client for plain questions: sends requests, retries them, and reads the answers."""

import asyncio
import json
import os
import random
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from convo import __version__
from convo_cli.plain.errors import RefusedError
from convo_cli.plain.http import AnswerClient
from convo_cli.plain.target import ACCOUNT, Target
from convo_cli.wire.refusals import Refusals
from convo_cli.wire.requests import Body
from convo_cli.wire.retrying import RETRIES, delay, is_worth_it
from convo_cli.wire.sse import EventReader

_NOT_FOUND = 404

_BROKEN = (httpx2.RequestError, ssl.SSLError)
"""Errors of a connection that could not be made, or that broke."""


class PlainClient:
    """One server, over connections that stay open until it is closed."""

    def __init__(self, target: Target, http: AnswerClient, refusals: Refusals) -> None:
        self._url = target.url.rstrip("/")
        self._headers = _headers(target)
        self._http = http
        self._refusals = refusals

    @property
    def has_estimated(self) -> bool:
        """Whether the tokens of an answer were estimated, because the server reported none."""
        return self._http.has_estimated

    def forget_estimate(self) -> None:
        """Begin another turn, whose tokens have not been estimated."""
        self._http.has_estimated = False

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    @asynccontextmanager
    async def accepted(
        self, path: str, make: Callable[[], Body], extra: Mapping[str, Any]
    ) -> AsyncIterator[tuple[httpx2.Response, Body]]:
        """The response to a request, and the body that the server accepted.

        If the server refuses a field, `make` makes the body again without it, once for each field.
        `extra` is added unchanged. Raises RefusedError, and errors of httpx2.
        """
        while True:
            body = make()
            try:
                response = await self._sent("POST", path, {**body, **extra})
            except RefusedError as error:
                if not self._refusals.learn(error.status_code, error.said, body):
                    raise
                continue
            try:
                yield response, body
            finally:
                await response.aclose()
            return

    async def models(self) -> list[str] | None:
        """The names of the server's models; None if it does not list them."""
        try:
            response = await self._sent("GET", "/models", None)
        except RefusedError as error:
            if error.status_code == _NOT_FOUND:
                return None
            raise
        try:
            page = await body_of(response)
        finally:
            await response.aclose()
        models = page.get("data") if isinstance(page, Mapping) else None
        return [str(one["id"]) for one in models or () if isinstance(one, Mapping) and "id" in one]

    async def _sent(self, method: str, path: str, body: Body | None) -> httpx2.Response:
        """The response with its body unread; the request is repeated if that may help."""
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        streams = body is not None and bool(body.get("stream"))
        for retries in range(RETRIES + 1):
            is_last = retries == RETRIES
            request = self._http.build_request(
                method, self._url + path, headers=self._headers, content=content
            )
            try:
                response = await self._http.send(request, stream=streams)
            except _BROKEN:
                if is_last:
                    raise
                await asyncio.sleep(delay(retries, {}, random.random()))
                continue
            if response.is_success:
                return response
            await response.aread()
            await response.aclose()
            if is_last or not is_worth_it(response.status_code, response.headers):
                raise RefusedError(response, _said(response))
            await asyncio.sleep(delay(retries, response.headers, random.random()))
        raise AssertionError("the last try either ends well or raises")


async def events_of(response: httpx2.Response) -> AsyncGenerator[str, None]:
    """The data of the events of a streamed answer."""
    reader = EventReader()
    async for piece in response.aiter_bytes():
        for sent in reader.read(piece):
            yield sent.data
    for sent in reader.rest():
        yield sent.data


async def body_of(response: httpx2.Response) -> Any:
    """The body of a response: parsed if it is declared as JSON, otherwise text."""
    content = await response.aread()
    kind = response.headers.get("content-type", "*").partition(";")[0]
    if kind.endswith("json"):
        return json.loads(content)
    try:
        return json.loads(content)
    except ValueError:
        return response.text


def _said(response: httpx2.Response) -> Any:
    """The contents of an error response: its `error` object, or the whole body, or its text."""
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return response.text.strip()
    return body.get("error", body) if isinstance(body, dict) else body


def _headers(target: Target) -> dict[str, str]:
    named = {name: os.environ.get(variable) for name, variable in ACCOUNT.items()}
    return {
        "Accept": "application/json",
        "Authorization": f"Bearer {target.key}",
        "Content-Type": "application/json",
        "User-Agent": f"convo/{__version__}",
        **{name: value for name, value in named.items() if value is not None},
    }
