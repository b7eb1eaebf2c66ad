"""Translates the SDK's events of a run into those that a screen shows."""

from collections.abc import Iterator
from typing import Any

from agents import (
    HandoffOutputItem,
    ItemHelpers,
    MessageOutputItem,
    ReasoningItem,
    RunItem,
    StreamEvent,
    ToolCallItem,
    ToolCallOutputItem,
)
from openai.types.responses import (
    ResponseErrorEvent,
    ResponseFailedEvent,
    ResponseIncompleteEvent,
    ResponseReasoningSummaryTextDeltaEvent,
    ResponseReasoningTextDeltaEvent,
    ResponseTextDeltaEvent,
)

from convo_cli.agent.answers import check_response
from convo_cli.turn.events import (
    Event,
    HandedOff,
    ReasoningDelta,
    TextDelta,
    ToolCalled,
    ToolReturned,
)
from convo_cli.wire.contents import text_of
from convo_cli.wire.ends import FailedAnswerError


class Events:
    """Translates the events of one run, and remembers which call an output belongs to."""

    def __init__(self) -> None:
        self._called: dict[str | None, str] = {}
        self._whole = 0

    def of(self, event: StreamEvent) -> Event | None:
        """The event to show; None for most events of the SDK.

        Raises FailedAnswerError if the server reports that the answer failed.
        """
        if event.type == "raw_response_event":
            return _raw(event.data)
        if event.type == "run_item_stream_event":
            return self.of_item(event.item)
        return None

    def of_item(self, item: RunItem) -> Event | None:
        """The event to show for an item that is not streamed in pieces; None for other items."""
        if isinstance(item, ToolCallItem):
            name = item.tool_name or _field(item.raw_item, "type")
            self._called[item.call_id] = name
            return ToolCalled(name, _field(item.raw_item, "arguments"))
        if isinstance(item, ToolCallOutputItem):
            return ToolReturned(self._called.get(item.call_id, "tool"), _returned(item))
        if isinstance(item, HandoffOutputItem):
            return HandedOff(item.target_agent.name)
        return None

    def of_whole(self, items: list[RunItem]) -> Iterator[Event]:
        """The events to show for a run that was not streamed.

        A resumed run returns the items from its start again; none of them is shown twice.
        """
        fresh, self._whole = items[self._whole :], len(items)
        for item in fresh:
            shown = self._of_whole_item(item)
            if shown is not None:
                yield shown

    def _of_whole_item(self, item: RunItem) -> Event | None:
        if isinstance(item, MessageOutputItem):
            # The library takes an item of an unknown kind for a message.
            is_message = isinstance(item.raw_item.content, list)
            return TextDelta(ItemHelpers.text_message_output(item)) if is_message else None
        if isinstance(item, ReasoningItem):
            # Servers other than OpenAI return the reasoning itself instead of a summary.
            parts = item.raw_item.summary or item.raw_item.content or ()
            return ReasoningDelta("\n\n".join(part.text for part in parts))
        return self.of_item(item)


def final_text(output: object, items: list[RunItem]) -> str:
    """The answer as text: for a structured answer, the JSON that the model wrote."""
    if isinstance(output, str):
        return output
    if is_said(items):
        return ItemHelpers.text_message_outputs(items[-1:])
    return "" if output is None else str(output)


def is_said(items: list[RunItem]) -> bool:
    """Whether the final answer is the model's last message, and not the output of a tool."""
    return bool(items) and isinstance(items[-1], MessageOutputItem)


def _raw(data: Any) -> Event | None:
    if isinstance(data, ResponseTextDeltaEvent):
        return TextDelta(data.delta)
    if isinstance(data, ResponseReasoningSummaryTextDeltaEvent | ResponseReasoningTextDeltaEvent):
        return ReasoningDelta(data.delta)
    if isinstance(data, ResponseFailedEvent | ResponseIncompleteEvent):
        check_response(data.response)
    if isinstance(data, ResponseErrorEvent):
        raise FailedAnswerError(str(data.code), str(data.message))
    return None


def _returned(item: ToolCallOutputItem) -> str:
    """The output of a tool as text; message parts are shown as the JSON that is stored."""
    raw: Any = item.raw_item
    parts = raw.get("output") if isinstance(raw, dict) else None
    return text_of(parts) if isinstance(parts, list) else str(item.output)


def _field(raw: Any, name: str) -> str:
    value = raw.get(name) if isinstance(raw, dict) else getattr(raw, name, None)
    return "" if value is None else str(value)
