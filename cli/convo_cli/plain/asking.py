"""Asks the model of a server a plain question."""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractContextManager, aclosing, asynccontextmanager, suppress
from dataclasses import replace

import httpx2

from convo_cli.plain.client import PlainClient, body_of, events_of
from convo_cli.plain.faults import translated
from convo_cli.plain.findings import Findings
from convo_cli.plain.http import answer_client
from convo_cli.plain.target import Target, cannot_be_asked, target_of, which_model
from convo_cli.turn.choice import ModelChoice, check_answerable
from convo_cli.wire.bodies import Asked, Body, chat_body, responses_body
from convo_cli.wire.call_ids import AnswerIds
from convo_cli.wire.conversations import answered, conversation_of, merged, told_apart
from convo_cli.wire.kinds import Item
from convo_cli.wire.legal import legal
from convo_cli.wire.model_defaults import default_settings
from convo_cli.wire.reading import (
    DONE,
    ChatReader,
    Ends,
    Reader,
    ResponseReader,
    Whole,
    read_chat,
    read_response,
)
from convo_cli.wire.requests import chat_request, responses_request, taken_ids
from convo_cli.wire.sendable import sendable
from convo_cli.wire.thinking import Said

_LAST_WORDS = 0.2
"""Seconds that a server has to end the stream after the last event of its answer."""

_PATHS = {"chat": "/chat/completions", "responses": "/responses"}


class KeptClient:
    """A client that stays connected to its server from one turn to the next; has to be closed.

    All turns have to run in one event loop.
    """

    def __init__(self) -> None:
        self._target: Target | None = None
        self._client: PlainClient | None = None

    @asynccontextmanager
    async def connected(self, target: Target, findings: Findings) -> AsyncIterator[PlainClient]:
        """The client of a server; it stays open after the block."""
        if self._client is None or target != self._target:
            await self.close()
            self._target, self._client = target, _client(target, findings)
        self._client.forget_estimate()
        yield self._client

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()


@asynccontextmanager
async def opened_server(
    choice: ModelChoice, findings: Findings, kept: KeptClient | None = None
) -> AsyncIterator["ServerModel"]:
    """The model of a choice at its server. Raises ModelError if it cannot be asked."""
    target = target_of(choice)
    connected = _connected if kept is None else kept.connected
    async with connected(target, findings) as client:
        if target.name is None:
            target = target.named(await _only_model(target, client))
        yield ServerModel(choice, target, client, findings)


async def listed_models(choice: ModelChoice, findings: Findings) -> list[str]:
    """The models of the server that the choice asks, in its order. Raises ModelError."""
    plain = replace(choice, model=None)
    check_answerable(plain, os.environ)
    target = target_of(plain)
    async with _connected(target, findings) as client:
        with translated(target.asked):
            names = await client.models()
    if names is None:
        raise which_model(target.asked, names)
    return names


@asynccontextmanager
async def _connected(target: Target, findings: Findings) -> AsyncIterator[PlainClient]:
    client = _client(target, findings)
    try:
        yield client
    finally:
        await client.close()


def _client(target: Target, findings: Findings) -> PlainClient:
    try:
        http = answer_client(target, findings.say)
    except (ValueError, ImportError, OSError) as error:
        raise cannot_be_asked(target.asked, error) from error
    return PlainClient(target, http, findings.refusals(target.url))


async def _only_model(target: Target, client: PlainClient) -> str:
    with translated(target.asked):
        names = await client.models()
    if names is None or len(names) != 1:
        raise which_model(target.asked, names)
    return names[0]


async def _drained(events: AsyncIterator[str]) -> None:
    """Read a stream to its end: the server may report a lost connection otherwise.

    The answer is complete, so errors are ignored.
    """
    with suppress(OSError, httpx2.HTTPError):
        async with asyncio.timeout(_LAST_WORDS):
            async for _ in events:
                pass


class ServerModel:
    """A model at a server."""

    def __init__(
        self, choice: ModelChoice, target: Target, client: PlainClient, findings: Findings
    ) -> None:
        self._choice = choice
        self._target = target
        self._client = client
        self._findings = findings
        self._refusals = findings.refusals(target.url)
        # Like the SDK, this depends on the given name, with the provider before it.
        self._settings = {**default_settings(target.asked.model or ""), **choice.settings}
        self.asked = target.asked
        self.api: str | None = target.api
        self.ends = Ends()

    @property
    def has_estimated(self) -> bool:
        """Whether the tokens are an estimate, because the server reported none."""
        return self._client.has_estimated

    def translated(self) -> AbstractContextManager[None]:
        """Raise errors of the server as ModelError, and all others unchanged."""
        return translated(self.asked)

    async def answer(self, items: list[Item]) -> AsyncGenerator[Said | Whole, None]:
        """The answer to the last of the items: its pieces if it is streamed, then the whole."""
        extra = legal(self._settings.get("extra_body") or {})
        path = _PATHS[self._target.api]
        async with self._client.accepted(path, self._request(items), extra) as (response, body):
            ids = AnswerIds(taken_ids(body))
            if not self._choice.stream:
                yield self._read(await body_of(response), ids)
                return
            reader = self._reader(ids)
            async with aclosing(events_of(response)) as events:
                async for data in events:
                    if data.startswith(DONE):
                        break
                    for said in reader.take(data):
                        yield said
                    if reader.is_whole:
                        break
                await _drained(events)
            yield reader.ended()

    def _request(self, items: list[Item]) -> Callable[[], Body]:
        """A function that makes the request, without what the server has refused so far."""
        target, refusals = self._target, self._refusals
        fit = sendable(merged(answered(told_apart(items))), target.api, with_images=False)
        self._findings.say_changed(fit.changed)
        asked = Asked(
            model=target.name or "",
            items=fit.items,
            instructions=legal(self._choice.instructions),
            streams=self._choice.stream,
            is_openai=target.is_openai,
            conversation=conversation_of(items, {}),
            schema=self._choice.schema,
        )
        if target.api == "chat":
            chat = chat_body(asked, self._settings)
            return lambda: chat_request(chat, refusals)
        responses = responses_body(asked, self._settings)
        return lambda: responses_request(responses, refusals)

    def _reader(self, ids: AnswerIds) -> Reader:
        if self._target.api == "chat":
            return ChatReader(self._target.name or "", ids, self.ends)
        return ResponseReader(ids, self.ends)

    def _read(self, body: object, ids: AnswerIds) -> Whole:
        if self._target.api == "chat":
            return read_chat(body, self._target.name or "", ids, self.ends)
        return read_response(body, ids, self.ends)
