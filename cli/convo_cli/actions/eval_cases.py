"""Makes a case of a set of a turn of a branch."""

import asyncio
import json
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from convo.errors import NameTakenError, SetError, TurnNotFoundError
from convo.history.transcript import TranscriptTurn
from convo.names import MAX_NAME_LENGTH, slug
from convo.store import ConversationStore
from convo.trials.cases import Given, cases_of
from convo.trials.replay import prompt_of
from convo.trials.set_files import is_toml, read_set
from convo_cli.config.private_files import write_whole
from convo_cli.exits import UsageError
from convo_cli.invocation import Invocation
from convo_cli.location import find_location
from convo_cli.output.report import report
from convo_cli.reading import named_file
from convo_cli.render.terminal.text import one_line


def add(
    invocation: Invocation,
    path: Path,
    source: str | None,
    turn: str,
    *,
    name: str | None,
    checks: Mapping[str, Any],
    copy: bool,
) -> None:
    """Make a case of a turn of a branch, and add it to the file of a set."""
    file = named_file(path)
    known = _names(file)
    if name is not None and name in known:
        raise NameTakenError(f"{file} has a case '{name}' already", hint="give another --name")
    session, branch, turns = asyncio.run(_read(invocation, source, turn))
    prompt = prompt_of(turns[-1])
    if not prompt.text.strip():
        raise TurnNotFoundError(f"turn {turns[-1].turn} of branch '{branch}' asks nothing in words")
    case: dict[str, Any] = {"name": name or _free(slug(prompt.text), known)}
    if copy:
        case |= _copied(turns)
    else:
        case |= {"session": session, "branch": branch, "turn": turns[-1].turn}
    if not checks and not (prompt.answer or "").strip():
        raise UsageError("the turn has no answer to compare with", hint="give a check: --contains")
    case |= checks or {"equals": prompt.answer}
    _, wrong = cases_of([Given(case, "the case")], {}, file.parent)
    if wrong:
        raise SetError(wrong)
    _write(file, case)
    names = ["contains" if kind == "checks" else kind for kind in checks or ["equals"]]
    kinds = ", ".join(f"`{kind}`" for kind in names) if checks else "the recorded answer"
    said = f"added the case '{one_line(case['name'])}' to {file}, which is checked by {kinds}"
    row = {"path": str(file), "case": case["name"], "checks": names}
    report(invocation, said, row)


def _names(file: Path) -> set[str]:
    """The names of the cases that a file has; none if there is no such file."""
    if not file.exists():
        return set()
    if not file.is_file() or not file.stat().st_size:
        return set()
    return {case.name for case in read_set(file).cases}


def _free(name: str, known: set[str]) -> str:
    number, free = 1, name
    while free in known:
        number += 1
        free = f"{name[:MAX_NAME_LENGTH]}-{number}"
    return free


async def _read(
    invocation: Invocation, source: str | None, turn: str
) -> tuple[str, str, list[TranscriptTurn]]:
    """The session and the branch, and its turns up to the one that is meant."""
    async with ConversationStore(invocation.settings.db) as store:
        location = await find_location(store, invocation.settings)
        branch = location.branch
        if source is not None:
            branch = await store.branch_called(location.session, source)
        number = await store.turn_called(location.session, branch, turn)
        turns = await store.transcript(location.session, branch, None, number)
    return location.session, branch, [one for one in turns if one.turn > 0]


def _copied(turns: list[TranscriptTurn]) -> dict[str, Any]:
    """The conversation up to the prompt, as messages of text, or the prompt alone."""
    messages: list[dict[str, str]] = []
    for turn in turns:
        prompt = prompt_of(turn)
        messages.append({"role": "user", "content": prompt.text})
        if turn is not turns[-1] and prompt.answer:
            messages.append({"role": "assistant", "content": prompt.answer})
    if len(messages) == 1:
        return {"prompt": messages[0]["content"]}
    return {"messages": messages}


def _write(file: Path, case: Mapping[str, Any]) -> None:
    try:
        text = file.read_text(encoding="utf-8-sig") if file.exists() else ""
        if is_toml(file, text):
            from convo_cli.config.writing import with_case

            text = with_case(text, case)
        else:
            text += "" if not text or text.endswith("\n") else "\n"
            text += json.dumps(case, ensure_ascii=False) + "\n"
        mode = stat.S_IMODE(file.stat().st_mode) if file.exists() else 0o644
        write_whole(file, text, mode)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error
