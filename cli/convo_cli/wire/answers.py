"""Normalises the body of an answer as it arrives: bytes in, bytes out."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from convo_cli.wire.chat_answers import whole_answer
from convo_cli.wire.chat_stream import ChatStream, completion
from convo_cli.wire.failures import failure
from convo_cli.wire.responses_answers import ResponsesAnswer, response
from convo_cli.wire.sse import EventReader, Sent, event, raw_event

Api = Literal["chat", "responses"]

_DONE = "[DONE]"
_LONGEST = 64 * 1024 * 1024
"""The most bytes of one event. A server could otherwise fill the memory with a line without end."""

_TOO_LONG = "an answer with more than 64 MiB in one event is not read"


def mended_body(body: bytes, request: Mapping[str, Any], api: Api) -> tuple[bytes, bool]:
    """The body of an answer that was not to be streamed, and whether its tokens are an estimate.

    If the server streamed it anyway, its pieces are joined.
    """
    if _is_stream(body):
        return _put_together(body, request, api)
    answer = _object(body)
    if answer is None:
        return body, False
    if failed := failure(answer):
        return json.dumps(failed).encode(), False
    if api == "chat":
        mended, is_estimated = whole_answer(answer, request)
    else:
        mending = ResponsesAnswer(request)
        mended, is_estimated = mending.whole(answer), mending.is_estimated
    return json.dumps(mended).encode(), is_estimated


def _is_stream(body: bytes) -> bool:
    return body.lstrip().startswith((b"data:", b"event:", b":"))


def _put_together(body: bytes, request: Mapping[str, Any], api: Api) -> tuple[bytes, bool]:
    stream = AnswerStream(request, api)
    mended = b"".join([*stream.read(body), *stream.end()])
    events = [
        found for sent in EventReader().read(mended) if (found := _object(sent.data.encode()))
    ]
    failed = next((one for one in events if "error" in one and "type" not in one), None)
    whole = failed or (completion(events) if api == "chat" else response(events))
    return (body if whole is None else json.dumps(whole).encode()), stream.is_estimated


class AnswerStream:
    """Normalises a streamed answer; a body in one piece becomes a stream."""

    def __init__(self, request: Mapping[str, Any], api: Api) -> None:
        self._chat = ChatStream(request) if api == "chat" else None
        self._response = ResponsesAnswer(request)
        self._reader = EventReader()
        # The body as long as it is not known to be a stream.
        self._body: bytearray | None = bytearray()
        self._is_whole = self._is_done = self._is_too_long = False

    @property
    def is_estimated(self) -> bool:
        """Whether the tokens are an estimate, because the server reported none."""
        return (self._chat or self._response).is_estimated

    @property
    def is_complete(self) -> bool:
        """Whether the answer has ended; only its usage may still be missing."""
        return self._response.is_whole if self._chat is None else self._chat.is_finished

    def read(self, piece: bytes) -> Iterator[bytes]:
        """The normalised form of the next piece of the body.

        One event, or a body in one piece, has at most 64 MiB; the rest of a longer one is dropped.
        """
        if self._is_too_long:
            return
        yield from self._events(piece)
        if max(len(self._body or b""), self._reader.kept) > _LONGEST:
            self._body, self._reader = None, EventReader()
            self._is_whole, self._is_too_long = False, True
            yield event({"error": {"message": _TOO_LONG}})

    def _events(self, piece: bytes) -> Iterator[bytes]:
        if self._body is not None:
            self._body += piece
            if self._is_whole:
                return
            self._body = self._body.removeprefix(b"\xef\xbb\xbf").lstrip()
            self._is_whole = self._body.startswith(b"{")
            if self._is_whole or not self._body:
                return
            piece, self._body = bytes(self._body), None
        for sent in self._reader.read(piece):
            yield from self._event(sent)

    def end(self) -> Iterator[bytes]:
        """The events that are missing at the end of the body."""
        if self._is_whole:
            yield from self._whole(bytes(self._body or b""))
            return
        for sent in self._reader.rest():
            if sent.data.startswith(_DONE) or _object(sent.data.encode()) is not None:
                yield from self._event(sent)
        if self._chat is not None and not self._is_done:
            yield from map(event, self._chat.ended(is_done=False))

    def _event(self, sent: Sent) -> Iterator[bytes]:
        if not sent.data.strip():
            # An empty event only shows that the server is still there.
            return
        if sent.data.startswith(_DONE):
            self._is_done = True
            missing = self._chat.ended(is_done=True) if self._chat else self._response.ended()
            yield from map(event, missing)
            yield raw_event(_DONE)
            return
        if self._response.is_whole:
            return
        data = _object(sent.data.encode())
        if data is None and sent.name == "error":
            data = {"error": sent.data}
        if data is None:
            yield raw_event(sent.data)
        elif failed := self._failure(data, sent.name):
            yield event(failed)
        else:
            mended = self._chat.mended(data) if self._chat else self._response.mended(data)
            yield from map(event, mended)

    def _failure(self, data: dict[str, Any], name: str | None) -> dict[str, Any] | None:
        # The SDK knows the Responses API's own event for a failure.
        is_known = self._chat is None and data.get("type") == "error" and "error" not in data
        return None if is_known else failure(data, name)

    def _whole(self, body: bytes) -> Iterator[bytes]:
        answer = _object(body)
        if answer is None:
            yield raw_event(body.decode("utf-8", "replace").strip())
        elif failed := failure(answer):
            yield event(failed)
        else:
            whole = self._chat.whole(answer) if self._chat else self._response.events_of(answer)
            yield from map(event, whole)
        yield raw_event(_DONE)


def said_by(body: bytes) -> bytes:
    """The body of an error response; of an event stream, the first object."""
    if not _is_stream(body):
        return body
    reader = EventReader()
    events = [*reader.read(body), *reader.rest()]
    return next((sent.data.encode() for sent in events if _object(sent.data.encode())), body)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
