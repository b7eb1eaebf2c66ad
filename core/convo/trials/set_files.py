"""Reads sets of cases from TOML and JSON Lines files."""

import json
import os
import re
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from convo.errors import SetError
from convo.names import did_you_mean, slug
from convo.trials.cases import MOST, CaseSet, Given, cases_of

LARGEST = 100_000_000
"""The largest file that is read, in bytes."""

_SHOWN = 20
"""Mistakes that are told; a file of another program has one on every line."""

_SET_KEYS = ("name", "instructions", "judge_model", "checks", "cases")
_CASE = re.compile(r"^\s*\[\[\s*[\"']?cases[\"']?\s*\]\]", re.MULTILINE)
_LINE = re.compile(r"\(at line (\d+), column \d+\)$")

_FOREIGN: tuple[tuple[frozenset[str], str, str], ...] = (
    (
        frozenset({"input", "ideal"}),
        "OpenAI's evals",
        "jq -c '{messages: .input, contains: .ideal}'",
    ),
    (
        frozenset({"question", "answer"}),
        "questions and answers",
        "jq -c '{prompt: .question, contains: .answer}'",
    ),
    (
        frozenset({"instruction", "output"}),
        "instructions and outputs",
        "jq -c '{prompt: .instruction, judge: (\"It says the same as: \" + .output)}'",
    ),
    (
        frozenset({"vars"}),
        "promptfoo",
        "jq -c '{prompt: .vars.question, contains: .assert[0].value}', with the names of your vars",
    ),
    (
        frozenset({"custom_id", "body"}),
        "OpenAI's batches",
        "jq -c '{name: .custom_id, messages: .body.messages}', and give it checks",
    ),
)


def read_set(path: str | Path) -> CaseSet:
    """The set in a TOML or a JSON Lines file. Raises `SetError` with all mistakes."""
    file = Path(os.path.expanduser(path))  # noqa: PTH111  that of `Path` raises RuntimeError
    text = _text(file)
    if file.suffix in (".yaml", ".yml"):
        raise _unlike(file, "is YAML", "a set is a TOML or a JSON Lines file")
    begins = text.lstrip()[:2]
    if file.suffix == ".json" or (begins[:1] == "[" and begins != "[[" and file.suffix != ".toml"):
        raise _unlike(file, "is one JSON value", "a set has a case a line: jq -c '.[]'")
    return _toml(file, text) if is_toml(file, text) else _json_lines(file, text)


def is_toml(file: Path, text: str) -> bool:
    """Whether a file is TOML, by its name, or else by its text."""
    if file.suffix in (".jsonl", ".ndjson"):
        return False
    return file.suffix == ".toml" or not text.lstrip().startswith("{")


def _unlike(file: Path, what: str, hint: str) -> SetError:
    return SetError([f"{file} {what}, which is not understood"], hint=hint)


def _text(file: Path) -> str:
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise SetError([f"{file} is not a regular file"])
        with file.open("rb") as opened:
            data = opened.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise SetError([f"{file} cannot be read: {why}"]) from None
    if len(data) > LARGEST:
        raise SetError([f"{file} has more than {LARGEST:,} bytes"])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise SetError([f"{file}, line {line}: it is not UTF-8 text"]) from None


def _toml(file: Path, text: str) -> CaseSet:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        line = _LINE.search(said)
        where = f"{file}, line {line[1]}" if line else str(file)
        raise SetError([f"{where}: it is not TOML: {_LINE.sub('', said).strip()}"]) from None
    except RecursionError:
        raise SetError([f"{file}: it is nested too deeply"]) from None
    wrong = []
    for key in document:
        if key not in _SET_KEYS:
            near = did_you_mean(key, _SET_KEYS)
            hint = near or "; a case begins with [[cases]]"
            wrong.append(f"{file}: the key '{key}' is not understood{hint}")
    for key in ("name", "instructions", "judge_model"):
        if not isinstance(document.get(key, "x"), str) or not document.get(key, "x").strip():
            wrong.append(f"{file}: `{key}` is a text that is not empty")
    listed = document.get("cases", [])
    if not isinstance(listed, list):
        raise SetError([*wrong, f"{file}: `cases` is not a list: a case begins with [[cases]]"])
    lines = [text.count("\n", 0, found.end()) + 1 for found in _CASE.finditer(text)]
    numbered = len(lines) == len(listed)
    given = [
        Given(values, f"line {lines[number]}" if numbered else f"case {number + 1}")
        for number, values in enumerate(listed)
    ]
    return _set(file, document, given, wrong)


def _json_lines(file: Path, text: str) -> CaseSet:
    given: list[Given] = []
    wrong: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            given.append(Given(json.loads(line), f"line {number}"))
        except (ValueError, RecursionError) as error:
            why = getattr(error, "msg", None) or "it is nested too deeply"
            wrong.append(f"{file}, line {number}: it is not JSON: {why}")
    _refuse_foreign(file, given)
    return _set(file, {}, given, wrong)


def _refuse_foreign(file: Path, given: list[Given]) -> None:
    """Say how the cases of another program become ours."""
    first = given[0].values if given else None
    if not isinstance(first, Mapping) or {"prompt", "prompts", "messages", "turn"} & first.keys():
        return
    for keys, whose, command in _FOREIGN:
        if keys <= first.keys():
            raise _unlike(
                file,
                f"has cases as of {whose}, with {' and '.join(f'`{key}`' for key in sorted(keys))}",
                f"convert them, for instance with {command}",
            )


def _set(file: Path, document: Mapping[str, Any], given: list[Given], wrong: list[str]) -> CaseSet:
    if len(given) > MOST:
        raise SetError([f"{file} has {len(given):,} cases: a set has at most {MOST:,}"])
    cases, mistakes = cases_of(given, document, file.parent)
    wrong += [f"{file}, {mistake}" for mistake in mistakes]
    if wrong:
        more = [f"{file}: and {len(wrong) - _SHOWN:,} more mistakes"] if len(wrong) > _SHOWN else []
        raise SetError([*wrong[:_SHOWN], *more])
    if not cases:
        raise SetError([f"{file} has no cases"], hint="a case begins with [[cases]]")
    name = document.get("name") or file.stem
    return CaseSet(slug(name), cases, document.get("judge_model"), str(file))
