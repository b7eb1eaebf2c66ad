"""Reads checks as a file or a program gives them."""

import json
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from convo.names import did_you_mean
from convo.trials.checks import KINDS, TIMEOUT, Check, Kind, quoted, texts

_LONGEST_PATTERN = 10_000
_CHECK_KEYS = ("ignore_case", "not", "timeout", "model")
_SHELL = re.compile(r"[|&;<>$`*?~(){}\n]")


def checks_of(values: Mapping[str, Any], folder: Path | None) -> tuple[list[Check], list[str]]:
    """The checks of a case, in `checks` or by their own names, and the mistakes in them."""
    given: list[Any] = [{kind: values[kind]} for kind in KINDS if kind in values]
    listed = values.get("checks", [])
    if not isinstance(listed, list | tuple):
        return [], ["`checks` is a list of checks, as [{ contains = 'x' }]"]
    checks: list[Check] = []
    wrong: list[str] = []
    for one in [*given, *listed]:
        if isinstance(one, Check):
            checks.append(one)
            continue
        try:
            checks.append(check_of(one, folder))
        except ValueError as error:
            wrong.append(str(error))
    return checks, wrong


def check_of(given: Any, folder: Path | None = None) -> Check:
    """A check, given as `{"contains": "x"}`. Raises `ValueError`."""
    if not isinstance(given, Mapping):
        raise ValueError("a check is a table such as { contains = 'x' }")
    kinds = [key for key in given if key in KINDS]
    unknown = [str(key) for key in given if key not in (*KINDS, *_CHECK_KEYS)]
    if unknown:
        near = did_you_mean(unknown[0], [*KINDS, *_CHECK_KEYS])
        raise ValueError(f"a check has no {quoted(unknown[0])}{near}")
    if len(kinds) != 1:
        raise ValueError(f"a check has one of {', '.join(KINDS)}, not {len(kinds)} of them")
    kind = cast("Kind", kinds[0])
    for key in ("ignore_case", "not"):
        if not isinstance(given.get(key, False), bool):
            raise ValueError(f"`{key}` is true or false")
    timeout = given.get("timeout", TIMEOUT)
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout < 1e6:
        raise ValueError("`timeout` is a number of seconds above 0")
    model = given.get("model")
    if model is not None and not is_text(model):
        raise ValueError("`model` is the name of a model")
    return Check(
        kind,
        _value(kind, given[kind], folder),
        given.get("ignore_case", False),
        given.get("not", False),
        float(timeout),
        model,
        folder,
    )


def _value(kind: Kind, value: Any, folder: Path | None) -> Any:
    """The value of a check. Raises `ValueError`."""
    match kind:
        case "json-schema":
            return _schema(value, folder)
        case "command":
            return _command(value, folder)
        case "contains" | "equals":
            found = list(texts(value)) if isinstance(value, str | list | tuple) else []
            if not found or not all(isinstance(one, str) for one in found) or "" in found:
                raise ValueError(f"`{kind}` is a text, or a list of texts")
            return value if isinstance(value, str) else found
        case _:
            if not is_text(value):
                raise ValueError(f"`{kind}` is a text that is not empty")
            if kind == "regex":
                _check_pattern(value)
            return value


def _check_pattern(pattern: str) -> None:
    if len(pattern) > _LONGEST_PATTERN:
        raise ValueError(f"the pattern of `regex` has more than {_LONGEST_PATTERN:,} characters")
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"`regex` {quoted(pattern)} is not a pattern: {error}") from None


def _command(value: Any, folder: Path | None) -> list[str]:
    import shutil

    if isinstance(value, str):
        if _SHELL.search(value):
            raise ValueError(
                f"`command` {quoted(value)} is for a shell, and none runs it: write its words, as "
                '["sh", "-c", "…"]'
            )
        try:
            words = shlex.split(value)
        except ValueError as error:
            raise ValueError(f"`command` {quoted(value)} has no words: {error}") from None
    else:
        words = list(value) if isinstance(value, list | tuple) else []
    if not words or not all(isinstance(word, str) for word in words) or not words[0]:
        raise ValueError("`command` is the words of a command, the first its program")
    if any("\0" in word for word in words):
        raise ValueError("`command` has a zero byte, which no command can be given")
    program = words[0]
    is_path = "/" in program
    place = (folder or Path()) / program if is_path else program
    if shutil.which(place) is None:
        raise ValueError(f"the program of `command` is not there: {quoted(program)}")
    return [str(Path(place).absolute()), *words[1:]] if is_path else words


def _schema(value: Any, folder: Path | None) -> Any:
    if isinstance(value, str):
        file = (folder or Path()) / value
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise ValueError(f"the schema {quoted(value)} cannot be read: {why}") from None
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"the schema {quoted(str(file))} is not JSON: {error}") from None
    if not isinstance(value, Mapping):
        raise ValueError("`json-schema` is a JSON Schema, or the name of a file with one")
    from convo.trials.json_schema import schema_problem

    if problem := schema_problem(value):
        raise ValueError(f"`json-schema` is not a JSON Schema: {problem}")
    return dict(value)


def is_text(value: Any) -> bool:
    """Whether a value is a text that is not empty."""
    return isinstance(value, str) and bool(value.strip())
