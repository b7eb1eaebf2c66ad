"""Passes answers that were cut off at the limit of tokens on as complete, and notes them.

They are stored, marked as cut, and can be continued. The SDK would raise an error, and lose them.
A cut answer without text, such as half a tool call or reasoning alone, fails.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

from openai import AsyncStream
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import (
    Response,
    ResponseCompletedEvent,
    ResponseFailedEvent,
    ResponseIncompleteEvent,
    ResponseOutputItemDoneEvent,
    ResponseStreamEvent,
)
from pydantic import BaseModel

from convo_cli.agent.answers import check_response, cut_response
from convo_cli.wire.ends import FailedAnswerError, cut_text, is_token_limit


class Cuts:
    """The texts of a server's cut answers, and the tokens of its failed ones.

    The SDK counts the tokens of an answer only if it considers it complete.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.failed: list[dict[str, Any]] = []

    def note_failed(self, answer: Any) -> None:
        """Note the tokens of a failed answer, if it reports any."""
        usage = getattr(answer, "usage", None)
        if isinstance(usage, BaseModel):
            self.failed.append(usage.model_dump(exclude_none=True))

    @contextmanager
    def counted(self, answer: Any) -> Iterator[None]:
        """Note the tokens of the answer if the block raises FailedAnswerError."""
        try:
            yield
        except FailedAnswerError:
            self.note_failed(answer)
            raise

    def response(self, response: Response) -> Response:
        """The response, marked as complete if it was cut. Raises FailedAnswerError."""
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
    """The events of one streamed response; that of a cut answer ends as if it were complete."""

    def __init__(self, stream: AsyncStream[ResponseStreamEvent], cuts: Cuts) -> None:
        self._stream = stream
        self._cuts = cuts

    async def __aiter__(self) -> AsyncIterator[ResponseStreamEvent]:
        said: list[Any] = []
        async for event in self._stream:
            if isinstance(event, ResponseOutputItemDoneEvent):
                said.append(event.item)
            if isinstance(event, ResponseFailedEvent):
                self._cuts.note_failed(event.response)
            if not isinstance(event, ResponseIncompleteEvent):
                yield event
                continue
            response = event.response
            if not response.output:
                response = response.model_copy(update={"output": said})
            with self._cuts.counted(response):
                response = self._cuts.response(response)
            yield ResponseCompletedEvent(
                type="response.completed",
                response=response,
                # Some servers do not number their events.
                sequence_number=getattr(event, "sequence_number", None) or 0,
            )

    async def close(self) -> None:
        """Release the connection."""
        await self._stream.close()


class Chunks:
    """The text so far of one streamed chat completion."""

    def __init__(self, cuts: Cuts) -> None:
        self._cuts = cuts
        self._texts: list[str] = []
        self._has_calls = False

    def take(self, chunk: ChatCompletionChunk) -> None:
        """Add the next chunk, and note the answer if it was cut. Raises FailedAnswerError."""
        for choice in getattr(chunk, "choices", None) or ():
            delta = getattr(choice, "delta", None)
            self._texts.append(getattr(delta, "content", None) or "")
            self._has_calls = self._has_calls or bool(getattr(delta, "tool_calls", None))
            if is_token_limit(getattr(choice, "finish_reason", None)):
                self._cuts.texts.append(cut_text(self._texts, self._has_calls))
