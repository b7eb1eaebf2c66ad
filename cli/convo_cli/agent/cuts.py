"""Answers that were cut off at the limit of tokens: handed on as ones that ended, and noted.

They are kept, marked, and can be gone on from. The SDK would raise them, and lose them. What is no
answer yet, half a call of a tool or thoughts alone, fails.
"""

from collections.abc import AsyncIterator
from typing import Any

from openai import AsyncStream
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import (
    Response,
    ResponseCompletedEvent,
    ResponseIncompleteEvent,
    ResponseOutputItemDoneEvent,
    ResponseStreamEvent,
)

from convo_cli.agent.answers import check_response, cut_response, cut_text, is_token_limit


class Cuts:
    """What those answers of a server said that were cut."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def response(self, response: Response) -> Response:
        """The response, as one that ended where it was cut. Raises FailedAnswerError."""
        text = cut_response(response)
        if text is None:
            check_response(response)
            return response
        self.texts.append(text)
        return response.model_copy(update={"status": "completed", "incomplete_details": None})

    def completion(self, completion: ChatCompletion) -> None:
        """Note a chat completion that was cut. Raises FailedAnswerError."""
        choice = completion.choices[0]
        if is_token_limit(choice.finish_reason):
            message = choice.message
            self.texts.append(cut_text([message.content or ""], bool(message.tool_calls)))


class EndedEvents:
    """The events of one streamed response, the last as if it had come to its end."""

    def __init__(self, stream: AsyncStream[ResponseStreamEvent], cuts: Cuts) -> None:
        self._stream = stream
        self._cuts = cuts

    async def __aiter__(self) -> AsyncIterator[ResponseStreamEvent]:
        said: list[Any] = []
        async for event in self._stream:
            if isinstance(event, ResponseOutputItemDoneEvent):
                said.append(event.item)
            if not isinstance(event, ResponseIncompleteEvent):
                yield event
                continue
            response = event.response
            if not response.output:
                response = response.model_copy(update={"output": said})
            yield ResponseCompletedEvent(
                type="response.completed",
                response=self._cuts.response(response),
                sequence_number=event.sequence_number,
            )

    async def close(self) -> None:
        """Give the connection back."""
        await self._stream.close()


class Chunks:
    """What has come of one streamed chat completion."""

    def __init__(self, cuts: Cuts) -> None:
        self._cuts = cuts
        self._texts: list[str] = []
        self._has_calls = False

    def take(self, chunk: ChatCompletionChunk) -> None:
        """Take the next piece, and note the answer where it is cut. Raises FailedAnswerError."""
        for choice in getattr(chunk, "choices", None) or ():
            delta = getattr(choice, "delta", None)
            self._texts.append(getattr(delta, "content", None) or "")
            self._has_calls = self._has_calls or bool(getattr(delta, "tool_calls", None))
            if is_token_limit(getattr(choice, "finish_reason", None)):
                self._cuts.texts.append(cut_text(self._texts, self._has_calls))
