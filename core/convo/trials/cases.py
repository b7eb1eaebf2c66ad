"""The cases of a set: what is asked, and what the answer has to be.

A set is a TOML or a JSON Lines file, or is made by a program. All mistakes are found, and named
with their case, before any model is asked.
"""

import hashlib
import json
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

from convo.errors import InvalidNameError, SetError
from convo.names import check_name, did_you_mean, slug
from convo.records import MAIN
from convo.trials.checks import KINDS, TIMEOUT, Check, Kind, quoted, texts

MOST = 100_000
"""The cases of one set: each is a branch."""

_LONGEST_PATTERN = 10_000
_CASE_KEYS = (
    "name",
    "prompt",
    "prompts",
    "messages",
    "instructions",
    "session",
    "branch",
    "turn",
    "checks",
)
_CHECK_KEYS = ("ignore_case", "not", "timeout", "model")
_SHELL = re.compile(r"[|&;<>$`*?~(){}\n]")
_ROLES = {"system": "instructions", "developer": "instructions", "user": "user"}


class Origin(NamedTuple):
    """The turn of a branch whose prompt is asked again, after the turns before it.

    `turn` is a number or a tag.
    """

    session_id: str | None
    branch_id: str
    turn: int | str


class Case(NamedTuple):
    """One case: the prompts that are asked in a row, and the checks of the last answer.

    It goes on from `history`, messages that are said to have been exchanged, or from the place of
    `origin`, whose own prompt is the first one if there are no `prompts`.
    """

    name: str
    prompts: Sequence[str]
    checks: Sequence[Check]
    instructions: str | None = None
    history: Sequence[Mapping[str, str]] = ()
    origin: Origin | None = None

    @property
    def digest(self) -> str:
        """A text that two cases share if they ask and check the same."""
        checks = [one._replace(folder=None) for one in self.checks]
        said = json.dumps([*self[1:2], checks, *self[3:]], default=str, ensure_ascii=True)
        return hashlib.sha256(said.encode()).hexdigest()[:16]


class CaseSet(NamedTuple):
    """A set of cases; `judge` is the model that judges, if a check names no other."""

    name: str
    cases: Sequence[Case]
    judge: str | None = None
    path: str | None = None

    @property
    def digest(self) -> str:
        """A text that two sets share if their cases are the same."""
        said = json.dumps([[case.name, case.digest] for case in self.cases])
        return hashlib.sha256(said.encode()).hexdigest()[:16]


class Given(NamedTuple):
    """A case as it was given, and its place in a message, as `line 3` or `case 2`."""

    values: Any
    place: str


def case_of(folder: Path | None = None, **values: Any) -> Case:
    """A case made by a program, with the keys of a file. Raises `SetError`."""
    made, wrong = cases_of([Given(values, "the case")], {}, folder)
    if wrong:
        raise SetError(wrong)
    return made[0]


def cases_of(
    given: Iterable[Given], defaults: Mapping[str, Any], folder: Path | None
) -> tuple[list[Case], list[str]]:
    """The cases, and their mistakes; `defaults` are the instructions and checks of all cases."""
    cases: list[Case] = []
    wrong: list[str] = []
    names: dict[str, str] = {}
    shared, mistakes = _checks(defaults, folder)
    wrong += mistakes
    for one in given:
        case, mistakes = _case(one.values, defaults, shared, folder)
        place = _placed(one)
        wrong += [f"{place}: {mistake}" for mistake in mistakes]
        if case is None:
            continue
        if case.name in names and "name" in one.values:
            wrong.append(f"{place}: {names[case.name]} has the name '{case.name}' too")
        case = case._replace(name=_unused(case.name, names))
        names[case.name] = one.place
        cases.append(case)
    return cases, wrong


def _placed(one: Given) -> str:
    name = one.values.get("name") if isinstance(one.values, Mapping) else None
    return f"{one.place}, {quoted(name)}" if isinstance(name, str) else one.place


