"""Reads normalised answers to plain questions: the pieces to show, and the items to store.

Complete answers are accepted, and so are answers cut off at the limit of tokens, which are noted.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from convo_cli.wire.call_ids import AnswerIds
from convo_cli.wire.chat_items import ChatItems, items_of
from convo_cli.wire.ends import (
    BadAnswerError,
    BrokenOffError,
    CutAnswerError,
    FailedAnswerError,
    UnheardError,
    check_reason,
    check_reported_error,
    check_response,
    cut_response,
    cut_text,
    is_token_limit,
)
from convo_cli.wire.kinds import Item, kind_of
from convo_cli.wire.pairs import NUMBERED
from convo_cli.wire.thinking import Said

DONE = "[DONE]"

_DELTAS: Mapping[str, Literal["answered", "thought"]] = {
    "response.output_text.delta": "answered",
    "response.reasoning_text.delta": "thought",
    "response.reasoning_summary_text.delta": "thought",
}


class Whole(NamedTuple):
    """A complete answer: its items, its usage, and the id of the response."""

    items: list[Item]
    usage: Mapping[str, Any] | None
    response_id: str | None = None


@dataclass
class Ends:
    """The texts of cut answers, and the tokens of failed ones."""

    cuts: list[str] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)

    def note_failed(self, usage: Any) -> None:
        """Note the tokens of a failed answer, if it reports any."""
        if isinstance(usage, Mapping):
            self.failed.append(_without_nulls(usage))

    @contextmanager
    def counted(self, answer: Mapping[str, Any]) -> Iterator[None]:
        """Note the tokens of the answer if the block raises FailedAnswerError."""
        try:
            yield
        except FailedAnswerError:
            self.note_failed(answer.get("usage"))
            raise


class Reader(Protocol):
    """Reads the events of one answer; once it `is_whole`, later events are ignored."""

    @property
    def is_whole(self) -> bool:
        """Whether the answer is complete."""

    def take(self, data: str) -> Iterator[Said]:
        """Take the data of the next event, and yield the pieces to show."""

    def ended(self) -> Whole:
        """The answer, once the stream has ended. Raises the error of an incomplete one."""


class ChatReader:
    """Reads a streamed chat completion; ending without a finish reason is an error."""

    is_whole = False
    """Always False, because the usage may come last."""

    def __init__(self, model: str, ids: AnswerIds, ends: Ends) -> None:
        self._items = ChatItems(model)
        self._ids = ids
        self._ends = ends
        self._texts: list[str] = []
        self._has_calls = self._has_arrived = self._is_finished = False
        self._usage: Mapping[str, Any] | None = None
        self._failure: FailedAnswerError | None = None

    def take(self, data: str) -> Iterator[Said]:
        """Take the next chunk. A failure is raised at the end, because the usage comes after it."""
        chunk = _object(data)
        self._has_arrived = True
        # Some servers report the usage so far with every chunk.
        self._usage = chunk.get("usage") or self._usage
        if self._failure is not None:
            return
        try:
            self._check(chunk)
        except FailedAnswerError as error:
            self._failure = error
            return
        yield from self._items.take(chunk)

    def ended(self) -> Whole:
        """The answer."""
        if self._failure is not None:
            self._ends.note_failed(self._usage)
            raise self._failure
        if not self._has_arrived:
            raise BadAnswerError("streamed no answer at all")
        if not self._is_finished:
            raise CutAnswerError
        return Whole(self._items.items(), self._usage)

    def _check(self, chunk: Mapping[str, Any]) -> None:
        for choice in chunk.get("choices") or ():
            delta = choice.get("delta") or {}
            calls = delta.get("tool_calls") or ()
            for call in calls:
                has_begun = self._ids.began(call.get("index", 0))
                own = self._ids.of(call.get("index", 0), call.get("id"))
                call["id"] = None if has_begun else own
            self._texts.append(delta.get("content") or "")
            self._has_calls = self._has_calls or bool(calls)
            reason = choice.get("finish_reason")
            self._is_finished = self._is_finished or bool(reason)
            if is_token_limit(reason):
                self._ends.cuts.append(cut_text(self._texts, self._has_calls))
            check_reason(reason)
            _check_sound(delta)


class ResponseReader:
    """Reads the events of a response."""

    def __init__(self, ids: AnswerIds, ends: Ends) -> None:
        self._ids = ids
        self._ends = ends
        self._done: list[Any] = []
        self._response: Mapping[str, Any] | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the last event has come."""
        return self._response is not None

    def take(self, data: str) -> Iterator[Said]:
        """Take the next event."""
        event = _object(data)
        kind = str(event.get("type"))
        response = event.get("response")
        if kind in _DELTAS:
            yield Said(_DELTAS[kind], event.get("delta") or "")
        elif kind == "error":
            raise FailedAnswerError(str(event.get("code")), str(event.get("message")))
        elif kind == "response.output_item.done":
            self._done.append(event.get("item"))
        elif kind == "response.completed" and isinstance(response, Mapping):
            self._response = response
        elif kind == "response.failed" and isinstance(response, Mapping):
            self._ends.note_failed(response.get("usage"))
            check_response(response)
            raise FailedAnswerError("failed")
        elif kind == "response.incomplete" and isinstance(response, Mapping):
            said_before = {**response, "output": response.get("output") or self._done}
            with self._ends.counted(response):
                self._response = _whole_or_cut(said_before, self._ends)

    def ended(self) -> Whole:
        """The answer."""
        if self._response is None:
            raise CutAnswerError
        return _whole_response(self._response, self._ids)


