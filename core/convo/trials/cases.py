"""The cases of a set: what is asked, and what the answer has to be.

A set is a TOML or a JSON Lines file, or is made by a program. All mistakes are found, and named
with their case, before any model is asked.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

from convo.errors import InvalidNameError, SetError
from convo.names import check_name, did_you_mean, slug
from convo.records import MAIN
from convo.trials.checks import KINDS, Check, quoted
from convo.trials.given_checks import checks_of, is_text

MOST = 100_000
"""The cases of one set: each is a branch."""

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
    shared, mistakes = checks_of(defaults, folder)
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
    # A key that is not understood may be the prompt or the check that is missing.
    wrong = _unknown(values)
    asks_wrongly = checks_wrongly = bool(wrong)
    checks, mistakes = checks_of(values, folder)
    checks_wrongly |= bool(mistakes)
    wrong += mistakes
    told, history, prompts, mistakes = _asked(values)
    asks_wrongly |= bool(mistakes)
    wrong += mistakes
    origin, mistakes = _origin(values)
    asks_wrongly |= bool(mistakes)
    wrong += mistakes
    if not asks_wrongly and not prompts and origin is None:
        wrong.append("it asks nothing: give it a `prompt`, or a `branch` and a `turn`")
    if not checks_wrongly and not (checks or shared):
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
        if not (isinstance(prompts, list | tuple) and prompts and all(map(is_text, prompts))):
            return None, [], [], ["`prompts` is a list of texts that are not empty"]
        return None, [], list(prompts), []
    prompt = _text(values, "prompt", wrong)
    return None, [], [] if prompt is None else [prompt], wrong


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
    if turn is not None and not is_number and not is_text(turn):
        wrong.append("`turn` is the number of a turn, from 1, or its tag")
    if wrong or turn is None:
        return None, wrong
    if "messages" in values:
        return None, ["`messages` and `turn` exclude each other: give one"]
    return Origin(session, branch or MAIN, turn), []
