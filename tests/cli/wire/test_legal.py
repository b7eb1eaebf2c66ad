"""Texts and arguments that every server takes."""

import json

import pytest

from convo_cli.wire.legal import legal, legal_arguments, legal_name


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("café", "café"),
        ("caf\udce9", "caf\ufffd"),
        ("\ud83d\ude00", "\U0001f600"),
        ("\udc00\ud800", "\ufffd\ufffd"),
        ({"\ud800": ["\udfff", 1, None, True]}, {"\ufffd": ["\ufffd", 1, None, True]}),
    ],
)
def test_lone_surrogates(given: object, sent: object) -> None:
    assert legal(given) == sent
    json.dumps(legal(given), ensure_ascii=False).encode()


@pytest.mark.parametrize("whole", ["{}", '{"a":  1}', '{"a": "\\u00e9"}', ' {"b": [{}]}'])
def test_arguments_that_are_json_go_as_the_model_wrote_them(whole: str) -> None:
    assert legal_arguments(whole) == whole


@pytest.mark.parametrize(
    "broken",
    ["", "{", '{"a', "[]", "null", '"{}"', '{"a": NaN}', "{'a': 1}", "[" * 100_000, None, 7],
)
def test_arguments_that_are_no_object_are_none(broken: object) -> None:
    assert legal_arguments(broken) == "{}"


def test_arguments_that_spell_half_a_character() -> None:
    assert json.loads(legal_arguments('{"\\ud800": "\\udce9"}')) == {"\ufffd": "\ufffd"}
    assert legal_arguments({"a": "é"}) == '{"a": "é"}'


def test_names() -> None:
    assert legal_name("look_up-2") == "look_up-2"
    assert legal_name("srv.lo\udceak") == "srv_lo_k"
    assert (legal_name(""), legal_name(None)) == ("unknown_tool", "unknown_tool")
    assert len(legal_name("x" * 100)) == 64