def read_chat(body: Any, model: str, ids: AnswerIds, ends: Ends) -> Whole:
    """The answer in a chat completion that was not streamed."""
    completion = body if isinstance(body, Mapping) else {}
    check_reported_error(completion.get("error"))
    choices = completion.get("choices")
    if not isinstance(choices, list) or not choices:
        raise BadAnswerError("answered with no completion")
    message = choices[0].get("message") if isinstance(choices[0], Mapping) else None
    if not isinstance(message, Mapping):
        raise BadAnswerError("answered without a message")
    reason, calls = choices[0].get("finish_reason"), message.get("tool_calls")
    with ends.counted(completion):
        check_reason(reason)
        for place, call in enumerate(calls or ()):
            call["id"] = ids.of(place, call.get("id"))
        if is_token_limit(reason):
            ends.cuts.append(cut_text([message.get("content") or ""], bool(calls)))
    _check_sound(message)
    return Whole(items_of(completion, model), completion.get("usage"))


def read_response(body: Any, ids: AnswerIds, ends: Ends) -> Whole:
    """The answer in a response that was not streamed."""
    response = body if isinstance(body, Mapping) else {}
    with ends.counted(response):
        check_reported_error(response.get("error"))
        if not isinstance(response.get("output"), list):
            raise BadAnswerError("answered with no response")
        whole = _whole_or_cut(response, ends)
    return _whole_response(whole, ids)


def _whole_or_cut(response: Mapping[str, Any], ends: Ends) -> Mapping[str, Any]:
    """The response, noted if it was cut. Raises FailedAnswerError."""
    text = cut_response(response)
    if text is None:
        check_response(response)
    else:
        ends.cuts.append(text)
    return response


def _whole_response(response: Mapping[str, Any], ids: AnswerIds) -> Whole:
    output = response.get("output") or []
    items = [
        {key: value for key, value in item.items() if key != "created_by"}
        for item in output
        if isinstance(item, dict)
    ]
    calls = [(place, item) for place, item in enumerate(items) if kind_of(item) in NUMBERED]
    given = [(place, item.get("call_id")) for place, item in calls]
    for (_, item), own in zip(calls, ids.of_repeated(given), strict=True):
        item["call_id"] = own
    return Whole(items, response.get("usage"), response.get("id"))


def _object(data: str) -> dict[str, Any]:
    """The JSON of an event. Raises the failure that it reports, or an error for invalid JSON."""
    value = json.loads(data)
    if not isinstance(value, dict):
        raise BadAnswerError("streamed something else than an answer")
    if error := value.get("error"):
        said = error.get("message") if isinstance(error, Mapping) else None
        raise BrokenOffError(said or "An error occurred during streaming")
    return value


def _check_sound(message: Mapping[str, Any]) -> None:
    if message.get("audio"):
        raise UnheardError("Audio is not currently supported")


def _without_nulls(value: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _without_nulls(one) if isinstance(one, Mapping) else one
        for key, one in value.items()
        if one is not None
    }
