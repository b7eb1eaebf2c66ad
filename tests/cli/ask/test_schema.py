"""The form of an answer, as it is given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from convo.errors import ModelError
from convo.usage_records import RunRecord
from convo_cli.ask.schema import check_form, recorded_schema, schema_of
from convo_cli.exits import UsageError
from convo_cli.turn.choice import ModelChoice, TurnOutcome
from convo_cli.turn.errors import AnswerFormError
from convo_cli.wire.answer_form import is_strict

RUN = RunRecord("m", 1, 1, 1, 2)


def outcome(text: str, **how: Any) -> TurnOutcome:
    return TurnOutcome([], text, RUN, **how)


def checked(schema: dict[str, Any], text: str, **how: Any) -> TurnOutcome:
    return check_form(ModelChoice(schema=schema), outcome(text, **how))


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ("name", {"name": {"type": "string"}}),
        ("n int, x float", {"n": {"type": "integer"}, "x": {"type": "number"}}),
        ("ok bool,", {"ok": {"type": "boolean"}}),
        ("tags list", {"tags": {"type": "array", "items": {"type": "string"}}}),
        ("ns int list", {"ns": {"type": "array", "items": {"type": "integer"}}}),
        ("n int: how many", {"n": {"type": "integer", "description": "how many"}}),
        (
            "a: one, two\nb int",
            {"a": {"type": "string", "description": "one, two"}, "b": {"type": "integer"}},
        ),
    ],
)
def test_the_short_form(given: str, fields: dict[str, Any]) -> None:
    schema = schema_of(given)
    assert schema == {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }
    assert is_strict(schema)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "the schema has no fields"),
        ("a whatever", "the field 'a' has no type 'whatever'"),
        ("a int int", "the field 'a' has no type 'int int'"),
        ("a list list", "the field 'a' has no type 'list list'"),
        ("a, a int", "the schema has the field 'a' twice"),
        ("ä int", "'ä' is not a field name"),
        (": text", "a field of the schema has no name"),
        ("{", "the schema is not JSON"),
        ('{"type": "objekt"}', "the schema is not a JSON Schema: type: 'objekt'"),
        ("none.json", "the schema in 'none.json' cannot be read"),
        ('{"a":' * 30_000, "the schema is nested too deeply"),
    ],
)
def test_what_is_no_schema(given: str, said: str) -> None:
    with pytest.raises(UsageError, match=f"^{said}"):
        schema_of(given)


def test_a_file_has_a_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "person").write_text('{"type": "object"}')
    monkeypatch.chdir(tmp_path)
    assert schema_of("person") == schema_of(str(tmp_path / "person")) == {"type": "object"}
    (tmp_path / "list.json").write_text("[1]")
    with pytest.raises(UsageError, match=r"the schema in 'list.json' is not a JSON Schema"):
        schema_of("list.json")


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        ({"type": "object"}, False),
        ({"type": "array"}, False),
        ({"type": "object", "properties": {}, "required": []}, False),
        (
            {
                "type": "object",
                "properties": {"a": {"type": "object"}},
                "required": ["a"],
                "additionalProperties": False,
            },
            False,
        ),
        (
            {
                "type": "object",
                "properties": {"a": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/b"}]}},
                "required": ["a"],
                "additionalProperties": False,
                "$defs": {"b": {"type": "string"}},
            },
            True,
        ),
    ],
)
def test_a_server_is_asked_to_be_strict_where_it_can_be(
    schema: dict[str, Any], strict: bool
) -> None:
    assert is_strict(schema) is strict


N = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


def test_an_answer_that_fits_has_its_schema() -> None:
    done = checked(N, '{"n": 1}')
    assert json.loads(done.run.answer_schema or "") == N
    assert check_form(ModelChoice(), outcome("any")).run.answer_schema is None


@pytest.mark.parametrize(
    ("schema", "text", "said"),
    [
        (N, "one", "the answer is not JSON, and does not fit the schema"),
        (N, '{"n": NaN}', "the answer is not JSON, and does not fit the schema"),
        (N, "[" * 100_000, "the answer is not JSON, and does not fit the schema"),
        (N, '{"n": "1"}', "the answer does not fit the schema: n: '1' is not of type 'integer'"),
        (N, "{}", "the answer does not fit the schema: 'n' is a required property"),
        ({"$ref": "http://127.0.0.1:9/x"}, "1", "the schema refers to 'http://127.0.0.1:9/x'"),
        ({"$ref": "#"}, "1", "the answer cannot be checked: its schema has no end"),
    ],
)
def test_an_answer_that_does_not_fit(schema: dict[str, Any], text: str, said: str) -> None:
    with pytest.raises(AnswerFormError) as caught:
        checked(schema, text)
    assert str(caught.value).startswith(said)
    assert len(str(caught.value)) < 300


def test_half_an_answer_is_no_answer_of_another_form() -> None:
    with pytest.raises(ModelError, match="cut off") as caught:
        checked(N, '{"n": 1}', is_cut=True)
    assert not isinstance(caught.value, AnswerFormError)


@pytest.mark.parametrize("text", [None, 7, "", "[]", '{"type": 7}', "name, age"])
def test_what_a_database_has_in_its_place_is_no_schema(text: object) -> None:
    assert recorded_schema(text) is None
