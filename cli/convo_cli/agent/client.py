"""An OpenAI client that adapts requests to servers, and rejects incomplete answers.

Requests pass through `convo_cli.wire`, which also gives unique ids to incoming calls. If a server
refuses a parameter, the request is sent again without it, once for each parameter.

The SDK checks the end of a Responses stream, but that of chat completions only for OpenAI itself: a
stream of any other server that just stops would count as an answer. Here answers are checked before
the SDK sees them, and each kind of failure raises an error of its own. An answer that was cut off
at the limit of tokens passes, and is noted.

Slow to import: load it only to ask a server.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import cached_property
from typing import Any, Self

from openai import APIStatusError, AsyncOpenAI, AsyncStream, Omit
from openai.resources.chat import AsyncChat, AsyncCompletions
from openai.resources.responses import AsyncResponses
from openai.types.chat import ChatCompletion, ChatCompletionChunk, ChatCompletionMessage
from openai.types.responses import Response, ResponseStreamEvent

from convo_cli.agent.answers import check_reported_error
from convo_cli.agent.cuts import Chunks, Cuts, EndedEvents
from convo_cli.wire.call_ids import AnswerIds
from convo_cli.wire.ends import BadAnswerError, CutAnswerError, FailedAnswerError, check_reason
from convo_cli.wire.pairs import NUMBERED
from convo_cli.wire.refusals import Refusals
from convo_cli.wire.requests import chat_request, responses_request, taken_ids

Create = Callable[..., Awaitable[Any]]


class CheckedClient(AsyncOpenAI):
    """The client of OpenAI's library; its answers are complete, noted as cut, or raise an error."""

    def __init__(self, *, refusals: Refusals | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.refusals = refusals or Refusals()
        """What the server has refused so far."""
        self.cuts = Cuts()

    @property
    def has_estimated(self) -> bool:
        """Whether the tokens of an answer were estimated, because the server reported none."""
        return getattr(self._client, "has_estimated", False)

    def copy(self, **options: Any) -> Self:
        """A copy with other options that shares what is known about the server."""
        copied = super().copy(**options)
        copied.refusals = self.refusals
        copied.cuts = self.cuts
        return copied

    with_options = copy

    @cached_property
    def chat(self) -> AsyncChat:
        """Chat completions, checked."""
        return _CheckedChat(self)

    @cached_property
    def responses(self) -> AsyncResponses:
        """Responses, checked if they are not streamed; the SDK checks the streamed ones."""
        return _CheckedResponses(self)

    async def accepted(
        self, create: Create, request: Callable[..., dict[str, Any]], given: dict[str, Any]
    ) -> tuple[Any, AnswerIds]:
        """The answer to the request in a form that the server accepts, and ids for its calls."""
        given = {key: value for key, value in given.items() if not isinstance(value, Omit)}
        while True:
            body = request(given, self.refusals)
            try:
                return await create(**body), AnswerIds(taken_ids(body))
            except APIStatusError as error:
                said = f"{error.message} {error.code or ''} {error.param or ''} {error.body or ''}"
                if not self.refusals.learn(error.status_code, said, body):
                    raise


class _CheckedResponses(AsyncResponses):
    _client: CheckedClient

    with_streaming_response = None  # type: ignore[assignment]
    """None, so that the SDK calls `create`: the streaming variant would bypass the checks."""

    async def create(self, **kwargs: Any) -> Any:
        answer, ids = await self._client.accepted(super().create, responses_request, kwargs)
        cuts = self._client.cuts
        if kwargs.get("stream") is True:
            return _NumberedEvents(EndedEvents(answer, cuts), ids)
        with cuts.counted(answer):
            check_reported_error(answer)
            if not isinstance(answer, Response) or not isinstance(answer.output, list):
                raise BadAnswerError("answered with no response")
            answer = cuts.response(answer)
        _number(answer.output, ids)
        return answer


class _NumberedEvents:
    """The events of one streamed response, with unique ids for its calls."""

    def __init__(self, stream: EndedEvents, ids: AnswerIds) -> None:
        self._stream = stream
        self._ids = ids

    async def __aiter__(self) -> AsyncIterator[ResponseStreamEvent]:
        async for event in self._stream:
            place, item = getattr(event, "output_index", None), getattr(event, "item", None)
            if item is not None and _is_call(item):
                item.call_id = self._ids.of(place, getattr(item, "call_id", None))
            output = getattr(getattr(event, "response", None), "output", None)
            if isinstance(output, list):
                _number(output, self._ids)
            yield event

    async def aclose(self) -> None:
        """Release the connection."""
        await self._stream.close()


def _number(output: list[Any], ids: AnswerIds) -> None:
    calls = [(place, item) for place, item in enumerate(output) if _is_call(item)]
    given = [(place, getattr(item, "call_id", None)) for place, item in calls]
    for (_, item), own in zip(calls, ids.of_repeated(given), strict=True):
        item.call_id = own


def _is_call(item: Any) -> bool:
    return getattr(item, "type", None) in NUMBERED


class _CheckedChat(AsyncChat):
    @cached_property
    def completions(self) -> AsyncCompletions:
        return _CheckedCompletions(self._client)


class _CheckedCompletions(AsyncCompletions):
    _client: CheckedClient

    async def create(self, **kwargs: Any) -> Any:
        answer, ids = await self._client.accepted(super().create, chat_request, kwargs)
        cuts = self._client.cuts
        if isinstance(answer, AsyncStream):
            return _CheckedStream(answer, ids, cuts)
        with cuts.counted(answer):
            completion = _checked(answer, ids)
            cuts.completion(completion)
        return completion


def _checked(answer: object, ids: AnswerIds) -> ChatCompletion:
    check_reported_error(answer)
    choices = getattr(answer, "choices", None)
    if not isinstance(answer, ChatCompletion) or not isinstance(choices, list) or not choices:
        raise BadAnswerError("answered with no completion")
    message = getattr(choices[0], "message", None)
    if not isinstance(message, ChatCompletionMessage):
        raise BadAnswerError("answered without a message")
    check_reason(getattr(choices[0], "finish_reason", None))
    for place, call in enumerate(getattr(message, "tool_calls", None) or ()):
        call.id = ids.of(place, getattr(call, "id", None))
    return answer


class _CheckedStream:
    """The chunks of one streamed answer; ending without a finish reason is an error."""

    def __init__(
        self, stream: AsyncStream[ChatCompletionChunk], ids: AnswerIds, cuts: Cuts
    ) -> None:
        self._stream = stream
        self._ids = ids
        self._cuts = cuts
        self._chunks = Chunks(cuts)
        self.response = stream.response
        """The HTTP response, where the SDK looks for the id of the request."""

    async def __aiter__(self) -> AsyncIterator[ChatCompletionChunk]:
        arrived = finished = False
        failure: FailedAnswerError | None = None
        counted: ChatCompletionChunk | None = None
        async for chunk in self._stream:
            if not isinstance(chunk, ChatCompletionChunk):
                raise BadAnswerError("streamed something else than an answer")
            arrived = True
            if chunk.usage is not None:
                # Some servers report the usage so far with every chunk.
                counted = chunk
            if failure is not None:
                # The usage comes after the finish reason.
                continue
            reason = _finish_reason(chunk)
            finished = finished or reason is not None
            self._number(chunk)
            try:
                # Checked before it is passed on, because the SDK may not read any further.
                self._chunks.take(chunk)
                check_reason(reason)
            except FailedAnswerError as error:
                failure = error
                continue
            yield chunk
        if failure is not None:
            self._cuts.note_failed(counted)
            raise failure
        if not arrived:
            raise BadAnswerError("streamed no answer at all")
        if not finished:
            raise CutAnswerError

    def _number(self, chunk: ChatCompletionChunk) -> None:
        """Give every call a unique id in its first chunk, where the SDK looks for it."""
        for choice in getattr(chunk, "choices", None) or ():
            for call in getattr(getattr(choice, "delta", None), "tool_calls", None) or ():
                place = getattr(call, "index", 0)
                has_begun = self._ids.began(place)
                own = self._ids.of(place, getattr(call, "id", None))
                call.id = None if has_begun else own

    async def aclose(self) -> None:
        """Release the connection."""
        await self._stream.close()


def _finish_reason(chunk: ChatCompletionChunk) -> str | None:
    for choice in getattr(chunk, "choices", None) or ():
        reason = getattr(choice, "finish_reason", None)
        if reason:
            return str(reason)
    return None
