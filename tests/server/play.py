"""Performs one step of the script: an answer, streamed or not, or a fault."""

from __future__ import annotations

from typing import assert_never

from tests.server.channel import Channel
from tests.server.received import Request
from tests.server.steps import Answer, Broken, Failed, Raw, Reply
from tests.server.wire import JsonObject, Wire, dumps, until_last_delta

_JSON = {"content-type": "application/json"}


def play(reply: Reply, request: Request, wire: Wire, channel: Channel) -> None:
    """Answers one request."""
    match reply:
        case Raw():
            channel.send(reply.status, reply.filled_in(request).encode(), reply.headers)
        case Answer():
            if reply.gate:
                channel.wait(until=reply.gate)
            (_stream if request.streamed else _send)(reply, wire, channel)
        case Failed():
            (_stream_failure if request.streamed else _send_failure)(reply, wire, channel)
        case Broken():
            (_stream_broken if request.streamed else _send_broken)(reply, wire, channel)
        case _:
            assert_never(reply)


def send_json(status: int, data: JsonObject, channel: Channel) -> None:
    channel.send(status, dumps(data).encode(), _JSON)


def _send(answer: Answer, wire: Wire, channel: Channel) -> None:
    send_json(200, wire.body(answer), channel)


def _stream(answer: Answer, wire: Wire, channel: Channel) -> None:
    channel.start_stream()
    for frame in wire.frames(answer):
        if answer.pause and frame.is_delta:
            channel.wait(answer.pause)
        channel.write(frame.encoded())
    channel.end_stream()


def _send_failure(failed: Failed, wire: Wire, channel: Channel) -> None:
    status, body = wire.failed_body(failed)
    send_json(status, body, channel)


def _stream_failure(failed: Failed, wire: Wire, channel: Channel) -> None:
    _stream_beginning(failed.after, wire, channel)
    for frame in wire.failed_frames(failed):
        channel.write(frame.encoded())
    channel.end_stream()


def _send_broken(broken: Broken, wire: Wire, channel: Channel) -> None:
    """Without streaming there is no "after": the body as a whole is late, cut or malformed."""
    body = dumps(wire.body(Answer(broken.after))).encode()
    match broken.how:
        case "stall":
            channel.wait()
        case "malformed" | "end":
            channel.send(200, body[: len(body) // 2], _JSON)
        case "cut":
            channel.send_half(body)
            channel.cut()
        case "reset":
            channel.send_half(body)
            channel.reset()
        case _:
            assert_never(broken.how)


def _stream_broken(broken: Broken, wire: Wire, channel: Channel) -> None:
    if broken.how == "stall" and not broken.after:
        channel.wait()
    _stream_beginning(broken.after, wire, channel)
    match broken.how:
        case "stall":
            channel.wait()
        case "malformed":
            channel.write(b'data: {"type": "response.output_te\n\n')
            channel.end_stream()
        case "end":
            channel.end_stream()
        case "cut":
            channel.cut()
        case "reset":
            channel.reset()
        case _:
            assert_never(broken.how)


def _stream_beginning(text: str, wire: Wire, channel: Channel) -> None:
    channel.start_stream()
    for frame in until_last_delta(wire.frames(Answer(text))):
        channel.write(frame.encoded())
