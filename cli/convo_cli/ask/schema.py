"""The schema of an answer: a JSON Schema given as JSON, as a file, or in a short form.

The short form lists the fields of an object: `name, age int, tags list`. A type may follow the
name (text is the default), and a description may follow a colon. Commas separate the fields, or
newlines if descriptions contain commas.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from convo_cli.exits import UsageError
from convo_cli.reading import LARGEST, named_file, read_at_most
from convo_cli.turn.choice import ModelChoice, TurnOutcome

Schema = Mapping[str, Any]

_TYPES: Mapping[str, str] = {
    "str": "string",
    "string": "string",
    "text": "string",
    "int": "integer",
    "integer": "integer",
    "float": "number",
    "number": "number",
    "bool": "boolean",
    "boolean": "boolean",
}
_LIST = "list"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_SHORT = "the short form is like 'name, age int, tags list': "


def schema_of(given: str) -> Schema:
    """Parse a schema given as JSON, as the name of a file, or in the short form.

    A text that ends in `.json`, contains a slash, or is the name of an existing file counts as the
    name of a file. Raises `UsageError`.
    """
    text = given.strip()
    if text.startswith("{"):
        return _checked(text, "the schema")
    if _names_file(text):
        return _checked(_read(text), f"the schema in '{text}'")
    return short_schema(text)


def short_schema(given: str) -> Schema:
    """The JSON Schema of an object with these fields, all of them required. Raises `UsageError`."""
    fields: dict[str, Any] = {}
    for part in given.split("\n" if "\n" in given else ","):
        said, _, description = (piece.strip() for piece in part.partition(":"))
        words = said.split()
        if not words:
            if part.strip():
                raise UsageError(f"a field of the schema has no name: '{part.strip()}'")
            continue
        name, *kinds = words
        if not _NAME.fullmatch(name):
            raise UsageError(
                f"'{name}' is not a field name: letters, digits, _ and - can be in one"
            )
        if name in fields:
            raise UsageError(f"the schema has the field '{name}' twice")
        kind = _kind(name, kinds)
        fields[name] = {**kind, "description": description} if description else kind
    if not fields:
        raise UsageError("the schema has no fields", hint=f"{_SHORT}or name a file")
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def check_form(choice: ModelChoice, outcome: TurnOutcome) -> TurnOutcome:
    """The outcome with the schema that its answer was checked against. Raises `AnswerFormError`."""
    if choice.schema is None:
        return outcome
    # Imported here so that turns without a schema do not wait for it.
    from convo_cli.ask.answer_form import check_answer

    check_answer(choice.schema, outcome)
    run = outcome.run._replace(answer_schema=schema_text(choice.schema))
    return replace(outcome, run=run)


def schema_text(schema: Schema) -> str:
    """The schema as it is recorded."""
    return json.dumps(schema, ensure_ascii=False)


def recorded_schema(text: object) -> Schema | None:
    """The schema recorded in a database; None if the text is not a schema."""
    try:
        return _checked(text, "") if isinstance(text, str) else None
    except UsageError:
        return None


def _kind(name: str, words: list[str]) -> dict[str, Any]:
    if not words:
        return {"type": "string"}
    is_list = words[-1] == _LIST
    of = words[:-1] if is_list else words
    kind = _TYPES.get(of[0] if of else "string")
    if len(of) > 1 or kind is None:
        raise UsageError(
            f"the field '{name}' has no type '{' '.join(words)}'",
            hint="there are str, int, float and bool, and a list of each: `list`, `int list`",
        )
    return {"type": "array", "items": {"type": kind}} if is_list else {"type": kind}


def _names_file(text: str) -> bool:
    if text.endswith(".json") or "/" in text:
        return True
    try:
        return named_file(text).is_file()
    except (OSError, ValueError):
        return False


def _read(name: str) -> str:
    try:
        data = read_at_most(named_file(name), LARGEST)
        if len(data) > LARGEST:
            raise UsageError(f"the schema in '{name}' has more than {LARGEST:,} bytes")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"the schema in '{name}' is not UTF-8 text") from None
    except OSError as error:
        raise UsageError(f"the schema in '{name}' cannot be read: {error.strerror}") from error


def _checked(text: str, called: str) -> Schema:
    """Parse and check a schema. Raises `UsageError`."""
    try:
        schema = json.loads(text)
    except RecursionError:
        raise UsageError(f"{called} is nested too deeply") from None
    except ValueError as error:
        raise UsageError(f"{called} is not JSON: {error}") from None
    if not isinstance(schema, dict):
        raise UsageError(f"{called} is not a JSON Schema: that is an object")
    from convo.trials.json_schema import schema_problem

    if (problem := schema_problem(schema)) is not None:
        raise UsageError(f"{called} is not a JSON Schema: {problem}")
    return schema
