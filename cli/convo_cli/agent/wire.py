"""An OpenAI client that does not take half an answer for a whole one.

The SDK checks the end of a Responses stream, but of chat completions only at OpenAI itself: from
any other server a stream that just ends would pass for an answer. Answers are checked here, before
the SDK sees them, and what is wrong with one is said in errors that tell the cases apart.
"""

from collections.abc import AsyncIterator
from functools import cached_property
from typing import Any

from openai import AsyncOpenAI, AsyncStream
from openai.resources.chat import AsyncChat, AsyncCompletions
from openai.resources.responses import AsyncResponses
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response

CONTENT_FILTER = "content_filter"
TOKEN_LIMIT = "max_output_tokens"
_UNFINISHED = {"content_filter": CONTENT_FILTER, "length": TOKEN_LIMIT}


class BadAnswerError(Exception):
    """What came is not what the API promises: `str(error)` goes on after "the server …"."""


class CutAnswerError(Exception):
    """The answer stopped before its end."""


class FailedAnswerError(Exception):
    """The server itself says that the answer failed, or had to end early."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code or "it does not say why")
        self.code = code


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
        _check_reported_error(answer)
        if not isinstance(answer, Response) or not isinstance(answer.output, list):
            raise BadAnswerError("answered with no response")
        check_response(answer)
        return answer


def check_response(response: Response) -> None:
    """Raise FailedAnswerError for a response that says that it is not complete."""
    _check_reported_error(response)
    if response.incomplete_details is not None:
        raise FailedAnswerError(str(response.incomplete_details.reason))
    if response.status in ("failed", "incomplete", "cancelled"):
        raise FailedAnswerError(response.status)


class _CheckedChat(AsyncChat):
    @cached_property
    def completions(self) -> AsyncCompletions:
        return _CheckedCompletions(self._client)


class _CheckedCompletions(AsyncCompletions):
    async def create(self, *args: Any, **kwargs: Any) -> Any:
        answer = await super().create(*args, **kwargs)
        return _CheckedStream(answer) if isinstance(answer, AsyncStream) else _checked(answer)


def _checked(answer: object) -> ChatCompletion:
    _check_reported_error(answer)
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


def _check_reported_error(answer: object) -> None:
    """Raise what a failed response says, and some servers with status 200: an error object."""
    error = getattr(answer, "error", None)
    if not error:
        return
    fields = error if isinstance(error, dict) else vars(error) if hasattr(error, "__dict__") else {}
    raise FailedAnswerError(
        str(fields.get("code") or ""), str(fields.get("message") or error or "")
    )


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
