import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convo.errors import InvalidItemError
from convo.items.encoding import (
    decode,
    encoded,
    message_type,
    preview,
    said_as_text,
    said_in,
    text_of,
    tool_name,
)


@pytest.mark.parametrize(
    "value",
    [
        {"a": "\ud800"},
        {"n": 2**70},
        {"n": [2**64 - 1, 2**64, -(2**63), -(2**63) - 1]},
        {"x": [None, True, 1.5, 1e300, float("inf")]},
        "text",
        3,
    ],
)
def test_what_was_encoded_is_decoded(value: object) -> None:
    (row,) = encoded([value])
    # As text: a rounded number is equal to some whole ones.
    assert repr(decode(row.data.encode())) == repr(value)


@pytest.mark.parametrize("data", [None, b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_item(data: bytes | None) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode(data)


def test_an_item_that_contains_itself() -> None:
    item: dict[str, object] = {}
    item["self"] = item
    with pytest.raises(InvalidItemError, match="item 1 cannot be stored"):
        encoded([item])


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        ({"role": "user"}, "user"),
        ({"role": "assistant", "type": "message"}, "assistant"),
        ({"role": "system", "type": "message"}, "message"),
        ({"role": "developer"}, "other"),
        ({"type": "reasoning"}, "reasoning"),
        ({}, "other"),
        ("text", "other"),
    ],
)
def test_types(item: object, kind: str) -> None:
    assert message_type(item) == kind


@pytest.mark.parametrize(
    ("item", "name"),
    [
        ({"name": "look_up"}, "look_up"),
        ({"name": "look_up", "namespace": "crm"}, "crm.look_up"),
        ({"name": "look_up", "namespace": "look_up"}, "look_up"),
        ({"name": "look_up", "namespace": ""}, "look_up"),
        ({"name": "", "namespace": "crm"}, ""),
    ],
)
def test_names_of_functions(item: dict[str, str], name: str) -> None:
    assert tool_name({"type": "function_call", **item}) == name


def test_the_text_of_parts() -> None:
    parts = [{"text": "a"}, {"image_url": "x"}, {"text": None}, {"text": "b"}]
    assert text_of({"content": parts}) == "a\nb"


def test_a_preview_of_parts_is_json() -> None:
    assert preview("abc") == "abc"
    assert preview([{"text": "é"}]) == json.dumps([{"text": "é"}], ensure_ascii=False)


PARTS = st.fixed_dictionaries(
    {},
    optional={
        "text": st.text(max_size=3) | st.integers() | st.floats() | st.none() | st.just([]),
        "refusal": st.text(max_size=3) | st.none(),
    },
)
CONTENTS = (
    st.text(max_size=5) | st.none() | st.lists(PARTS | st.text(max_size=2), max_size=3) | PARTS
)


@given(content=CONTENTS)
def test_what_is_read_quickly_is_what_is_said(content: object) -> None:
    item = {"role": "user", "content": content}
    data = json.dumps(item).encode()
    assert said_as_text(data, refusals=True) in (None, said_in(decode(data)))
    assert said_as_text(data, refusals=False) in (None, text_of(decode(data)))


def test_what_takes_a_closer_look_is_not_read_quickly() -> None:
    assert said_as_text(b'{"content": [{"text": 1}]}', refusals=True) is None
    assert said_as_text(b'{"content": 1}', refusals=True) is None
    assert said_as_text(b'["content"]', refusals=True) is None
    assert said_as_text(b'{"content"', refusals=True) is None
