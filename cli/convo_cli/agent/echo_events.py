"""The answer of the built-in model, as the Responses API would send it."""

from typing import Any

from agents.items import TResponseStreamEvent
from agents.models.fake_id import FAKE_RESPONSES_ID
from openai.types.responses import (
    Response,
    ResponseCompletedEvent,
    ResponseContentPartAddedEvent,
    ResponseContentPartDoneEvent,
    ResponseCreatedEvent,
    ResponseOutputItemAddedEvent,
    ResponseOutputItemDoneEvent,
    ResponseOutputMessage,
    ResponseOutputText,
    ResponseTextDeltaEvent,
    ResponseTextDoneEvent,
    ResponseUsage,
)

from convo_cli.plain.echo import words_of
from convo_cli.turn.choice import ECHO


def message(text: str | None) -> ResponseOutputMessage:
    """The only item of an answer; its text is empty at the start of a stream.

    It has the placeholder id that the SDK gives to items of servers without ids, and removes before
    it sends them to OpenAI: a conversation may go on with another model.
    """
    return ResponseOutputMessage(
        id=FAKE_RESPONSES_ID,
        type="message",
        role="assistant",
        status="in_progress" if text is None else "completed",
        content=[] if text is None else [_part(text)],
    )


def _part(text: str) -> ResponseOutputText:
    return ResponseOutputText(type="output_text", text=text, annotations=[])


def _response(text: str | None, usage: ResponseUsage | None) -> Response:
    return Response(
        id=FAKE_RESPONSES_ID,
        created_at=0,
        model=ECHO,
        object="response",
        output=[] if text is None else [message(text)],
        status="in_progress" if text is None else "completed",
        usage=usage,
        parallel_tool_calls=False,
        tool_choice="auto",
        tools=[],
    )


def streamed(text: str, usage: ResponseUsage) -> list[TResponseStreamEvent]:
    """Every event of a streamed answer, numbered from 0."""
    words = words_of(text)
    place: dict[str, Any] = {"item_id": FAKE_RESPONSES_ID, "output_index": 0, "content_index": 0}
    last = 3 + len(words)
    return [
        ResponseCreatedEvent(
            type="response.created", response=_response(None, None), sequence_number=0
        ),
        ResponseOutputItemAddedEvent(
            type="response.output_item.added",
            item=message(None),
            output_index=0,
            sequence_number=1,
        ),
        ResponseContentPartAddedEvent(
            type="response.content_part.added", part=_part(""), sequence_number=2, **place
        ),
        *(
            ResponseTextDeltaEvent(
                type="response.output_text.delta",
                delta=word,
                logprobs=[],
                sequence_number=number,
                **place,
            )
            for number, word in enumerate(words, start=3)
        ),
        ResponseTextDoneEvent(
            type="response.output_text.done", text=text, logprobs=[], sequence_number=last, **place
        ),
        ResponseContentPartDoneEvent(
            type="response.content_part.done", part=_part(text), sequence_number=last + 1, **place
        ),
        ResponseOutputItemDoneEvent(
            type="response.output_item.done",
            item=message(text),
            output_index=0,
            sequence_number=last + 2,
        ),
        ResponseCompletedEvent(
            type="response.completed",
            response=_response(text, usage),
            sequence_number=last + 3,
        ),
    ]
