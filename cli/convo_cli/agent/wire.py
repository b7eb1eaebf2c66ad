"""An OpenAI client that does not take half an answer for a whole one.

The SDK checks the end of a Responses stream, but of chat completions only at OpenAI itself: from
any other server a stream that just ends would pass for an answer. Answers are checked here, before
the SDK sees them, and what is wrong with one is said in errors that tell the cases apart.

Loading this takes a while: it is imported where a server is asked.
"""

from collections.abc import AsyncIterator
from functools import cached_property
from typing import Any

from openai import AsyncOpenAI, AsyncStream
from openai.resources.chat import AsyncChat, AsyncCompletions
from openai.resources.responses import AsyncResponses
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response

from convo_cli.agent.answers import (
    CONTENT_FILTER,
    TOKEN_LIMIT,
    BadAnswerError,
    CutAnswerError,
    FailedAnswerError,
    check_reported_error,
    check_response,
)

_UNFINISHED = {"content_filter": CONTENT_FILTER, "length": TOKEN_LIMIT}


class CheckedClient(AsyncOpenAI):
    """The client of OpenAI's library, whose answers are whole or fail."""

    @cached_property
    def chat(self) -> AsyncChat:
        """Chat completions, checked."""
        return _CheckedChat(self)

    @cached_property
    def responses(self) -> AsyncResponses:
        """Responses, checked where they are not streamed; the SDK sees to those that are."""
        return _CheckedResponses(self)


class _CheckedResponses(AsyncResponses):
    async def create(self, *args: Any, **kwargs: Any) -> Any:
        answer = await super().create(*args, **kwargs)
        if kwargs.get("stream") is True:
            return answer
        check_reported_error(answer)
        if not isinstance(answer, Response) or not isinstance(answer.output, list):
            raise BadAnswerError("answered with no response")
        check_response(answer)
        return answer


class _CheckedChat(AsyncChat):
    @cached_property
    def completions(self) -> AsyncCompletions:
        return _CheckedCompletions(self._client)


class _CheckedCompletions(AsyncCompletions):
    async def create(self, *args: Any, **kwargs: Any) -> Any:
        answer = await super().create(*args, **kwargs)
        return _CheckedStream(answer) if isinstance(answer, AsyncStream) else _checked(answer)


def _checked(answer: object) -> ChatCompletion:
    check_reported_error(answer)
    choices = getattr(answer, "choices", None)
    if not isinstance(answer, ChatCompletion) or not isinstance(choices, list) or not choices:
        raise BadAnswerError("answered with no completion")
    if getattr(choices[0], "message", None) is None:
        raise BadAnswerError("answered without a message")
    _check_reason(getattr(choices[0], "finish_reason", None))
    return answer


def _check_reason(reason: str | None) -> None:
    if reason in _UNFINISHED:
        raise FailedAnswerError(_UNFINISHED[reason])


class _CheckedStream:
    """The pieces of one streamed answer; to end without a reason is an error."""

    def __init__(self, stream: AsyncStream[ChatCompletionChunk]) -> None:
        self._stream = stream
        self.response = stream.response
        """The HTTP response, where the SDK looks for the id of the request."""

    async def __aiter__(self) -> AsyncIterator[ChatCompletionChunk]:
        arrived = finished = False
        async for chunk in self._stream:
            if not isinstance(chunk, ChatCompletionChunk):
                raise BadAnswerError("streamed something else than an answer")
            arrived = True
            reason = _finish_reason(chunk)
            finished = finished or reason is not None
            yield chunk
            _check_reason(reason)
        if not arrived:
            raise BadAnswerError("streamed no answer at all")
        if not finished:
            raise CutAnswerError

    async def aclose(self) -> None:
        """Give the connection back."""
        await self._stream.close()


def _finish_reason(chunk: ChatCompletionChunk) -> str | None:
    for choice in getattr(chunk, "choices", None) or ():
        reason = getattr(choice, "finish_reason", None)
        if reason:
            return str(reason)
    return None
