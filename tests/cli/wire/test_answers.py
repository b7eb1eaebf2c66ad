"""Streamed answers of any length, in pieces of any size."""

import json
from typing import Literal

import pytest

from convo_cli.wire import answers
from convo_cli.wire.answers import AnswerStream


def said(pieces: list[bytes], api: Literal["chat", "responses"] = "chat") -> str:
    """What the stream becomes of a body that arrives in these pieces."""
    stream = AnswerStream({}, api)
    return b"".join(
        [*(sent for piece in pieces for sent in stream.read(piece)), *stream.end()]
    ).decode()


@pytest.mark.parametrize("beginning", [b"data: {", b"{", b"data: 1\n"])
def test_one_event_has_an_end(beginning: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "_LONGEST", 100)
    told = said([beginning, *[b"data: 1\n" * 3] * 9])
    assert told.count("more than 64 MiB in one event") == 1


def test_many_events_may_have_more_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "_LONGEST", 200)
    chunk = {"choices": [{"index": 0, "delta": {"content": "hello"}}]}
    told = said([b"data: " + json.dumps(chunk).encode() + b"\n\n"] * 9)
    assert (told.count("hello"), "64 MiB" in told) == (9, False)


def test_blank_lines_before_a_body_in_one_piece() -> None:
    body = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "hello"}}]}
    spaces = [b"\xef\xbb\xbf \r\n", b"\n" * 9]
    assert "hello" in said([*spaces, *(bytes([one]) for one in json.dumps(body).encode())])
