"""The SQL of convo, as named blocks in `.sql` files beside the functions that run them.

A block begins with a line `-- name: NAME` and ends with a semicolon at the end of a line. The names
of the two base tables are the only thing that varies; they stand as `{sessions}` and `{messages}`.
A block that others read from stands in them as `({its_name})`. It is no view in the file, because
whoever made the file could have put another one there.

Blocks outside the rooms of the engines are what both SQLite, from 3.39 on, and PostgreSQL take.
What the two say in different ways stands in them as a macro, `{name}` or `{name: one; other}`, for
which the dialect of an engine has the words. The room of an engine has the blocks that are that
engine's alone; one that has the name of a common block takes its place.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

_PACKAGE = Path(__file__).parent.parent
ENGINES = ("sqlite",)
"""The rooms of the engines."""

_ROOMS = tuple(f"{room}/" for room in ENGINES)

_HEADER = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)
_OTHER = re.compile(r"\(\{(\w+)\}\)")
_ROW = re.compile(r"\bVALUES (\([^()]*\))")
_MACRO = re.compile(r"\{(\w+)(?:: ([^{}]*))?\}")
_NAME = re.compile(r":(\w+)")
_PLAIN_IDENTIFIER = re.compile(r"[^\W\d]\w*")


class Tables(NamedTuple):
    """The names of the base tables, as the caller gave them."""

    sessions: str = "agent_sessions"
    messages: str = "agent_messages"


class Dialect(NamedTuple):
    """An engine's way to say things: the room of its blocks, and its words for each macro.

    Arguments of a macro take the places of `{}` in its words.
    """

    room: str
    macros: Mapping[str, str]


def unquoted(identifier: str) -> str:
    """The name that an identifier stands for: `"my table"` and `my_table` are both accepted.

    Raises `ValueError` for what SQLite would not read as one table name.
    """
    if _PLAIN_IDENTIFIER.fullmatch(identifier):
        return identifier
    if len(identifier) > 2 and identifier[0] == identifier[-1] == '"':
        inner = identifier[1:-1]
        if '"' not in inner.replace('""', ""):
            return inner.replace('""', '"')
    raise ValueError(
        f"{identifier!r} is not a table name: use letters, digits and _, or put it in double quotes"
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class Statements:
    """Every named block in an engine's dialect, ready to run against one pair of base tables."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        sessions, messages = unquoted(tables.sessions), unquoted(tables.messages)
        self.tables = tables
        named = {
            "{sessions}": _quoted(sessions),
            "{messages}": _quoted(messages),
            "{messages_index}": _quoted(f"idx_{messages}_session_id"),
        }
        self._blocks = dict(_blocks(dialect.room))
        self._for_rows: dict[tuple[str, int], tuple[str, list[str]]] = {}
        for block, text in self._blocks.items():
            text = _in_words_of(dialect, text)
            for place, name in named.items():
                text = text.replace(place, name)
            self._blocks[block] = text

    def __getitem__(self, name: str) -> str:
        return self._blocks[name]

    def for_rows(self, name: str, count: int) -> tuple[str, list[str]]:
        """An INSERT for so many rows, and the names of the values that it takes for each."""
        known = self._for_rows.get((name, count))
        if known is None:
            before, row, after = _ROW.split(self[name], maxsplit=1)
            one = _NAME.sub("?", row)
            statement = f"{before}VALUES {', '.join([one] * count)}{after}"
            known = self._for_rows[name, count] = statement, _NAME.findall(row)
        return known

    def names(self) -> list[str]:
        """The names of all blocks."""
        return list(self._blocks)

    def names_in(self, file: str) -> list[str]:
        """The names of the blocks of one file, such as `sqlite/schema`, in order."""
        return list(_files()[file])


@cache
def blocks_beginning(prefix: str) -> tuple[str, ...]:
    """The names of the common blocks that begin so, in order."""
    return tuple(
        name
        for file, blocks in _files().items()
        if not file.startswith(_ROOMS)
        for name in blocks
        if name.startswith(prefix)
    )


@cache
def _blocks(room: str) -> dict[str, str]:
    """The blocks of an engine: the common ones, but its own in the place of those of that name."""
    common: dict[str, str] = {}
    own: dict[str, str] = {}
    for file, of_file in _files().items():
        if file.startswith(_ROOMS) and not file.startswith(f"{room}/"):
            continue
        blocks = own if file.startswith(_ROOMS) else common
        for name, block in of_file.items():
            if name in blocks:
                raise ValueError(f"two SQL blocks are named {name!r}; one is in {file}.sql")
            blocks[name] = block
    blocks = common | own
    return {name: _with_others(block, blocks) for name, block in blocks.items()}


def _in_words_of(dialect: Dialect, block: str) -> str:
    def words(found: re.Match[str]) -> str:
        macro = dialect.macros.get(found[1])
        if macro is None:
            return found[0]
        return macro.format(*found[2].split("; ")) if found[2] else macro

    return _MACRO.sub(words, block)


def _with_others(block: str, blocks: dict[str, str]) -> str:
    """A block with the queries in it that it names, and those that they name."""

    def named(found: re.Match[str]) -> str:
        other = blocks.get(found[1])
        return found[0] if other is None else f"({_with_others(other, blocks)})"

    return _OTHER.sub(named, block)


@cache
def _files() -> dict[str, dict[str, str]]:
    """The blocks of each file, by its room and its name."""
    files: dict[str, dict[str, str]] = {}
    for path in sorted(_PACKAGE.glob("*/*.sql")):
        parts = _HEADER.split(path.read_text(encoding="utf-8"))[1:]
        pairs = zip(parts[::2], parts[1::2], strict=True)
        file = f"{path.parent.name}/{path.stem}"
        files[file] = {name: _statement(body) for name, body in pairs}
    return files


def _statement(body: str) -> str:
    """What a block says, without what stands between it and the next."""
    end = body.index(";\n")
    while body[body.rfind("\n", 0, end) + 1 : end].lstrip().startswith("--"):
        end = body.index(";\n", end + 1)
    return body[:end].strip()
