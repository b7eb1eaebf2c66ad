"""Changes `config.toml` and keeps what its user has written there: order, comments, spaces.

Only what writes loads tomlkit. A file that would be wrong after a change stays as it was.
"""

import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from convo_cli.config.checking import problems
from convo_cli.config.file import ConfigError, parsed, read_text
from convo_cli.config.names import dotted
from convo_cli.config.private_files import alone, write_whole

Change = Callable[[tomlkit.TOMLDocument], None]


def change(path: Path, edit: Change) -> None:
    """Have a change made to the file, which other processes do not write at the same time.

    Raises `ConfigError` where it would be wrong then; what was wrong before does not count.
    """
    try:
        make_folder(path.parent)
        with alone(path):
            text = read_text(path) or ""
            try:
                document = tomlkit.parse(text)
            except TOMLKitError:
                # It says on which lines, and with our words.
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
                # Only the innermost table of `servers.local.url` has a line of its own.
                is_inside = isinstance(value, dict) or depth < len(parts) - 2
                place[part] = tomlkit.table(is_super_table=is_inside)
            place = place[part]
            if not isinstance(place, dict):
                raise ConfigError([f"'{dotted(parts[: depth + 1])}' has nothing inside of it"])
        place[parts[-1]] = _item(value)

    change(path, edit)


def table_text(path: Path, parts: Sequence[str]) -> str:
    """The text of a table without its head, comments included."""
    place: Any = tomlkit.parse(read_text(path) or "")
    for part in parts:
        place = place[part]
    alone = tomlkit.document()
    for key, item in place.value.body:
        if isinstance(item, Table):
            # The head of a table in it has the name of the whole else.
            item.display_name = None
        alone.append(key, item)
    return f"{tomlkit.dumps(alone).strip()}\n"


def set_table(path: Path, parts: Sequence[str], text: str) -> None:
    """Put another text in the place of a table. Raises `ConfigError`."""
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
    """A value as it is written: a table has a line to a key, and a text the lines that it has."""
    if isinstance(value, dict):
        table: Any = tomlkit.inline_table() if is_inside else tomlkit.table()
        for key, one in value.items():
            table[key] = _item(one, is_inside=True)
        return table
    if isinstance(value, str) and "\n" in value:
        return tomlkit.string(value, multiline=True)
    return value


def remove(path: Path, parts: Sequence[str]) -> bool:
    """Remove a key, or a table with all that is in it; return whether it was there."""
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
    """Make the folder of the file, for its user alone; one that is there stays as it is."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def _mode(path: Path) -> int:
    """The mode that the file has, or gets: it may have what others are not to read."""
    try:
        return stat.S_IMODE(os.stat(path).st_mode)  # noqa: PTH116  links are followed
    except OSError:
        return 0o600