def _unused(name: str, taken: Mapping[str, str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free


def _case(
    values: Any, defaults: Mapping[str, Any], shared: Sequence[Check], folder: Path | None
) -> tuple[Case | None, list[str]]:
    if not isinstance(values, Mapping):
        return None, ["a case is a table with a prompt and checks"]
    wrong = _unknown(values)
    checks, mistakes = _checks(values, folder)
    wrong += mistakes
    told, history, prompts, mistakes = _asked(values)
    wrong += mistakes
    origin, mistakes = _origin(values)
    wrong += mistakes
    if not wrong and not prompts and origin is None:
        wrong.append("it asks nothing: give it a `prompt`, or a `branch` and a `turn`")
    if not wrong and not (checks or shared):
        wrong.append(f"it has no check: give it one of {', '.join(KINDS)}")
    own = _text(values, "instructions", wrong)
    name = _text(values, "name", wrong)
    if name is not None:
        try:
            check_name("branch", name)
        except InvalidNameError as error:
            wrong.append(str(error).replace("branch name", "name of a case"))
    if wrong:
        return None, wrong
    instructions = own or told or cast("str | None", defaults.get("instructions"))
    made = name or slug(prompts[0] if prompts else f"{origin.branch_id} turn {origin.turn}")  # type: ignore[union-attr]
    asked = tuple(prompts), (*checks, *shared)
    return Case(made, *asked, instructions, tuple(history), origin), []


def _unknown(values: Mapping[str, Any]) -> list[str]:
    known = [*_CASE_KEYS, *KINDS]
    wrong = []
    for key in values:
        if key not in known:
            near = did_you_mean(str(key), known)
            wrong.append(f"the key {quoted(str(key))} is not understood{near}")
    return wrong


def _text(values: Mapping[str, Any], key: str, wrong: list[str]) -> str | None:
    value = values.get(key)
    if value is None:
        return None
    if isinstance(value, str) and value.strip():
        return value
    wrong.append(f"`{key}` is a text that is not empty")
    return None


def _asked(
    values: Mapping[str, Any],
) -> tuple[str | None, list[dict[str, str]], list[str], list[str]]:
    """The instructions, the history and the prompts of a case, and the mistakes in them."""
    wrong: list[str] = []
    given = [key for key in ("prompt", "prompts", "messages") if key in values]
    if len(given) > 1:
        return None, [], [], [f"`{given[0]}` and `{given[1]}` exclude each other: give one"]
    if "messages" in values:
        return _messages(values["messages"])
    if "prompts" in values:
        prompts = values["prompts"]
        if not (isinstance(prompts, list | tuple) and prompts and all(map(_is_text, prompts))):
            return None, [], [], ["`prompts` is a list of texts that are not empty"]
        return None, [], list(prompts), []
    prompt = _text(values, "prompt", wrong)
    return None, [], [] if prompt is None else [prompt], wrong


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _messages(given: Any) -> tuple[str | None, list[dict[str, str]], list[str], list[str]]:
    """Instructions, history and prompt of a list of messages, as many sets have them."""
    nothing: tuple[None, list[dict[str, str]], list[str]] = (None, [], [])
    if not isinstance(given, list | tuple) or not given:
        return *nothing, ["`messages` is a list of messages with a `role` and a `content`"]
    told: list[str] = []
    said: list[dict[str, str]] = []
    for number, message in enumerate(given, 1):
        role = message.get("role") if isinstance(message, Mapping) else None
        content = message.get("content") if isinstance(message, Mapping) else None
        if role not in (*_ROLES, "assistant") or not isinstance(content, str):
            return *nothing, [
                f"message {number} is not understood: it has a `role`, system, user or "
                "assistant, and a `content`, a text"
            ]
        if role in ("system", "developer"):
            told.append(content)
        else:
            said.append({"role": str(role), "content": content})
    if not said or said[-1]["role"] != "user" or not said[-1]["content"].strip():
        return *nothing, ["the last of the `messages` is not of the user: nothing is asked"]
    return "\n\n".join(told) or None, said[:-1], [said[-1]["content"]], []


def _origin(values: Mapping[str, Any]) -> tuple[Origin | None, list[str]]:
    wrong: list[str] = []
    session = _text(values, "session", wrong)
    branch = _text(values, "branch", wrong)
    turn = values.get("turn")
    if turn is None and (branch or session) and not wrong:
        wrong.append("`turn` is missing: the number of the turn that is asked again")
    is_number = isinstance(turn, int) and not isinstance(turn, bool) and turn >= 1
    if turn is not None and not is_number and not _is_text(turn):
        wrong.append("`turn` is the number of a turn, from 1, or its tag")
    if wrong or turn is None:
        return None, wrong
    if "messages" in values:
        return None, ["`messages` and `turn` exclude each other: give one"]
    return Origin(session, branch or MAIN, turn), []


def _checks(values: Mapping[str, Any], folder: Path | None) -> tuple[list[Check], list[str]]:
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
    if model is not None and not _is_text(model):
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
            if not _is_text(value):
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
