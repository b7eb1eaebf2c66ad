"""The SQL of convo, as named blocks in `.sql` files beside the functions that run them.

A block begins with a line `-- name: NAME` and ends with a semicolon at the end of a line. Only the
names of the two base tables vary; they are written `{sessions}` and `{messages}`. A block can
include another one as a subquery, `({its_name})`. A view would not do, because the author of an
untrusted file could have replaced it.

Blocks outside the folders of the engines work on SQLite 3.39 or newer and on PostgreSQL. Syntax
that differs between the two is written as a macro, `{name}` or `{name: one; other}`, which the
dialect of an engine replaces. The folder of an engine has the blocks for that engine only; one
with the name of a common block replaces it.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

_PACKAGE = Path(__file__).parent.parent
ENGINES = ("sqlite", "postgres")
"""The folders of the engines."""

_ROOMS = tuple(f"{room}/" for room in ENGINES)

_HEADER = "\n-- name: "
_OTHER = re.compile(r"\(\{(\w+)\}\)")
_DEEP = r"\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)"
VALUES_OF_ROW = re.compile(rf"\bVALUES \(((?:[^()]|{_DEEP})*)\)")
"""The values of the row of an INSERT, with parentheses among them."""

_MACRO = re.compile(r"\{(\w+)(?:: ([^{}]*))?\}")
_NAME = r":(\w+)"
_PLAIN_IDENTIFIER = re.compile(r"[^\W\d]\w*")


class Tables(NamedTuple):
    """The names of the base tables, as given by the caller."""

    sessions: str = "agent_sessions"
    messages: str = "agent_messages"


class Dialect(NamedTuple):
    """The SQL dialect of an engine: the folder of its blocks, and the text of each macro.

    The arguments of a macro replace the `{}` in its text.
    """

    room: str
    macros: Mapping[str, str]


def unquoted(identifier: str) -> str:
    """The name in an identifier: `"my table"` and `my_table` are both accepted.

    Raises `ValueError` if SQLite would not read it as one table name.
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
    """All named blocks in an engine's dialect, for one pair of base tables."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        sessions, messages = unquoted(tables.sessions), unquoted(tables.messages)
        self.tables = tables
        self._dialect = dialect
        self._named = {
            "{sessions}": _quoted(sessions),
            "{messages}": _quoted(messages),
            "{messages_index}": _quoted(f"idx_{messages}_session_id"),
            "{messages_time_index}": _quoted(f"idx_{messages}_session_time"),
        }
        self._blocks = _blocks(dialect.room)
        self._texts: dict[str, str] = {}
        """Those that have been asked for: a process runs few of them."""
        self._for_rows: dict[tuple[str, int], tuple[str, list[str]]] = {}

    def __getitem__(self, name: str) -> str:
        text = self._texts.get(name)
        if text is None:
            text = _in_words_of(self._dialect, _with_others(self._blocks[name], self._blocks))
            for place, table in self._named.items():
                text = text.replace(place, table)
            self._texts[name] = text
        return text

    def for_rows(self, name: str, count: int) -> tuple[str, list[str]]:
        """An INSERT for `count` rows, and the names of the values of each row."""
        known = self._for_rows.get((name, count))
        if known is None:
            before, row, after = VALUES_OF_ROW.split(self[name], maxsplit=1)
            one = f"({re.sub(_NAME, '?', row)})"
            statement = f"{before}VALUES {', '.join([one] * count)}{after}"
            known = self._for_rows[name, count] = statement, re.findall(_NAME, row)
        return known

    def names(self) -> list[str]:
        """The names of all blocks."""
        return list(self._blocks)

    def names_in(self, file: str) -> list[str]:
        """The names of the blocks of one file, such as `storage/tables`, in order."""
        return list(_files()[file])


@cache
def blocks_beginning(prefix: str) -> tuple[str, ...]:
    """The names of the common blocks with a prefix, in order."""
    return tuple(
        name
        for file, blocks in _files().items()
        if not file.startswith(_ROOMS)
        for name in blocks
        if name.startswith(prefix)
    )


@cache
def _blocks(room: str) -> dict[str, str]:
    """The blocks of an engine: its own, and the common ones that they do not replace."""
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
    return common | own


def _in_words_of(dialect: Dialect, block: str) -> str:
    def words(found: re.Match[str]) -> str:
        macro = dialect.macros.get(found[1])
        if macro is None:
            return found[0]
        return macro.format(*found[2].split("; ")) if found[2] else macro

    return _MACRO.sub(words, block)


def _with_others(block: str, blocks: dict[str, str]) -> str:
    """A block with the queries that it includes filled in, recursively."""

    def named(found: re.Match[str]) -> str:
        other = blocks.get(found[1])
        return found[0] if other is None else f"({_with_others(other, blocks)})"

    return _OTHER.sub(named, block)


@cache
def _files() -> dict[str, dict[str, str]]:
    """The blocks of each file, by folder and name."""
    files: dict[str, dict[str, str]] = {}
    for path in sorted(_PACKAGE.glob("*/*.sql")):
        files[f"{path.parent.name}/{path.stem}"] = blocks_in(path)
    return files


def blocks_in(path: Path) -> dict[str, str]:
    """The named blocks of one file, as they stand there."""
    # Every process reads all files, so without a regular expression.
    parts = ("\n" + path.read_text(encoding="utf-8")).split(_HEADER)[1:]
    named = [part.partition("\n") for part in parts]
    return {name.rstrip(): _statement(body) for name, _, body in named}


def _statement(body: str) -> str:
    """The statement of a block, without the comments after it."""
    end = body.index(";\n")
    while body[body.rfind("\n", 0, end) + 1 : end].lstrip().startswith("--"):
        end = body.index(";\n", end + 1)
    return body[:end].strip()
