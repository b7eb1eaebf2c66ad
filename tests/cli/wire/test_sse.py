"""Events are the same however their bytes are cut and their lines end."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convo_cli.wire.sse import EventReader, Sent, event, raw_event

BODY = ': hi\n\nevent: error\ndata: {"a":\ndata: "Zürich 東"}\n\nid: 7\ndata:x\n\ndata: [DONE]\n\n'
EVENTS = [Sent("error", '{"a":\n"Zürich 東"}'), Sent(None, "x"), Sent(None, "[DONE]")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@given(cuts=st.lists(st.integers(0, 200)))
def test_bytes_may_be_cut_anywhere(end: str, cuts: list[int]) -> None:
    sent = BODY.replace("\n", end).encode()
    reader = EventReader()
    places = [0, *sorted(min(cut, len(sent)) for cut in cuts), len(sent)]
    read = [one for a, b in pairwise(places) for one in reader.read(sent[a:b])]
    assert [*read, *reader.rest()] == EVENTS


def test_one_byte_at_a_time() -> None:
    reader = EventReader()
    read = [one for byte in BODY.encode() for one in reader.read(bytes([byte]))]
    assert [*read, *reader.rest()] == EVENTS


def test_the_last_event_needs_no_end() -> None:
    reader = EventReader()
    assert [*reader.read(b"data: a\n\ndata: b"), *reader.rest()] == [
        Sent(None, "a"),
        Sent(None, "b"),
    ]


def test_lines_are_no_more_than_what_ends_them() -> None:
    reader = EventReader()
    said = "a\u2028b\u0085c\x0bd"
    assert list(reader.read(f"data: {said}\n\n".encode())) == [Sent(None, said)]


def test_bytes_that_are_no_text_end_nothing() -> None:
    assert list(EventReader().read(b"data: a\xffb\n\n")) == [Sent(None, "a\ufffdb")]


def test_what_is_written_is_read() -> None:
    reader = EventReader()
    read = list(reader.read(event({"a": "Zürich\n東"}) + raw_event("two\nlines")))
    assert read[0].json() == {"a": "Zürich\n東"}
    assert read[1:] == [Sent(None, "two\nlines")]


def test_a_failure_in_a_line_of_its_own() -> None:
    told = b'data: a\nerror: {"code": 500, "message": "No."}\n\nerror: odd\n\n'
    assert list(EventReader().read(told)) == [Sent("error", '{"code": 500, "message": "No."}')]


def test_a_line_in_many_pieces_with_newlines_split_between_them() -> None:
    reader = EventReader()
    pieces = [b"data: a", b"b", b"c\r", b"\ndata: d\r", b"\r", b"data: e", b"\n\n"]
    found = [sent.data for piece in pieces for sent in reader.read(piece)]
    assert found == ["abc\nd", "e"]
