"""Changes `config.toml`, and keeps the order, the comments and the spaces in it.

tomlkit is loaded only to write. If a change would make the file invalid, it is not written.
"""

import os
import stat
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Table

from convo_cli.config.checking import problems
from convo_cli.config.file import ConfigError, parsed, read_text
from convo_cli.config.names import dotted
from convo_cli.config.private_files import alone, require_regular, write_whole

Change = Callable[[tomlkit.TOMLDocument], None]


def change(path: Path, edit: Change) -> None:
    """Change the file while it is locked.

    Raises `ConfigError` if the change would add a mistake; earlier mistakes do not count.
    """
    try:
        make_folder(path.parent)
        require_regular(path)
        with alone(path):
            text = read_text(path) or ""
            try:
                document = tomlkit.parse(text)
            except TOMLKitError:
                # Its errors have line numbers and convo's own messages.
                parsed(path, text)
                raise
            before = {problem.message for problem in problems(document.unwrap())}
            edit(document)
            found = [problem.message for problem in problems(document.unwrap())]
            if added := [message for message in found if message not in before]:
                raise ConfigError(added)
            write_whole(path, tomlkit.dumps(document), _mode(path))
    except OSError as error:
        raise ConfigError([f"{path}: it cannot be written: {error.strerror}"]) from error


def set_value(path: Path, parts: Sequence[str], value: Any) -> None:
    """Set a key. Raises `ConfigError`."""

    def edit(document: tomlkit.TOMLDocument) -> None:
        place: Any = document
        for depth, part in enumerate(parts[:-1]):
            if part not in place:
                # Only the innermost table of `servers.local.url` has a header of its own.
                is_inside = isinstance(value, dict) or depth < len(parts) - 2
                place[part] = tomlkit.table(is_super_table=is_inside)
            place = place[part]
            if not isinstance(place, dict):
                raise ConfigError([f"'{dotted(parts[: depth + 1])}' has nothing inside of it"])
        place[parts[-1]] = _item(value)

    change(path, edit)


def table_text(path: Path, parts: Sequence[str]) -> str:
    """The text of a table without its header, but with comments."""
    place: Any = tomlkit.parse(read_text(path) or "")
    for part in parts:
        place = place[part]
    alone = tomlkit.document()
    for key, item in place.value.body:
        if isinstance(item, Table):
            # Otherwise the header of a nested table would have its full name.
            item.display_name = None
        alone.append(key, item)
    return f"{tomlkit.dumps(alone).strip()}\n"


def set_table(path: Path, parts: Sequence[str], text: str) -> None:
    """Replace the text of a table. Raises `ConfigError`."""
    try:
        edited = tomlkit.parse(text)
    except TOMLKitError as error:
        raise ConfigError([f"it is not TOML: {error}"]) from error
    table = tomlkit.table()
    for key, item in edited.body:
        table.append(key, item)

    def edit(document: tomlkit.TOMLDocument) -> None:
        place: Any = document
        for part in parts[:-1]:
            place = place[part]
        place[parts[-1]] = table

    change(path, edit)


def _item(value: Any, *, is_inside: bool = False) -> Any:
    """The TOML of a value: a table has one key a line, and a multi-line text keeps its lines."""
    if isinstance(value, dict):
        table: Any = tomlkit.inline_table() if is_inside else tomlkit.table()
        for key, one in value.items():
            table[key] = _item(one, is_inside=True)
        return table
    if isinstance(value, str) and "\n" in value:
        return tomlkit.string(value, multiline=True)
    return value


def remove(path: Path, parts: Sequence[str]) -> bool:
    """Remove a key or a whole table; return whether it existed."""
    was_there = False

    def edit(document: tomlkit.TOMLDocument) -> None:
        nonlocal was_there
        places: list[Any] = [document]
        for part in parts[:-1]:
            if not isinstance(places[-1], dict) or part not in places[-1]:
                return
            places.append(places[-1][part])
        if isinstance(places[-1], dict) and parts[-1] in places[-1]:
            was_there = True
            del places[-1][parts[-1]]
        for depth in range(len(places) - 1, 0, -1):
            if not places[depth]:
                del places[depth - 1][parts[depth - 1]]

    change(path, edit)
    return was_there


def make_folder(folder: Path) -> None:
    """Create the folder of the file, readable only by the user; an existing one is not changed."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def _mode(path: Path) -> int:
    """The mode of the file; a new one is private, because it may contain secrets."""
    try:
        return stat.S_IMODE(os.stat(path).st_mode)  # noqa: PTH116  links are followed
    except OSError:
        return 0o600


def with_case(text: str, case: Mapping[str, Any]) -> str:
    """The text of a set of cases with another case at its end; comments stay."""
    document = tomlkit.parse(text)
    table = tomlkit.table()
    for key, value in case.items():
        table[key] = _item(value, is_inside=True)
    cases = document.get("cases")
    if cases is None:
        cases = tomlkit.aot()
        cases.append(table)
        document["cases"] = cases
    elif isinstance(cases, AoT):
        last = cases[-1] if len(cases) else None
        if last is not None and not tomlkit.dumps(last).endswith("\n\n"):
            last.add(tomlkit.nl())
        cases.append(table)
    else:
        cases.append(_item(dict(case), is_inside=True))
    return tomlkit.dumps(document)
